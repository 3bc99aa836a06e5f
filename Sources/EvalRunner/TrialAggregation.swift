// From the results of several trials of a test to its one result (reference: eval-files 5.3).

import Core
import EvalFiles

/// The rules by which trials become one result.
enum TrialAggregation {
  /// Puts trials together.
  ///
  /// The parts that only one trial can give, its answer and what the graders said about it, are
  /// those of the best one. Cost and tokens are the sum of all: they were spent.
  /// - Parameters:
  ///   - results: one for each trial, at least one.
  ///   - trials: what was asked for.
  ///   - threshold: score from which the test passes.
  ///   - isCostLimited: whether the cost limit kept further trials from running.
  /// - Returns: the test's result.
  static func combined(
    _ results: [TestResult], _ trials: Trials, threshold: Double, isCostLimited: Bool
  ) -> TestResult {
    guard let first = results.first else { return .failed(.setup("no trial was run")) }
    var combined = results.dropFirst().reduce(first) { isBetter($1, than: $0) ? $1 : $0 }
    let scores = results.map(\.score)
    let aggregation: JSONObject
    switch trials.strategy {
    case .passAtK:
      aggregation = [
        "strategy": .string(trials.strategy.rawValue),
        "passed_attempts": .int(results.count { $0.status == .ok }),
        "total_attempts": .int(results.count),
      ]
    case .mean:
      combined.score = mean(scores)
      aggregation = [
        "strategy": .string(trials.strategy.rawValue), "mean": .double(combined.score),
        "min": .double(scores.min() ?? 0), "max": .double(scores.max() ?? 0),
      ]
    case .confidenceInterval:
      let interval = Interval(scores)
      combined.score = interval.lower
      aggregation = [
        "strategy": .string(trials.strategy.rawValue), "mean": .double(interval.mean),
        "ci95_lower": .double(interval.lower), "ci95_upper": .double(interval.upper),
        "stddev": .double(interval.deviation),
      ]
    }
    combined.status = status(results, trials.strategy, score: combined.score, threshold)
    if combined.status != .executionError { combined.failure = nil }
    combined.attempts = results.reduce(0) { $0 + $1.attempts }
    combined.metrics.costUSD = sum(results.compactMap(\.metrics.costUSD))
    combined.metrics.tokenUsage = results.compactMap(\.metrics.tokenUsage).sum
    combined.extra["trials"] = .array(results.enumerated().map { json($0.element, $0.offset) })
    combined.extra["aggregation"] = .object(aggregation)
    if isCostLimited { combined.extra["cost_limited"] = true }
    return combined
  }

  /// A trial that passed is better than one that failed, that better than one without a judgement;
  /// of two alike the higher score, then the earlier one.
  private static func isBetter(_ new: TestResult, than old: TestResult) -> Bool {
    func rank(_ status: ExecutionStatus) -> Int {
      switch status {
      case .ok: 2
      case .qualityFailure: 1
      case .executionError: 0
      }
    }
    return (rank(new.status), new.score) > (rank(old.status), old.score)
  }

  /// What is shown decides: a mean below the threshold does not pass because one trial did.
  private static func status(
    _ results: [TestResult], _ strategy: Trials.Strategy, score: Double, _ threshold: Double
  ) -> ExecutionStatus {
    if results.allSatisfy({ $0.status == .executionError }) { return .executionError }
    switch strategy {
    case .passAtK: return results.contains { $0.status == .ok } ? .ok : .qualityFailure
    case .mean, .confidenceInterval: return score >= threshold ? .ok : .qualityFailure
    }
  }

  private static func json(_ result: TestResult, _ number: Int) -> JSON {
    var object: JSONObject = [
      "attempt": .int(number), "score": .double(result.score),
      "verdict": result.status == .ok ? "pass" : "fail",
    ]
    if let scores = result.scores, !scores.isEmpty { object["scores"] = .array(scores) }
    object["error"] = result.failure.map { .string($0.message) }
    object["cost_usd"] = result.metrics.costUSD.map(JSON.double)
    object["execution_status"] = .string(result.status.rawValue)
    object["failure_stage"] = result.failure.map { .string($0.stage) }
    object["failure_reason_code"] = result.failure.map { .string($0.code) }
    return .object(object)
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  private static func sum(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +)
  }

  /// The 95 % confidence interval of a mean, within 0…1.
  struct Interval {
    let mean: Double
    let lower: Double
    let upper: Double
    /// Sample standard deviation.
    let deviation: Double

    init(_ values: [Double]) {
      let mean = TrialAggregation.mean(values)
      self.mean = mean
      guard values.count > 1 else {
        (lower, upper, deviation) = (mean, mean, 0)
        return
      }
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      deviation = (squares / Double(values.count - 1)).squareRoot()
      let degrees = values.count - 1
      let factor = degrees < 30 ? Self.student[degrees - 1] : 1.96
      let half = factor * deviation / Double(values.count).squareRoot()
      lower = max(0, min(1, mean - half))
      upper = max(0, min(1, mean + half))
    }

    /// Two-sided 95 % quantiles of Student's t distribution for 1 to 29 degrees of freedom.
    private static let student = [
      12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
      2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
      2.052, 2.048, 2.045,
    ]
  }
}

extension [TokenUsage] {
  /// The counts of all; `nil` when there are none.
  var sum: TokenUsage? {
    func add(_ left: Int?, _ right: Int?) -> Int? {
      left == nil && right == nil ? nil : (left ?? 0) + (right ?? 0)
    }
    guard let first else { return nil }
    return dropFirst().reduce(first) { total, usage in
      TokenUsage(
        input: total.input + usage.input, output: total.output + usage.output,
        cached: add(total.cached, usage.cached),
        reasoning: add(total.reasoning, usage.reasoning))
    }
  }
}
