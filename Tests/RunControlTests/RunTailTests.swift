import Core
import RunArtifacts
import TestSupport
import Testing

@testable import RunControl

struct RunTailTests {
  private func row(_ id: String) -> String {
    #"{"test_id":"\#(id)","target":"t","score":1,"execution_status":"ok"}"#
  }

  private func ids(_ changes: RunChanges) -> [String] { changes.rows.map(\.identity.testID) }

  @Test func `only whole lines are told, each once`() throws {
    let directory = try TemporaryDirectory()
    var tail = RunTail(RunDirectory(path: directory.path, project: "/"))
    #expect(tail.read().isEmpty)
    try directory.write("index.jsonl", row("a") + "\n" + row("b").prefix(20))
    #expect(ids(tail.read()) == ["a"])
    #expect(tail.read().isEmpty)
    try directory.write(
      "index.jsonl", row("a") + "\n" + row("b") + "\nnot json\n" + row("c") + "\n")
    #expect(ids(tail.read()) == ["b", "c"])
  }

  @Test func `a torn line that the next writer cut off does not come back`() throws {
    let directory = try TemporaryDirectory()
    var tail = RunTail(RunDirectory(path: directory.path, project: "/"))
    try directory.write("index.jsonl", row("a") + "\n{\"test_id\":\"to")
    #expect(ids(tail.read()) == ["a"])
    try directory.write("index.jsonl", row("a") + "\n")
    #expect(tail.read().isEmpty)
    try directory.write("index.jsonl", row("a") + "\n" + row("b") + "\n")
    let changes = tail.read()
    #expect(ids(changes) == ["b"] && !changes.isReset)
  }

  @Test func `an index that was started anew is told from its beginning`() throws {
    let directory = try TemporaryDirectory()
    var tail = RunTail(RunDirectory(path: directory.path, project: "/"))
    try directory.write("index.jsonl", row("a") + "\n" + row("b") + "\n")
    _ = tail.read()
    try directory.write("index.jsonl", row("c") + "\n")
    let changes = tail.read()
    #expect(changes.isReset && ids(changes) == ["c"])
  }

  @Test func `a long index is read in steps`() throws {
    let directory = try TemporaryDirectory()
    let long = String(repeating: "x", count: 1000)
    let count = 3 * RunTail.stepBytes / 1000
    let text = (0..<count).map { row("\($0)-\(long)") + "\n" }.joined()
    try directory.write("index.jsonl", text)
    var tail = RunTail(RunDirectory(path: directory.path, project: "/"))
    var total = 0
    var looks = 0
    var hasMore = true
    while hasMore {
      let changes = tail.read()
      total += changes.rows.count
      hasMore = changes.hasMore
      looks += 1
    }
    #expect(total == count && looks > 2)
  }

  @Test func `a line longer than a step is read whole`() throws {
    let directory = try TemporaryDirectory()
    let id = String(repeating: "y", count: 2 * RunTail.stepBytes)
    try directory.write("index.jsonl", row(id) + "\n")
    var tail = RunTail(RunDirectory(path: directory.path, project: "/"))
    #expect(ids(tail.read()) == [id])
  }

  @Test func `the plan is read when it is written`() throws {
    let directory = try TemporaryDirectory()
    var tail = RunTail(RunDirectory(path: directory.path, project: "/"))
    try directory.write("benchmark.json", #"{"metadata":{"planned_test_count":12}}"#)
    #expect(tail.read().planned == 12)
    #expect(tail.read().planned == nil)
  }
}
