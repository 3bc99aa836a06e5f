// What is kept of an output: in memory, and in console.log.

import Core
import TestSupport
import Testing

@testable import Supervisor

@Suite struct OutputTests {
  private func kept(_ limit: Int, _ chunks: [String]) -> CapturedOutput {
    var buffer = OutputBuffer(limitBytes: limit)
    for chunk in chunks { buffer.append(Array(chunk.utf8)) }
    return buffer.output(lateBytes: 0, wasHeldOpen: false)
  }

  @Test func `output within the limit is kept whole`() {
    let output = kept(10, ["abc", "", "defghij"])
    #expect(output.text == "abcdefghij")
    #expect(output.cutBytes == 0)
  }

  @Test(arguments: [["0123456789abcdef"], ["0123", "456789a", "bcdef"], ["0123456789", "abcdef"]])
  func `of more than the limit the first and the last half are kept`(chunks: [String]) {
    let output = kept(10, chunks)
    #expect(output.text == "01234\n[6 bytes left out]\nbcdef")
    #expect(output.bytes == Array("01234bcdef".utf8))
    #expect(output.cutBytes == 6)
    #expect(output.cutOffset == 5)
  }

  @Test func `a limit of nothing keeps nothing and counts all`() {
    let output = kept(0, ["abc", "de"])
    #expect(output.bytes.isEmpty)
    #expect(output.cutBytes == 5)
  }

  @Test func `invalid UTF-8 is replaced in the text and kept in the bytes`() {
    var buffer = OutputBuffer(limitBytes: 100)
    buffer.append([0x61, 0xFF, 0x62])
    let output = buffer.output(lateBytes: 0, wasHeldOpen: false)
    #expect(output.bytes == [0x61, 0xFF, 0x62])
    #expect(output.text == "a\u{FFFD}b")
  }

  @Test func `the console is appended to and its segments say whose bytes are where`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("console.log", "before\n")
    var console = try Console(log: directory.file("console.log"), segments: directory.file("seg"))
    console.append(.stdout, Array("out\n".utf8))
    console.append(.stderr, Array("error\n".utf8))
    console.append(.stdout, [])
    console.finish()
    #expect(try text(directory.file("console.log")) == "before\nout\nerror\n")
    #expect(try text(directory.file("seg")) == "o 7 4\ne 11 6\n")
    #expect(console.writtenBytes == 10)
    #expect(console.cutBytes == 0)
  }

  @Test func `a console that is full keeps the end and says what is missing`() throws {
    let directory = try TemporaryDirectory()
    var console = try Console(
      log: directory.file("console.log"), segments: directory.file("seg"), headLimitBytes: 8,
      tailLimitBytes: 4)
    for chunk in ["01234", "56789", "ab", "cdef", "gh"] {
      console.append(.stdout, Array(chunk.utf8))
    }
    console.finish()
    #expect(
      try text(directory.file("console.log"))
        == "01234567\n[agentv: 6 bytes of output left out here]\nefgh")
    #expect(console.cutBytes == 6)
    let segments = try text(directory.file("seg")).split(separator: "\n")
    #expect(segments.first == "o 0 5")
    #expect(segments.last == "o 53 2")
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try FileIO.read(path), as: UTF8.self)
  }
}
