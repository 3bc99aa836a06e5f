import HTTPServer
import Testing

@Suite struct GzipTests {
  @Test(
    arguments: [
      (nil, false), ("", false), ("gzip", true), ("deflate, gzip;q=0.5", true), ("gzip;q=0", false),
      ("GZIP", true), ("*", true), ("br", false), ("gzip ; q=0.0", false), ("identity", false),
    ] as [(String?, Bool)])
  func `a client accepts the coding when it says so`(_ header: String?, _ isAccepted: Bool) {
    #expect(Gzip.isAccepted(header) == isAccepted)
  }

  @Test func `a body in pieces has the frame of one body`() {
    var gzip = Gzip()
    let bytes = gzip.add(Array("hello ".utf8)) + gzip.add(Array("world".utf8)) + gzip.finish()
    #expect(bytes.starts(with: [0x1F, 0x8B, 8]))
    // Checksum and length of "hello world", little endian.
    #expect(bytes.suffix(8) == [0x85, 0x11, 0x4A, 0x0D, 11, 0, 0, 0])
    #expect(Gzip.compress([]).suffix(8) == [0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func `what repeats becomes small`() {
    let body = Array(String(repeating: "{\"test_id\":\"a\"},", count: 10_000).utf8)
    #expect(Gzip.compress(body).count < body.count / 50)
  }
}
