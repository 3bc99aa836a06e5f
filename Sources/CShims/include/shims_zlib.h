#pragma once
#include <stddef.h>
#include <stdint.h>

/// Largest output of `agentv_deflate` for an input of `count` bytes.
size_t agentv_deflate_bound(size_t count);

/// Compresses `count` bytes into raw deflate blocks that end on a byte boundary (RFC 1951): what
/// several calls give, one after the other, is one stream once a last block is added.
/// Returns the number of bytes written, 0 when zlib refuses.
size_t agentv_deflate(const uint8_t *_Nonnull input, size_t count, uint8_t *_Nullable output, size_t capacity, int level);

/// Continues a CRC-32 (RFC 1952 §8); the first one continues 0.
uint32_t agentv_crc32(uint32_t crc, const uint8_t *_Nonnull input, size_t count);
