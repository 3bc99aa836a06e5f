// `agentv results summary`: the totals of a run (reference: cli 10).

public import Core

/// What a run amounts to.
public struct RunSummaryDocument: Sendable {
  /// Run id.
  public var run: String
  /// Its totals.
  public var totals: RunTotals
  /// Ids of the tests that are not `ok`, in order.
  public var failedTestIDs: [String]
  /// Totals by target.
  public var targets: [TotalsGroup]
  /// Lines that could not be read.
  public var badLines: Int
  /// Rows that a later one replaced.
  public var replacedRows: Int

  /// Sums a run up in one pass.
  /// - Throws: `FileError` when the rows cannot be read; `ReportError` when there are none.
  public init(_ source: ResultSource) throws {
    let scan = try source.digests(keepsGraders: false)
    guard !scan.values.isEmpty else {
      throw ReportError("\"\(source.path)\" has no results yet")
    }
    run = source.label
    totals = RunTotals(scan.values)
    failedTestIDs = scan.values.filter { !$0.isPassed }.map(\.testID)
    targets = TotalsGroup.groups(scan.values) { $0.target }
    badLines = scan.badLines
    replacedRows = scan.replacedRows
  }

  /// Upstream's members, then ours.
  public var json: JSON {
    [
      "total": .int(totals.total), "passed": .int(totals.passed), "failed": .int(totals.failed),
      "pass_rate": ["mean": .double(totals.passRate.rounded(decimals: 4))],
      "total_duration_ms": .int(totals.durationMS), "total_tokens": .int(totals.tokens),
      "failed_test_ids": .array(failedTestIDs.map(JSON.string)),
      "quality_failures": .int(totals.qualityFailures),
      "execution_errors": .int(totals.executionErrors),
      "mean_score": .optional(totals.meanScore?.rounded(decimals: 4)),
      "total_cost_usd": .optional(totals.costUSD?.rounded(decimals: 6)),
      "targets": .object(JSONObject(targets.map { ($0.name, Self.json($0.totals)) })),
      "run_id": .string(run), "bad_lines": .int(badLines), "attempts": .int(replacedRows),
    ]
  }

  private static func json(_ totals: RunTotals) -> JSON {
    [
      "total": .int(totals.total), "passed": .int(totals.passed),
      "pass_rate": .double(totals.passRate.rounded(decimals: 4)),
      "mean_score": .optional(totals.meanScore?.rounded(decimals: 4)),
      "total_tokens": .int(totals.tokens),
      "total_cost_usd": .optional(totals.costUSD?.rounded(decimals: 6)),
    ]
  }

  /// The form for people.
  public func text(_ style: TextStyle) -> String {
    var lines = ["", style.bold("Run \(run)"), ""]
    let rate = style.paint(Format.percent(totals.passRate), totals.failed == 0 ? .green : .red)
    lines.append("  Passed       \(totals.passed) of \(totals.total) (\(rate))")
    if totals.qualityFailures > 0 { lines.append("  Failed       \(totals.qualityFailures)") }
    if totals.executionErrors > 0 { lines.append("  Errors       \(totals.executionErrors)") }
    if let mean = totals.meanScore { lines.append("  Mean score   \(mean.fixed(3))") }
    lines.append("  Time         \(Format.duration(totals.durationMS))")
    if totals.tokens > 0 { lines.append("  Tokens       \(Format.grouped(totals.tokens))") }
    if let cost = totals.costUSD { lines.append("  Cost         \(Format.dollars(cost))") }
    if targets.count > 1 {
      var table = TextTable([
        .left("Target"), .right("Tests"), .right("Passed"), .right("Mean score"),
      ])
      for group in targets {
        table.add([
          group.name, String(group.totals.total), Format.percent(group.totals.passRate),
          group.totals.meanScore?.fixed(3) ?? "–",
        ])
      }
      lines += ["", table.text(style)]
    }
    if !failedTestIDs.isEmpty {
      lines += ["", "  Not passed:"]
      lines += failedTestIDs.prefix(20).map { "    \($0)" }
      if failedTestIDs.count > 20 { lines.append("    … and \(failedTestIDs.count - 20) more") }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
