// Runs on disk in all three shapes of rows.

import Core
import Reports
import RunArtifacts
import TestSupport

/// A project with runs, in a directory of its own.
struct RunFixture {
  let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  /// One row of each shape: ours with artifacts, upstream's compact and upstream's raw.
  static let shapes = ["ours", "compact", "raw"]

  /// A result from which rows of any shape are made.
  struct Result {
    var id = "a"
    var suite = "s"
    var target = "t"
    var score = 1.0
    var status = ExecutionStatus.ok
    var answer = "The answer"
    var prompt = "The question"
    var error: String?
    var tokens = TokenCount(input: 10, output: 5)
    var durationMS = 120
    var cost = 0.25
    var time = "2026-05-08T09:35:02.417Z"
  }

  /// Writes rows into a run and returns where it is.
  @discardableResult
  func run(
    name: String = "2026-05-08T09-34-33-123Z", experiment: String = "default",
    shape: String = "ours", _ results: [Result], append: String = ""
  ) throws -> ResultSource {
    let directory = RunDirectory(
      path: scratch.file(".agentv/results/runs/\(experiment)/\(name)"), project: scratch.path)
    try FileIO.createDirectories(directory.path)
    var lines: [UInt8] = []
    for (number, result) in results.enumerated() {
      lines += try line(result, shape: shape, number: number, in: directory) + [0x0A]
    }
    try FileIO.write(directory.file(RunFile.index), lines + Array(append.utf8))
    return ResultSource(directory)
  }

  private func line(
    _ result: Result, shape: String, number: Int, in directory: RunDirectory
  ) throws -> [UInt8] {
    let passed = result.status == .ok
    let score: JSON = [
      "name": "grader", "type": "contains", "score": .double(result.score), "weight": 1,
      "verdict": passed ? "pass" : "fail",
      "assertions": [["text": "Output contains it", "passed": .bool(passed)]],
    ]
    var row = ResultRow(
      timestamp: try timestamp(result.time), testID: result.id, target: result.target,
      score: result.score, executionStatus: result.status)
    row.suite = result.suite
    row.error = result.error
    row.scores = result.status == .executionError ? [] : [score]
    let input: [JSON] = [["role": "user", "content": .string(result.prompt)]]
    let output: [JSON] = [["role": "assistant", "content": .string(result.answer)]]
    if shape == "raw" {
      row.durationMS = result.durationMS
      row.tokenUsage = result.tokens
      row.costUSD = result.cost
      row.extra = [
        "assertions": [["text": "Output contains it", "passed": .bool(passed)]],
        "input": .array(input), "output": .array(output),
      ]
      return row.json.serialized()
    }
    row.durationMS = result.durationMS
    row.tokenUsage = result.tokens
    row.costUSD = result.cost
    try TestArtifacts(
      input: input, output: output,
      assertions: [["text": "Output contains it", "passed": .bool(passed)]], graders: row.scores
    ).write(for: &row, at: "\(result.suite)/test-\(number)", in: directory.path)
    if shape == "compact" {
      // Upstream drops what timing.json has.
      row.durationMS = nil
      row.tokenUsage = nil
      row.costUSD = nil
    } else {
      row.evalFile = "evals/\(result.suite).eval.yaml"
      row.requestedTarget = result.target
      row.experiment = "default"
    }
    return row.json.serialized()
  }

  private func timestamp(_ text: String) throws -> Timestamp {
    guard let time = Timestamp(text) else { throw ReportError("bad time \(text)") }
    return time
  }

  /// The text of a document of a run.
  func export(_ source: ResultSource, _ format: ExportFormat) throws -> String {
    let path = scratch.file("out/document")
    try Exporter.write(source, try source.digests(), as: format, to: path)
    return String(decoding: try FileIO.read(path), as: UTF8.self)
  }
}

/// Texts that have broken exporters before: markup, quotes, line separators, control characters, what
/// YAML takes for something else.
let hostileTexts = [
  "</script><script>alert(1)</script>", "<!--", "]]>", "a & b < c > d \"e\" 'f'",
  "line one\nline two\n", "\n\nbegins with breaks", "  indented\n  lines", "trailing space \nx",
  "tab\tand\rreturn", "\u{0}\u{1}\u{8}\u{1B}[31m", "\u{2028}\u{2029}\u{85}\u{FEFF}", "\u{FFFF}",
  "emoji 🙂 and ünïcödé", "yes", "null", "~", "- item", "key: value", "#comment", "1e3", "0x10",
  "2026-05-08", "{a: b}", "[x]", "*alias", "&anchor", "!tag", "%directive", "@at", "`tick",
  "---", "...", "a: |\n  b", "'", "\"", "\\", "", " ", "text: ends with colon:", "a #b", "?", "-",
  "\n", "x\n\n\n", "line\n\nafter blank", "\ttab first", "a\n\tb", "a\n b\n  c", "0.1", ".5", "+1",
]
