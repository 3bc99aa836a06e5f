import Core
import EvalFiles
import RunArtifacts
import TestSupport
import Testing

@testable import Reports

@Suite(.timeLimit(.minutes(2))) struct ReaderTests {
  private let fixture: RunFixture

  init() throws { fixture = try RunFixture() }

  @Test func `a run is found by directory, index, file of rows and run id`() throws {
    let source = try fixture.run(experiment: "exp", [.init()])
    let project = fixture.scratch.path
    let id = "exp::2026-05-08T09-34-33-123Z"
    for argument in [source.directory.path, source.path, id] {
      #expect(try ResultSource.find(argument, project: project) == source)
    }
    #expect(source.label == id)
    #expect(try ResultSource.find(nil, project: project) == source)
    let other = try fixture.scratch.write("rows.jsonl", "{}\n")
    #expect(try ResultSource.find("rows.jsonl", project: project).path == other)
    #expect(try ResultSource.find("rows.jsonl", project: project).label == "rows.jsonl")
  }

  @Test func `the last run is the one that the project points to, else the newest`() throws {
    let project = fixture.scratch.path
    let old = try fixture.run(name: "2026-05-01T00-00-00-000Z", [.init()])
    let new = try fixture.run(name: "2026-05-02T00-00-00-000Z", [.init()])
    #expect(try ResultSource.find(nil, project: project) == new)
    try LastRun.write(old.directory.path, project: project, at: .now())
    #expect(try ResultSource.find(nil, project: project) == old)
  }

  @Test func `what is no run is refused with a remedy`() throws {
    let project = fixture.scratch.path
    try FileIO.createDirectories(fixture.scratch.file("empty"))
    func message(_ argument: String?) -> String {
      do { _ = try ResultSource.find(argument, project: project) } catch {
        return error.description
      }
      return ""
    }
    #expect(message(nil) == "No run workspaces found in .agentv/results/runs/")
    #expect(message("empty").contains("holds no index.jsonl"))
    #expect(message("gone").contains("\"gone\" does not exist"))
    #expect(message("../../etc::passwd").contains("does not exist"))
  }

  @Test(arguments: RunFixture.shapes)
  func `digests have the numbers of every shape`(_ shape: String) throws {
    let source = try fixture.run(
      shape: shape, [.init(id: "a", score: 0.5, status: .qualityFailure)])
    let digest = try #require(try source.digests().values.first)
    #expect(digest.testID == "a")
    #expect(digest.score == 0.5)
    #expect(digest.status == .qualityFailure)
    #expect(digest.durationMS == 120)
    #expect(digest.tokens == TokenCount(input: 10, output: 5, reasoning: digest.tokens?.reasoning))
    #expect(digest.costUSD == (shape == "compact" ? nil : 0.25))
    #expect(digest.graders.map(\.name) == ["grader"])
  }

  @Test func `the last row of an identity counts, and bad lines are counted`() throws {
    let source = try fixture.run(
      [.init(id: "a", score: 0, status: .qualityFailure), .init(id: "b"), .init(id: "a")],
      append: "nonsense\n\n{\"torn\":")
    let summary = try RunSummaryDocument(source)
    #expect(summary.json["total"] == 2)
    #expect(summary.json["passed"] == 2)
    #expect(summary.json["bad_lines"] == 2)
    #expect(summary.json["attempts"] == 1)
    #expect(source.warning(badLines: 2)?.contains("2 line(s)") == true)
  }

  @Test func `one rule passes a test: its status, whatever its score`() throws {
    let source = try fixture.run([
      .init(id: "a", score: 0.3), .init(id: "b", score: 1, status: .qualityFailure),
      .init(id: "c", score: 1, status: .executionError, error: "x"),
    ])
    let json = try RunSummaryDocument(source).json
    #expect(json["passed"] == 1)
    #expect(json["failed_test_ids"] == ["b", "c"])
    #expect(json["pass_rate"]?["mean"] == 0.3333)
    #expect(json["quality_failures"] == 1)
    #expect(json["execution_errors"] == 1)
    #expect(json["mean_score"] == 0.65)
    #expect(json["total_cost_usd"] == 0.75)
    #expect(json["total_duration_ms"] == 360)
    #expect(json["total_tokens"] == 45)
  }

  @Test(arguments: RunFixture.shapes)
  func `an index cut at any byte breaks no reader`(_ shape: String) throws {
    let source = try fixture.run(
      shape: shape, [.init(id: "a"), .init(id: "ü", score: 0, status: .executionError, error: "e")])
    let bytes = try FileIO.read(source.path)
    let lines = bytes.split(separator: 0x0A)
    for length in 0...bytes.count {
      try FileIO.write(source.path, Array(bytes[..<length]))
      let scan = try source.digests()
      // A row is complete one byte before its newline.
      let whole = length >= bytes.count - 1 ? 2 : length >= lines[0].count ? 1 : 0
      #expect(scan.values.count == whole, "cut at \(length)")
      let isTorn = whole == 0 ? length > 0 : whole == 1 && length > lines[0].count + 1
      #expect(scan.badLines == (isTorn ? 1 : 0), "cut at \(length)")
      if length % 7 == 0 || length > bytes.count - 3 {
        for format in ExportFormat.allCases {
          let document = try fixture.export(source, format)
          if format == .html { #expect(document.contains("of \(whole) tests passed")) }
        }
        _ = RunValidation(source.directory.path, project: fixture.scratch.path)
      }
    }
  }

  @Test func `rows of any size are read across chunks`() throws {
    let source = try fixture.run([])
    var text = ""
    for number in 0..<40 {
      let filler = String(repeating: "x", count: number * 9001 % 300_000)
      text += #"{"test_id":"t\#(number)","target":"t","score":1,"error":"\#(filler)"}"# + "\n"
    }
    try FileIO.write(source.path, Array(text.utf8))
    #expect(text.utf8.count > 3 << 20)
    let scan = try source.digests()
    #expect(scan.values.map(\.testID) == (0..<40).map { "t\($0)" })
    for digest in scan.values { #expect(try source.row(of: digest).testID == digest.testID) }
  }

  /// Whatever a run holds, each document reads back with the same tests, scores and verdicts.
  @Test(arguments: 0..<12)
  func `random runs read back from every document`(_ seed: Int) throws {
    var random = SeededRandom(state: UInt64(seed) &* 7919 &+ 1)
    var results: [RunFixture.Result] = []
    for number in 0..<Int.random(in: 0...12, using: &random) {
      let status = ExecutionStatus.allCases.randomElement(using: &random) ?? .ok
      results.append(
        .init(
          id: "t\(number) \(hostileTexts.randomElement(using: &random) ?? "")",
          suite: ["s", "other", ""].randomElement(using: &random) ?? "s",
          target: ["t", "u"].randomElement(using: &random) ?? "t",
          score: (Double.random(in: 0...1, using: &random) * 1000).rounded() / 1000,
          status: status, answer: hostileTexts.randomElement(using: &random) ?? "",
          prompt: hostileTexts.randomElement(using: &random) ?? "",
          error: status == .executionError ? hostileTexts.randomElement(using: &random) : nil))
    }
    let source = try fixture.run(shape: "raw", results)
    let digests = try source.digests().values
    #expect(digests.count == results.count)

    let lines = try fixture.export(source, .jsonl).split(separator: "\n").map {
      try JSON.parse(String($0))
    }
    let document = try JSON.parse(try fixture.export(source, .json))["results"]?.array ?? []
    let documents = ("\n" + (try fixture.export(source, .yaml))).split(separator: "\n---\n")
    let yaml = try documents.map { text in
      YAMLFile.read(try fixture.scratch.write("one.yaml", String(text)), limitBytes: 1 << 20)
    }
    for list in [lines, document, yaml.compactMap(\.self)] {
      #expect(list.map(\.text) == lines.map(\.text))
      #expect(list.compactMap { $0["test_id"]?.string } == digests.map(\.testID))
      #expect(list.compactMap { $0["score"]?.double } == digests.map(\.score))
      #expect(
        list.compactMap { $0["output"]?[0]?["content"]?.string } == results.map(\.answer))
    }
    let xml = XMLDocumentReader(try fixture.export(source, .junit))
    #expect(xml.error == nil)
    #expect(xml.elements.count { $0.name == "testcase" } == results.count)
    #expect(
      xml.elements.count { $0.name == "failure" }
        == results.count { $0.status == .qualityFailure })
    let html = try fixture.export(source, .html)
    #expect(html.matches(of: /\n\d+\t\{/).count == results.count)
    // What was exported is a run again.
    let copy = try fixture.scratch.write("copy.jsonl", try fixture.export(source, .jsonl))
    let again = try ResultSource(file: copy, project: fixture.scratch.path).digests().values
    #expect(again.map(\.testID) == digests.map(\.testID))
    #expect(again.map(\.status) == digests.map(\.status))
    #expect(again.map(\.tokens) == digests.map(\.tokens))
  }

  @Test(arguments: RunFixture.shapes)
  func `a run exported as a directory is whole, whatever its rows were`(_ shape: String) throws {
    let source = try fixture.run(
      shape: shape,
      [
        .init(id: "a", target: "x"), .init(id: "a", target: "y"),
        .init(id: "b", target: "x", score: 0.2, status: .qualityFailure, answer: "No"),
      ])
    let path = fixture.scratch.file("out/2026-05-08T09-34-33-123Z")
    let written = try RunExport.write(source, to: path, project: fixture.scratch.path)
    #expect(written.tests == 3)
    let validation = RunValidation(path, project: fixture.scratch.path)
    #expect(validation.issues == [])
    let copy = ResultSource(RunDirectory(path: path, project: fixture.scratch.path))
    let rows = try copy.directory.read().effectiveRows
    #expect(Set(rows.compactMap(\.gradingPath)).count == 3)
    let detail = ResultDetail(rows[2], ArtifactReader(copy.directory))
    #expect(MessageText.answer(detail.output) == "No")
    #expect(copy.directory.json(RunFile.timing)?["total_tokens"] == 45)
    #expect(throws: ReportError.self) {
      try RunExport.write(source, to: path, project: fixture.scratch.path)
    }
  }
}

/// SplitMix64: the same run for the same seed.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
