// The summary block at the end of a run (reference: cli 3), literally as scripts know it.

import Core
import RunArtifacts

private let rule = String(repeating: "=", count: 50)
private let defaultThreshold = 0.8

/// Renders the summary of the rows that count.
struct SummaryText<Rows: RandomAccessCollection & Sendable>: Sendable
where Rows.Element: CountedRow, Rows.Index == Int {
  private let rows: Rows
  /// Scores of the rows, in their order: they are looked at often.
  private let scores: [Double]
  private let threshold: Double?
  private let console: Console
  /// Places of the rows that were judged.
  private let graded: [Int]
  private let errors: [Int]

  /// A summary.
  /// - Parameters:
  ///   - rows: the rows that count.
  ///   - threshold: pass score that was asked for; `nil` leaves the verdict to each test.
  ///   - console: knows whether there are colours.
  init(_ rows: Rows, threshold: Double?, console: Console) {
    self.rows = rows
    self.threshold = threshold
    self.console = console
    scores = rows.map { $0.score ?? 0 }
    graded = rows.indices.filter { rows[$0].executionStatus != .executionError }
    errors = rows.indices.filter { rows[$0].executionStatus == .executionError }
  }

  private func score(_ place: Int) -> Double { scores[place] }

  /// The block, with an empty line before it and a newline after each line but the last.
  var text: String {
    guard !rows.isEmpty else { return "\nNo results to summarize" }
    var lines = [""]
    lines += errorSection
    lines += [rule, verdict, rule, "", "EVALUATION SUMMARY", rule]
    lines += numbers
    if !graded.isEmpty { lines += distribution + extremes }
    lines += counts("Execution errors by stage:", errors.map { rows[$0].failureStage ?? "unknown" })
    lines += counts(
      "Execution errors by reason:", errors.map { rows[$0].failureReasonCode ?? "unknown" })
    return lines.joined(separator: "\n")
  }

  private var passedCount: Int {
    guard let threshold else { return rows.count { $0.executionStatus == .ok } }
    return graded.count { score($0) >= threshold }
  }

  private var errorSection: [String] {
    let failed = rows.lazy.filter { $0.error != nil }
    guard failed.first != nil else { return [] }
    var lines = [rule, "EXECUTION ERRORS", rule]
    for row in failed {
      let error = row.error ?? ""
      lines += ["", "❌ \(row.testID)"]
      lines += error.split(separator: "\n", omittingEmptySubsequences: false).map { "   \($0)" }
    }
    return lines + ["", ""]
  }

  private var verdict: String {
    if graded.isEmpty {
      return console.paint(
        "RESULT: ERROR  (all \(rows.count) test(s) had execution errors"
          + " — no evaluation was performed)", .yellow)
    }
    let passed = passedCount
    let isPass = passed == graded.count
    let level = percent(threshold ?? defaultThreshold)
    let mean = percent(Self.mean(graded.map(score)))
    return console.paint(
      "RESULT: \(isPass ? "PASS" : "FAIL")  (\(passed)/\(rows.count) scored >= \(level), "
        + "mean: \(mean))", isPass ? .green : .red)
  }

  private var numbers: [String] {
    let scores = graded.map(score).sorted()
    let passed = passedCount
    var lines = ["Total tests: \(rows.count)", "Passed: \(passed)"]
    if graded.count > passed { lines.append("Quality failures: \(graded.count - passed)") }
    if !errors.isEmpty { lines.append("Execution errors: \(errors.count)") }
    guard let low = scores.first, let high = scores.last else { return lines }
    var mean = "Mean score: \(percent(Self.mean(scores)))"
    if !errors.isEmpty {
      mean += " (\(scores.count) quality tests, \(errors.count) execution errors excluded)"
    }
    let middle = scores.count / 2
    let median =
      scores.count % 2 == 1 ? scores[middle] : (scores[middle - 1] + scores[middle]) / 2
    lines += [
      mean, "Median score: \(percent(median))", "Min score: \(percent(low))",
      "Max score: \(percent(high))",
    ]
    if scores.count > 1 { lines.append("Std deviation: \(percent(Self.deviation(scores)))") }
    return lines
  }

  private var distribution: [String] {
    var bins = [0, 0, 0, 0, 0]
    for place in graded { bins[max(0, min(4, Int(score(place) * 5)))] += 1 }
    return ["", "Score distribution:"]
      + bins.enumerated().map { "  \($0.offset * 20)%-\($0.offset * 20 + 20)%: \($0.element)" }
  }

  private var extremes: [String] {
    // A stable order: by score, best first, and of equal scores the earlier row first.
    let sorted = graded.sorted { (score($1), $0) < (score($0), $1) }
    func list(_ places: some Sequence<Int>) -> [String] {
      places.enumerated().map {
        "  \($0.offset + 1). \(rows[$0.element].testID): \(percent(score($0.element)))"
      }
    }
    return ["", "Top performing tests:"] + list(sorted.prefix(3))
      + ["", "Lowest performing tests:"] + list(sorted.suffix(3))
  }

  private func counts(_ heading: String, _ words: [String]) -> [String] {
    guard !words.isEmpty else { return [] }
    var order: [String] = []
    var numbers: [String: Int] = [:]
    for word in words {
      if numbers[word] == nil { order.append(word) }
      numbers[word, default: 0] += 1
    }
    return ["", heading] + order.map { "  \($0): \(numbers[$0] ?? 0)" }
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// Sample standard deviation.
  private static func deviation(_ values: [Double]) -> Double {
    let mean = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }
}
