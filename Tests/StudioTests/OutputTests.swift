import Core
import RunControl
import TestSupport
import Testing

@testable import Studio

struct OutputTests {
  @Test func `a character cut by two chunks comes whole with the second`() {
    var decoder = OutputDecoder(stream: .stdout, tailLimit: 100)
    let bytes = Array("é€😀".utf8)
    var text = ""
    var offset = 0
    for byte in bytes {
      if let piece = decoder.decode([byte], offset: offset) {
        #expect(piece.end == offset + 1)
        text += piece.text
      }
      offset += 1
    }
    #expect(text == "é€😀")
    #expect(decoder.visibleTail == "é€😀")
  }

  @Test func `invalid bytes are replaced and control sequences kept`() {
    var decoder = OutputDecoder(stream: .stderr, tailLimit: 100)
    let piece = decoder.decode([0x41, 0xFF, 0x1B, 0x5B, 0x33, 0x31, 0x6D], offset: 10)
    #expect(piece?.text == "A\u{FFFD}\u{1B}[31m")
    #expect(piece?.offset == 10 && piece?.end == 17)
  }

  @Test func `a cut character at the very end is told as replaced`() {
    var decoder = OutputDecoder(stream: .stdout, tailLimit: 100)
    #expect(decoder.decode([0xE2, 0x82], offset: 0) == nil)
    #expect(decoder.finish(at: 2)?.text == "\u{FFFD}")
    #expect(decoder.finish(at: 2) == nil)
  }

  @Test func `behind a gap nothing of the old character is used`() {
    var decoder = OutputDecoder(stream: .stdout, tailLimit: 100)
    #expect(decoder.decode([0xE2], offset: 0) == nil)
    let piece = decoder.decode(Array("x".utf8), offset: 500, skippedBytes: 499)
    #expect(piece?.text == "x" && piece?.offset == 500 && piece?.skippedBytes == 499)
  }

  @Test func `the tail keeps the last characters in UTF-16 units`() {
    var decoder = OutputDecoder(stream: .stdout, tailLimit: 5)
    _ = decoder.decode(Array(String(repeating: "a", count: 50).utf8), offset: 0)
    _ = decoder.decode(Array("bcdef".utf8), offset: 50)
    #expect(decoder.visibleTail == "bcdef")
    #expect(OutputDecoder.last(2, of: "x😀y") == "y", "half a pair is no character")
    #expect(OutputDecoder.last(3, of: "x😀y") == "😀y")
  }

  @Test func `segments of one stream that touch become one`() {
    let text = "o 0 10\no 10 5\ne 15 2\nbad\no 17 0\no 17 3\no 20"
    let (segments, consumed) = OutputSegments.parse(Array(text.utf8))
    #expect(
      segments == [
        OutputSegment(stream: .stdout, offset: 0, length: 15),
        OutputSegment(stream: .stderr, offset: 15, length: 2),
        OutputSegment(stream: .stdout, offset: 17, length: 3),
      ])
    #expect(consumed == text.utf8.count - 4, "a torn last line stays")
  }

  @Test func `of a flood the newest part is kept and the rest counted for its stream`() {
    let segments = [
      OutputSegment(stream: .stdout, offset: 0, length: 100),
      OutputSegment(stream: .stderr, offset: 100, length: 10),
      OutputSegment(stream: .stdout, offset: 110, length: 20),
    ]
    let (kept, skipped) = OutputSegments.newest(segments, limit: 25)
    #expect(
      kept == [
        OutputSegment(stream: .stderr, offset: 105, length: 5),
        OutputSegment(stream: .stdout, offset: 110, length: 20),
      ])
    #expect(skipped == [.stdout: 100, .stderr: 5])
  }

  @Test func `the output of a job is read as it grows`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("segments", "o 0 6\n")
    try directory.write("console.log", "hello\n")
    var tail = OutputTail(
      segmentsPath: "\(directory.path)/segments", consolePath: "\(directory.path)/console.log")
    #expect(tail.read().map { String(decoding: $0.bytes, as: UTF8.self) } == ["hello\n"])
    #expect(tail.read().isEmpty)
    try directory.write("console.log", "hello\noops\n")
    try directory.write("segments", "o 0 6\ne 6 5\n")
    let pieces = tail.read()
    #expect(pieces.map(\.stream) == [.stderr] && pieces.map(\.offset) == [6])
  }
}
