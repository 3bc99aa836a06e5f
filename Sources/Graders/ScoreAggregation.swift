// From the graders' scores to the test's score and status.

public import Core
public import EvalFiles

/// What a test comes to.
public struct TestVerdict: Sendable {
  /// 0…1.
  public var score: Double
  /// Status of the row.
  public var status: ExecutionStatus
  /// Everything the graders checked, in order.
  public var assertions: [AssertionResult]
  /// Why it could not be judged, for an execution error.
  public var error: String?

  /// `failure_stage` of the row.
  public var failureStage: String? { error == nil ? nil : "evaluator" }
  /// `failure_reason_code` of the row.
  public var failureReasonCode: String? { error == nil ? nil : "evaluator_error" }
}

/// The rules by which scores are put together.
public enum ScoreAggregation {
  /// Score from which a test or a grader passes when nothing else was said.
  public static let defaultThreshold = 0.8

  /// Puts the graders' scores of one test together.
  /// - Parameters:
  ///   - scores: one per grader.
  ///   - specs: the graders, in the same order.
  ///   - threshold: the test's own threshold, else the command line's, else 0.8.
  /// - Returns: the test's score and status.
  public static func combine(
    _ scores: [GraderScore], specs: [GraderSpec], threshold: Double = defaultThreshold
  ) -> TestVerdict {
    let assertions = scores.flatMap(\.assertions)
    let skipped = scores.filter { $0.verdict == .skip }
    if !skipped.isEmpty {
      return TestVerdict(
        score: 0, status: .executionError, assertions: assertions, error: message(skipped))
    }
    let score = score(scores, specs, threshold)
    return TestVerdict(
      score: score, status: score >= threshold ? .ok : .qualityFailure, assertions: assertions)
  }

  private static func score(
    _ scores: [GraderScore], _ specs: [GraderSpec], _ threshold: Double
  ) -> Double {
    for (score, spec) in zip(scores, specs) {
      guard let level = spec.requiredLevel(threshold: threshold) else { continue }
      if score.score < level { return 0 }
    }
    let total = scores.reduce(0) { $0 + $1.weight }
    guard total > 0 else { return 0 }
    return scores.reduce(0) { $0 + $1.score * $1.weight } / total
  }

  private static func message(_ skipped: [GraderScore]) -> String {
    let reasons = skipped.map { score in
      let reason = score.assertions.first?.text ?? "skipped"
      // The implicit grader has no name that the author would know.
      return score.isImplicit ? reason : "\(score.name): \(reason)"
    }
    return reasons.count == 1 ? reasons[0] : "Graders skipped: \(reasons.joined(separator: " | "))"
  }
}
