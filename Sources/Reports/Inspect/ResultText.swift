// One result for people: a few lines, or a tree of what the target did.

import Core
public import RunArtifacts

/// Writes results as text.
public struct ResultText: Sendable {
  private let style: TextStyle

  /// A writer.
  public init(_ style: TextStyle) { self.style = style }

  /// The result in a few lines.
  public func lines(_ row: ResultRow, _ detail: ResultDetail) -> String {
    let score = row.score ?? 0
    var head = style.bold(Format.oneLine(row.testID)) + "  "
    head += style.paint(Format.percent(score), color(row))
    head += "  " + style.dim("target: \(Format.oneLine(row.target))")
    if let suite = row.suite { head += "  " + style.dim("suite: \(Format.oneLine(suite))") }
    var lines = [head]
    if let error = row.error {
      lines.append("  " + style.paint("Error: \(Format.safe(error))", .red))
    }
    let assertions = detail.assertions?.array ?? []
    let passed = assertions.filter { $0["passed"]?.bool == true }.compactMap { $0["text"]?.string }
    let failed = assertions.filter { $0["passed"]?.bool == false }
      .compactMap { $0["text"]?.string }
    if !passed.isEmpty {
      lines.append("  \(style.paint("✓ Passed:", .green)) \(joined(passed))")
    }
    if !failed.isEmpty { lines.append("  \(style.paint("✗ Failed:", .red)) \(joined(failed))") }
    if let scores = scores(detail) { lines.append("  \(style.dim("Scores:")) \(scores)") }
    let facts = facts(row, detail)
    if !facts.isEmpty {
      lines.append("  \(style.dim("Trace:")) \(facts.joined(separator: ", "))")
    }
    if let evidence = assertions.lazy.compactMap({ $0["evidence"]?.string }).first(where: {
      !$0.isEmpty
    }) {
      let short = evidence.count > 200 ? evidence.prefix(200) + "…" : evidence
      lines.append("  " + style.dim("Evidence: \(Format.oneLine(short))"))
    }
    return lines.joined(separator: "\n")
  }

  /// What the target did, as a tree: model turns and tools with their times.
  public func tree(_ row: ResultRow, _ detail: ResultDetail) -> String {
    let root = [Format.oneLine(row.testID)] + facts(row, detail)
    var lines = [style.bold(root.joined(separator: ", "))]
    let steps = (detail.output?.array ?? []).filter { $0["role"]?.string == "assistant" }
    for (index, step) in steps.enumerated() {
      let isLast = index == steps.count - 1
      add(step, connector: isLast ? "└─" : "├─", prefix: isLast ? "   " : "│  ", to: &lines)
    }
    if steps.isEmpty { lines.append(style.dim("└─ no messages of the target are kept")) }
    if let scores = scores(detail) { lines += ["", "\(style.dim("Scores:")) \(scores)"] }
    return lines.joined(separator: "\n")
  }

  private func add(_ step: JSON, connector: String, prefix: String, to lines: inout [String]) {
    let calls = ToolCallDigest.all(in: [step])
    if calls.count == 1 {
      lines.append("\(connector) \(tool(calls[0]))")
      return
    }
    var parts = [calls.isEmpty ? style.paint("model", .cyan) : style.dim("tools")]
    if let duration = step["duration_ms"]?.int { parts.append(Format.duration(duration)) }
    if let tokens = TokenCount(json: step["token_usage"]) {
      parts.append("\(Format.grouped(tokens.total)) tok")
    }
    lines.append("\(connector) \(parts.joined(separator: ", "))")
    for (index, call) in calls.enumerated() {
      lines.append("\(prefix)\(index == calls.count - 1 ? "└─" : "├─") \(tool(call))")
    }
  }

  private func tool(_ call: ToolCallDigest) -> String {
    let name = style.paint(Format.oneLine(call.name), .yellow)
    return call.durationMS.map { "\(name), \(Format.duration($0))" } ?? name
  }

  private func color(_ row: ResultRow) -> TextStyle.Color {
    switch row.executionStatus {
    case .ok: .green
    case .qualityFailure: .yellow
    case .executionError: .red
    }
  }

  private func joined(_ texts: [String]) -> String {
    texts.map(Format.oneLine).joined(separator: ", ")
  }

  private func scores(_ detail: ResultDetail) -> String? {
    let scores = (detail.scores?.array ?? []).compactMap { score -> String? in
      guard let value = score["score"]?.double else { return nil }
      return "\(Format.oneLine(score["name"]?.string ?? "grader")) \(Format.percent(value))"
    }
    return scores.isEmpty ? nil : scores.joined(separator: " | ")
  }

  private func facts(_ row: ResultRow, _ detail: ResultDetail) -> [String] {
    var facts: [String] = []
    if let duration = detail.durationMS { facts.append(Format.duration(duration)) }
    if let tokens = detail.tokenUsage { facts.append("\(Format.grouped(tokens.total)) tok") }
    if let cost = row.costUSD { facts.append(Format.dollars(cost)) }
    let tools = row.extra["trace"]?["tool_calls"]?.object ?? [:]
    if !tools.isEmpty {
      facts.append(tools.map { "\($0.name) ×\($0.value.int ?? 0)" }.joined(separator: ", "))
    }
    return facts
  }
}
