#include "shims_zlib.h"

#include <string.h>
#include <zlib.h>

size_t agentv_deflate_bound(size_t count) {
  // deflateBound(3) for a raw stream with the default memory level, and the empty block of the flush.
  return count + (count >> 12) + (count >> 14) + (count >> 25) + 64;
}

size_t agentv_deflate(const uint8_t *input, size_t count, uint8_t *output, size_t capacity,
                      int level) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  stream.next_in = (Bytef *)input;
  stream.avail_in = (uInt)count;
  stream.next_out = output;
  stream.avail_out = (uInt)capacity;
  int result = deflate(&stream, Z_SYNC_FLUSH);
  size_t written = result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0
                       ? capacity - stream.avail_out
                       : 0;
  deflateEnd(&stream);
  return written;
}

uint32_t agentv_crc32(uint32_t crc, const uint8_t *input, size_t count) {
  return (uint32_t)crc32(crc, input, (uInt)count);
}
