import ArgumentParser
import Core
import EvalFiles
import Graders
import Reports
import RunArtifacts

/// `agentv inspect score`: one more grader over results that are there.
struct InspectScore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score", abstract: "Run a grader over results that are there.",
    discussion: """
      SPEC is one of contains:TEXT, regex:PATTERN, is-json, equals:TEXT, latency:MILLISECONDS, \
      cost:DOLLARS, token-usage:max_total=N,max_input=N,max_output=N or \
      execution-metrics:max_tool_calls=N,max_llm_calls=N,max_tokens=N,max_cost_usd=X,\
      max_duration_ms=N. Nothing is written. Exit code 1 when a result does not pass.

      Examples:
        agentv inspect score --assert contains:hello
        agentv inspect score RUN --assert latency:2000

      Exit codes: 0 every result passes; 1 one does not, or an error.
      """)

  @Argument(help: "Run directory, index.jsonl, run id or OTLP JSON file (default: the last run).")
  var run: String?
  @Option(name: [.customShort("a"), .customLong("assert")], help: "The grader.")
  var spec: String
  @Option(name: .customLong("test-id"), help: "Only this test.")
  var testID: String?
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let grader = try ScoreSpec.grader(spec)
      let source = try InspectSource(run, project: project.project)
      let scan = try source.digests()
      CommandEnd.complain(source.warning(badLines: scan.badLines))
      let found = scan.values.filter { testID == nil || $0.testID == testID }
      guard !found.isEmpty else {
        throw ReportError(
          testID.map { "no test \"\($0)\" in \"\(source.path)\"" }
            ?? "\"\(source.path)\" has no results yet")
      }
      var inputs: [GraderInput] = []
      try source.forEach(found) { inputs.append(Self.input($0, $1, project.project)) }
      var scored: [(input: GraderInput, score: GraderScore)] = []
      for input in inputs { scored.append((input, try await GraderRegistry.grade(grader, input))) }
      switch form.form() {
      case .json: CommandEnd.say(.array(scored.map { Self.json($0.input, $0.score) }))
      case .table: CommandEnd.say(Self.text(scored))
      }
      return scored.allSatisfy { $0.score.verdict == .pass } ? 0 : 1
    }
  }

  private static func input(
    _ row: ResultRow, _ detail: ResultDetail, _ project: String
  ) -> GraderInput {
    let messages = (detail.output?.array ?? []).compactMap { Message(json: $0, anyRole: true) }
    let prompt = (detail.input?.array ?? []).compactMap { Message(json: $0, anyRole: true) }
    let metrics = TargetMetrics(
      tokenUsage: detail.tokenUsage.map {
        TokenUsage(input: $0.input, output: $0.output, cached: $0.cached, reasoning: $0.reasoning)
      }, costUSD: row.costUSD, durationMS: detail.durationMS)
    return GraderInput(
      test: EvalTest(
        id: row.testID, suite: row.suite ?? "", input: prompt, directory: project),
      output: messages, metrics: metrics,
      target: ResolvedTarget(
        requested: row.requestedTarget ?? row.target, name: row.target, provider: "transcript"))
  }

  private static func json(_ input: GraderInput, _ score: GraderScore) -> JSON {
    [
      "test_id": .string(input.test.id), "target": .string(input.target.name),
      "score": .double(score.score), "verdict": .string(score.verdict.rawValue),
      "assertions": .array(score.assertions.map(\.json)),
    ]
  }

  private static func text(_ scored: [(input: GraderInput, score: GraderScore)]) -> String {
    var lines: [String] = [""]
    for (input, score) in scored {
      let mark = score.verdict == .pass ? "✓" : score.verdict == .fail ? "✗" : "–"
      lines.append("  \(mark) \(input.test.id)@\(input.target.name)")
      for assertion in score.assertions where !assertion.passed {
        lines.append("      \(assertion.text)")
      }
    }
    let passed = scored.count { $0.score.verdict == .pass }
    lines.append("\n\(passed) of \(scored.count) passed")
    return lines.joined(separator: "\n")
  }
}

/// The short form of a grader on a command line.
enum ScoreSpec {
  private static let types = [
    "contains", "regex", "is-json", "equals", "latency", "cost", "token-usage",
    "execution-metrics",
  ]
  private static let limits: [String: Set<String>] = [
    "token-usage": ["max_total", "max_input", "max_output"],
    "execution-metrics": [
      "max_tool_calls", "max_llm_calls", "max_tokens", "max_cost_usd", "max_duration_ms",
    ],
  ]

  /// The grader that a short form means.
  /// - Throws: `ReportError` naming what is wrong with it.
  static func grader(_ spec: String) throws(ReportError) -> GraderSpec {
    let parts = spec.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let type = String(parts[0].replacing("_", with: "-"))
    let value = parts.count > 1 ? String(parts[1]) : ""
    func number(_ name: String) throws(ReportError) -> JSON {
      guard let number = Double(value), number >= 0, number.isFinite else {
        throw ReportError("\(type) needs \(name): \(type):NUMBER, got: \"\(spec)\"")
      }
      return .double(number)
    }
    var config: JSONObject = [:]
    switch type {
    case "contains", "regex", "equals":
      guard !value.isEmpty else { throw ReportError("\(type) needs a value: \(type):VALUE") }
      config["value"] = .string(value)
    case "is-json": break
    case "latency": config["threshold"] = try number("a limit in milliseconds")
    case "cost": config["budget"] = try number("a budget in dollars")
    case "token-usage", "execution-metrics": config = try Self.limits(type, value)
    default:
      throw ReportError(
        "Unsupported grader type: \"\(type)\". Supported: \(types.joined(separator: ", "))")
    }
    return GraderSpec(name: type, type: type, config: config)
  }

  private static func limits(
    _ type: String, _ value: String
  ) throws(ReportError) -> JSONObject {
    let known = limits[type] ?? []
    var config: JSONObject = [:]
    for pair in value.split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, known.contains(parts[0]), let number = Double(parts[1]) else {
        throw ReportError(
          "\(type): \"\(pair)\" is no limit; known are "
            + known.sorted().map { "\($0)=NUMBER" }.joined(separator: ", "))
      }
      config[parts[0]] = number.rounded() == number ? .int(Int(number)) : .double(number)
    }
    guard !config.isEmpty else {
      throw ReportError("\(type) needs a limit, for example \(type):\(known.sorted()[0])=10")
    }
    return config
  }
}
