// JUnit XML for CI systems (reference: run-artifacts 5): one suite for each suite of the run.

import Core
import RunArtifacts

/// Writes rows as JUnit XML.
struct JUnitExporter {
  let source: ResultSource
  /// Longest message or text of one test, characters: CI systems show them in a table.
  static let textLimit = 20_000

  func write(_ digests: [ResultDigest], to file: inout OutputFile) throws {
    let totals = RunTotals(digests)
    try file.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    try file.write(
      "<testsuites\(counts(totals)) time=\"\(seconds(digests))\">\n")
    let isMatrix = Set(digests.map { $0.requestedTarget ?? $0.target }).count > 1
    for suite in TotalsGroup.groups(digests, by: Self.suite) {
      let members = digests.filter { Self.suite($0) == suite.name }
      let time = members.lazy.compactMap(\.timestamp).min()
      let stamp = time.map { " timestamp=\"\(XMLText.escaped($0))\"" } ?? ""
      try file.write(
        "  <testsuite name=\"\(XMLText.escaped(suite.name))\"\(counts(suite.totals))"
          + " time=\"\(seconds(members))\"\(stamp)>\n")
      for digest in members { try write(digest, isMatrix: isMatrix, to: &file) }
      try file.write("  </testsuite>\n")
    }
    try file.write("</testsuites>\n")
  }

  private static func suite(_ digest: ResultDigest) -> String {
    digest.suite.flatMap { $0.isEmpty ? nil : $0 } ?? "default"
  }

  private func counts(_ totals: RunTotals) -> String {
    " tests=\"\(totals.total)\" failures=\"\(totals.qualityFailures)\""
      + " errors=\"\(totals.executionErrors)\""
  }

  private func seconds(_ digests: [ResultDigest]) -> String {
    (Double(digests.reduce(0) { $0 + ($1.durationMS ?? 0) }) / 1000).fixed(3)
  }

  private func write(
    _ digest: ResultDigest, isMatrix: Bool, to file: inout OutputFile
  ) throws {
    let target = digest.requestedTarget ?? digest.target
    let name = isMatrix ? "\(digest.testID)@\(target)" : digest.testID
    let head =
      "    <testcase name=\"\(XMLText.escaped(name))\""
      + " classname=\"\(XMLText.escaped(Self.suite(digest)))\" time=\"\(seconds([digest]))\""
    guard !digest.isPassed else { return try file.write(head + "/>\n") }
    let row = try source.row(of: digest)
    try file.write(head + ">" + outcome(digest, row) + "</testcase>\n")
  }

  private func outcome(_ digest: ResultDigest, _ row: ResultRow) -> String {
    if digest.status == .executionError {
      let message = String((row.error ?? "execution error").prefix(Self.textLimit))
      let first = message.split(separator: "\n").first.map(String.init) ?? message
      let type = row.failureReasonCode ?? "execution_error"
      return "<error message=\"\(XMLText.escaped(first))\" type=\"\(XMLText.escaped(type))\">"
        + XMLText.content(message) + "</error>"
    }
    let score = digest.score.fixed(3)
    var text = "Score: \(score)"
    let failed = failedAssertions(row)
    if !failed.isEmpty { text += "\nFailed: \(failed.joined(separator: ", "))" }
    return "<failure message=\"score=\(score)\" type=\"quality_failure\">"
      + XMLText.content(String(text.prefix(Self.textLimit))) + "</failure>"
  }

  /// The texts of the assertions that failed; the names of the graders where there are none.
  private func failedAssertions(_ row: ResultRow) -> [String] {
    let inline = row.scores.flatMap { $0["assertions"]?.array ?? [] }
    let all = inline.isEmpty ? row.extra["assertions"]?.array ?? [] : inline
    let texts = all.filter { $0["passed"]?.bool == false }.compactMap { $0["text"]?.string }
    if !texts.isEmpty { return texts }
    return row.scores.filter { ($0["score"]?.double ?? 1) < 0.8 }.compactMap { $0["name"]?.string }
  }
}
