import Core
import RunArtifacts
import TestSupport
import Testing

@testable import RunControl

struct LogTailTests {
  private let project: RunProject
  private let directory: RunDirectory
  private var place: String { Path.relative(directory.path, to: project.path) }

  init() throws {
    project = try RunProject()
    directory = try project.run("r")
    try project.scratch.write("\(place)/console.log", "a1\na2\nE1\na3\nb1\nB2\nb3")
    try project.scratch.write("\(place)/.jobs/a/segments", "o 0 6\ne 6 3\no 9 3\n")
    try project.scratch.write("\(place)/.jobs/b/segments", "o 12 3\ne 15 3\no 18 2\n")
  }

  private func text(
    _ job: String? = nil, _ streams: Set<OutputStreamName> = [.stdout, .stderr],
    tail lines: Int? = nil
  ) -> String {
    var tail = LogTail(directory, jobID: job, streams: streams)
    if let lines { tail.skip(toLast: lines) }
    var bytes: [UInt8] = []
    while case let pieces = tail.next(), !pieces.isEmpty { bytes += pieces.flatMap(\.bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `the output of all starts comes in its order, or that of one job or stream`() {
    #expect(text() == "a1\na2\nE1\na3\nb1\nB2\nb3")
    #expect(text("a") == "a1\na2\nE1\na3\n")
    #expect(text(nil, [.stderr]) == "E1\nB2\n")
    #expect(text("b", [.stdout]) == "b1\nb3")
    #expect(text("missing") == "")
  }

  @Test(arguments: [
    (0, ""), (1, "b3"), (2, "B2\nb3"), (3, "b1\nB2\nb3"), (4, "a3\nb1\nB2\nb3"),
    (100, "a1\na2\nE1\na3\nb1\nB2\nb3"),
  ])
  func `a tail is the last lines, whatever stream they came from`(_ lines: Int, _ expected: String)
  {
    #expect(text(tail: lines) == expected)
  }

  @Test(arguments: [(0, ""), (1, "a3\n"), (2, "E1\na3\n"), (3, "a2\nE1\na3\n")])
  func `a newline at the end closes the last line`(_ lines: Int, _ expected: String) {
    #expect(text("a", tail: lines) == expected)
  }

  @Test func `what grows is handed out once, also behind a tail`() throws {
    var tail = LogTail(directory, jobID: nil, streams: [.stdout, .stderr])
    tail.skip(toLast: 1)
    #expect(tail.next().map(\.offset) == [18])
    #expect(tail.next().isEmpty)
    try project.scratch.write("\(place)/console.log", "a1\na2\nE1\na3\nb1\nB2\nb3!\n")
    try project.scratch.write("\(place)/.jobs/b/segments", "o 12 3\ne 15 3\no 18 2\no 20 2\n")
    #expect(tail.next().map { String(decoding: $0.bytes, as: UTF8.self) } == ["!\n"])
  }

  @Test func `a long piece is handed out in steps`() throws {
    let size = 2 * LogTail.stepBytes + 5
    try project.scratch.write("\(place)/console.log", String(repeating: "x", count: size))
    try project.scratch.write("\(place)/.jobs/a/segments", "o 0 \(size)\n")
    try project.scratch.write("\(place)/.jobs/b/segments", "")
    var tail = LogTail(directory, jobID: nil, streams: [.stdout])
    var sizes: [Int] = []
    while case let pieces = tail.next(), !pieces.isEmpty {
      sizes.append(pieces.reduce(0) { $0 + $1.bytes.count })
    }
    #expect(sizes == [LogTail.stepBytes, LogTail.stepBytes, 5])
  }
}
