// Exit codes of `agentv eval` (docs/reference/exit-codes.md).

import Core
import RunArtifacts

/// The rules, first match first.
enum ExitCode {
  /// The exit code of a run.
  /// - Parameters:
  ///   - rows: the rows that count.
  ///   - threshold: pass score that was asked for.
  ///   - failOnError: whether every test that is not ok counts.
  ///   - isOverBudget: whether `--budget-usd` was reached.
  ///   - signal: what stopped the run.
  ///   - hasFailed: whether rows or summaries could not be written, or a second signal came.
  ///   - hasUnusableFiles: whether files that were asked for, or tests in them, could not be used.
  /// - Returns: 0, 1, 2 or 128 + signal.
  static func of(
    _ rows: some Collection<some CountedRow>, threshold: Double?, failOnError: Bool,
    isOverBudget: Bool = false, signal: Int32?, hasFailed: Bool, hasUnusableFiles: Bool = false
  ) -> Int32 {
    if hasFailed { return 1 }
    if let signal { return 128 + signal }
    let graded = rows.lazy.filter { $0.executionStatus != .executionError }
    if graded.first == nil, !rows.isEmpty { return 2 }
    if let threshold, graded.contains(where: { ($0.score ?? 0) < threshold }) { return 1 }
    if failOnError, rows.contains(where: { $0.executionStatus != .ok }) { return 1 }
    return isOverBudget || hasUnusableFiles ? 1 : 0
  }
}
