import Core
import RunArtifacts
import TestSupport
import Testing

@testable import Reports

@Suite struct InspectTests {
  private let fixture: RunFixture
  private let plain = TextStyle(hasColor: false)

  init() throws { fixture = try RunFixture() }

  private func shown(_ source: ResultSource, tree: Bool = false) throws -> [String] {
    var texts: [String] = []
    let inspect = InspectSource(source)
    try inspect.forEach(try inspect.digests().values) { row, detail in
      let text = ResultText(plain)
      texts.append(tree ? text.tree(row, detail) : text.lines(row, detail))
    }
    return texts
  }

  @Test(arguments: RunFixture.shapes)
  func `a result is shown with verdicts, scores and numbers`(_ shape: String) throws {
    let source = try fixture.run(
      shape: shape, [.init(id: "a", score: 0.5, status: .qualityFailure)])
    let text = try #require(try shown(source).first)
    #expect(text.hasPrefix("a  50%  target: t  suite: s"))
    #expect(text.contains("✗ Failed: Output contains it"))
    #expect(text.contains("Scores: grader 50%"))
    #expect(text.contains("Trace: 120ms, 15 tok"))
  }

  @Test func `control characters of a run do not reach the terminal`() throws {
    let source = try fixture.run(
      shape: "raw",
      [.init(id: "a\u{1B}[2J", score: 0, status: .executionError, error: "x\u{1B}]0;t\u{7}\ry")])
    #expect(try !shown(source).joined().contains("\u{1B}"))
    #expect(try !shown(source, tree: true).joined().contains("\u{1B}"))
  }

  @Test func `the tree shows model turns and tools with their times`() throws {
    let row = #"""
      {"test_id":"a","target":"t","score":1,"duration_ms":1500,"output":[
      {"role":"assistant","tool_calls":[{"tool":"Read","duration_ms":100},{"tool":"Bash"}]},
      {"role":"assistant","tool_calls":[{"tool":"Edit","duration_ms":2400}]},
      {"role":"assistant","content":"done"}]}
      """#.replacing("\n", with: "")
    let source = try fixture.run([], append: row)
    #expect(
      try shown(source, tree: true) == [
        """
        a, 1.5s
        ├─ tools
        │  ├─ Read, 100ms
        │  └─ Bash
        ├─ Edit, 2.4s
        └─ model
        """
      ])
  }

  @Test func `tools come from the run's transcript when rows have only texts`() throws {
    let source = try fixture.run(shape: "compact", [.init(id: "a")])
    try FileIO.write(
      source.directory.file("transcript.jsonl"),
      Array(
        """
        {"test_id":"a","target":"t","message_index":0,"role":"user","content":"q"}
        {"test_id":"a","target":"t","message_index":1,"role":"assistant","tool_calls":[{"tool":"Grep"}]}

        """.utf8))
    #expect(try shown(source, tree: true)[0].contains("└─ Grep"))
  }

  @Test func `percentiles are grouped and without what nobody reported`() throws {
    let source = try fixture.run(
      shape: "raw",
      [
        .init(id: "a", target: "x", score: 1, durationMS: 1000, cost: 0.1),
        .init(id: "b", target: "x", score: 0, durationMS: 3000, cost: 0.3),
        .init(id: "c", target: "y", score: 0.5),
      ])
    let digests = try source.digests().values
    let json = ResultStatistics(digests, path: "p", by: .target).json
    let group = try #require(json["groups"]?[0])
    #expect(group["label"] == "x")
    #expect(group["count"] == 2)
    #expect(group["metrics"]?["score"]?["mean"] == 0.5)
    #expect(group["metrics"]?["latency_s"]?["p50"]?.double == 2)
    #expect(group["metrics"]?["cost_usd"]?["p99"] == 0.298)
    #expect(group["metrics"]?["tool_calls"] == nil)
    let text = ResultStatistics(digests, path: "p", by: nil).text(plain)
    #expect(text.contains("3 tests"))
    #expect(text.contains(/tokens_total +15 +15/))
  }

  @Test(arguments: [
    ("target=x", ["a", "b"]), ("status=pass", ["a"]), ("status=fail", ["b"]),
    ("status=error", ["c"]), ("below=0.5", ["b", "c"]), ("above=0.3", ["a", "b"]),
    ("experiment=exp", ["a", "b", "c"]), ("experiment=default", []),
  ])
  func `a filter leaves what meets it`(_ condition: String, _ ids: [String]) throws {
    let source = try fixture.run(
      experiment: "exp", shape: "raw",
      [
        .init(id: "a", target: "x", score: 1),
        .init(id: "b", target: "x", score: 0.4, status: .qualityFailure),
        .init(id: "c", target: "y", score: 0, status: .executionError, error: "e"),
      ])
    let parts = condition.split(separator: "=").map(String.init)
    var filter = ResultFilter()
    switch parts[0] {
    case "target": filter.target = parts[1]
    case "status": filter.status = try ResultFilter.status(parts[1])
    case "below": filter.scoreBelow = Double(parts[1])
    case "above": filter.scoreAbove = Double(parts[1])
    default: filter.experiment = parts[1]
    }
    let found = try FoundResult.all(in: [source], filter) { _ in }
    #expect(found.map(\.digest.testID) == ids)
  }

  @Test func `a filter on tools reads the messages`() throws {
    let rows = """
      {"test_id":"a","target":"t","score":1,"output":[{"role":"assistant","tool_calls":[{"tool":"WebSearch"}]}]}
      {"test_id":"b","target":"t","score":1,"trace":{"tool_calls":{"websearch":2}}}
      {"test_id":"c","target":"t","score":1}

      """
    let source = try fixture.run([], append: rows)
    var filter = ResultFilter()
    filter.tool = "search"
    #expect(
      try FoundResult.all(in: [source], filter) { _ in }.map(\.digest.testID) == ["a", "b"])
  }

  @Test func `a word that is no status is refused with those that are`() {
    #expect {
      try ResultFilter.status("green")
    } throws: {
      "\($0)".contains("pass, fail, error")
    }
  }

  @Test(arguments: [
    ("needle", ["a"]), ("NEEDLE", ["a"]), ("n.+dle", ["a"]), ("in the prompt", ["b"]), ("zzz", []),
    ("\"target\":\"t\"", ["a", "b"]),
  ])
  func `rows, prompts and answers are searched`(_ pattern: String, _ ids: [String]) throws {
    let source = try fixture.run([
      .init(id: "a", answer: "a needle here"), .init(id: "b", prompt: "hay in the prompt"),
    ])
    let found = try search(pattern).matches(in: source.path, target: nil, experiment: nil)
    #expect(found.map(\.id) == ids)
  }

  @Test func `a match shows what stands around it`() throws {
    let long = String(repeating: "x", count: 500)
    let snippet = try #require(try search("needle").snippet("\(long) needle \(long)"))
    #expect(snippet.hasPrefix("…x") && snippet.hasSuffix("x…"))
    #expect(snippet.count < 150)
  }

  private func search(_ pattern: String) throws -> ResultSearch {
    try ResultSearch(pattern) { text in
      _ = try Regex(text)
      return { whole in
        guard let regex = try? Regex(text).ignoresCase(),
          let match = try? regex.firstMatch(in: whole)
        else { return .none }
        return .range(match.range)
      }
    }
  }

  @Test func `a pattern that takes too long ends the search and names the line`() throws {
    let source = try fixture.run([.init(id: "a"), .init(id: "b")])
    let slow = try ResultSearch("(a+)+$") { _ in { $0.contains("\"b\"") ? .tooSlow : .none } }
    #expect {
      try slow.matches(in: source.path, target: nil, experiment: nil)
    } throws: {
      "\($0)".contains("line 2 of") && "\($0)".contains("(a+)+")
    }
  }

  @Test func `a pattern that is none is refused`() {
    #expect(throws: ReportError.self) { try search("(") }
    #expect(throws: ReportError.self) { try search("") }
  }

  // MARK: - Validation

  @Test func `a whole run is valid`() throws {
    let source = try fixture.run([.init(id: "a")])
    for name in [RunFile.timing, RunFile.benchmark] {
      try FileIO.write(source.directory.file(name), Array("{}".utf8))
    }
    let validation = RunValidation(source.directory.path, project: fixture.scratch.path)
    #expect(validation.text == "✓ Valid run directory: 1 test(s), no issues found\n")
    #expect(validation.json["valid"] == true)
  }

  @Test(arguments: [
    ("nonsense", "line 1: no JSON"), ("[]", "line 1: array in place of a row"),
    (#"{"target":"t","score":1}"#, "test_id is missing"),
    (#"{"test_id":"a","score":1}"#, "target is missing"),
    (#"{"test_id":"a","target":"t"}"#, "score is missing"),
    (#"{"test_id":"a","target":"t","score":1.5}"#, "score is 1.5, not from 0 to 1"),
    (
      #"{"test_id":"a","target":"t","score":1,"grading_path":"x/grading.json"}"#,
      "x/grading.json is missing"
    ),
    (
      #"{"test_id":"a","target":"t","score":1,"grading_path":"bad.json"}"#, "bad.json is malformed"
    ),
    (
      #"{"test_id":"a","target":"t","score":1,"grading_path":"../../../../../bad.json"}"#,
      "outside of the run directory"
    ),
  ])
  func `each error of a run is told with its line`(_ line: String, _ message: String) throws {
    let source = try fixture.run([], append: line + "\n")
    try FileIO.write(source.directory.file("bad.json"), Array("{}".utf8))
    try fixture.scratch.write("bad.json", #"{"assertions":[]}"#)
    let validation = RunValidation(source.directory.path, project: fixture.scratch.path)
    #expect(validation.errorCount == 1)
    #expect(validation.text.contains("  ERROR: line 1"))
    #expect(validation.text.contains(message))
  }

  @Test func `what is only unusual is a warning`() throws {
    let source = try fixture.run(
      name: "my run", [], append: #"{"test_id":"a","target":"t","score":1}"# + "\n")
    let validation = RunValidation(source.directory.path, project: fixture.scratch.path)
    #expect(validation.errorCount == 0)
    // Name, scores, status, timing.json, benchmark.json.
    #expect(validation.warningCount == 5)
    #expect(validation.text.contains("  WARN:  timing.json is missing"))
  }

  @Test func `a directory without an index, or with an empty one, is no run`() throws {
    try FileIO.createDirectories(fixture.scratch.file("2026-05-08T09-34-33-123Z"))
    let missing = RunValidation(
      fixture.scratch.file("2026-05-08T09-34-33-123Z"), project: fixture.scratch.path)
    #expect(missing.issues.map(\.message) == ["index.jsonl is missing"])
    let empty = try fixture.run([])
    #expect(
      RunValidation(empty.directory.path, project: fixture.scratch.path).text.contains(
        "index.jsonl is empty"))
  }
}
