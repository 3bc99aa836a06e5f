// Several runs of one test, one after another.

import Core
import EvalFiles

/// The trials of one test.
struct TrialRun: Sendable {
  let executor: TestExecutor
  let job: TestJob
  let trials: Trials

  /// Runs the trials.
  /// - Returns: the result of all; `nil` when a stop came before the last one had ended, so that the
  ///   whole set runs again on resume.
  func run() async -> TestResult? {
    var results: [TestResult] = []
    var calls = 0
    var cost = 0.0
    var isCostLimited = false
    for number in 1...trials.count {
      guard let result = await executor.attempt(job, earlierAttempts: calls) else { return nil }
      results.append(result)
      calls += result.attempts
      cost += result.metrics.costUSD ?? 0
      if trials.strategy == .passAtK, result.status == .ok { break }
      if let limit = trials.costLimitUSD, cost >= limit, number < trials.count {
        isCostLimited = true
        break
      }
    }
    return TrialAggregation.combined(
      results, trials, threshold: job.threshold, isCostLimited: isCostLimited)
  }
}
