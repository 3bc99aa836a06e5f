// The plain lines about single tests (reference: cli 3). Scripts read them: never cursor control,
// never another shape.

import Core
import RunArtifacts

/// Renders the lines of tests.
struct ProgressLine: Sendable {
  /// Whether ids are followed by the target, because there is more than one.
  let isMatrix: Bool

  /// A target as lines show it: `requested → resolved` when they differ.
  static func label(requested: String, resolved: String) -> String {
    requested == resolved ? resolved : "\(requested) → \(resolved)"
  }

  /// A test that waits (`⏳`) or was started (`🔄`).
  func open(
    _ icon: String, done: Int, total: Int, testID: String, requested: String, resolved: String
  ) -> String {
    "\(done)/\(total)   \(icon) \(name(testID, requested))"
      + " | \(Self.label(requested: requested, resolved: resolved))"
  }

  /// A test that has its row.
  func finished(_ row: ResultRow, done: Int, total: Int, console: Console) -> String {
    let score = percent(row.score ?? 0)
    let icon: String
    let verdict: String
    switch row.executionStatus {
    case .ok:
      icon = "✅"
      verdict = console.paint("\(score) PASS", .green)
    case .qualityFailure:
      icon = "⚠️"
      verdict = console.paint("\(score) FAIL", .red)
    case .executionError:
      icon = "❌"
      verdict = console.paint("ERROR", .yellow)
    }
    let requested = row.requestedTarget ?? row.target
    var line =
      "\(done)/\(total)   \(icon) \(name(row.testID, requested))"
      + " | \(Self.label(requested: requested, resolved: row.target)) | \(verdict)"
    if let duration = Self.duration(row) { line += " | \(duration)" }
    if let error = row.error { line += ": \(error)" }
    return line
  }

  private func name(_ testID: String, _ requested: String) -> String {
    isMatrix ? "\(testID)@\(requested)" : testID
  }

  private static func duration(_ row: ResultRow) -> String? {
    switch (row.durationMS, row.totalDurationMS) {
    case (let target?, let total?): "\(target)/\(max(target, total))ms"
    case (let target?, nil): "\(target)ms"
    // A target that failed has no time of its own, and the time until it failed says little.
    case (nil, let total?): row.error == nil ? "\(total)ms" : nil
    case (nil, nil): nil
    }
  }
}
