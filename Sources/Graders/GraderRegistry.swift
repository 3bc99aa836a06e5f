// From the type of a grader to its code.

public import EvalFiles
import Core

/// All graders by type.
public enum GraderRegistry {
  /// Runs one grader: judgement, `negate`, times.
  /// - Parameters:
  ///   - spec: the grader as the eval file asks for it.
  ///   - input: what it looks at.
  /// - Returns: its score; a grader that fails scores 0 and says why.
  /// - Throws: `GraderError.cancelled` when the task was cancelled; nothing else.
  public static func grade(
    _ spec: GraderSpec, _ input: GraderInput
  ) async throws(GraderError) -> GraderScore {
    throw .cancelled
  }

  /// Runs all graders of a test in order.
  /// - Throws: `GraderError.cancelled` when the task was cancelled; nothing else.
  public static func gradeAll(_ input: GraderInput) async throws(GraderError) -> [GraderScore] {
    var scores: [GraderScore] = []
    for spec in input.test.assertions { scores.append(try await grade(spec, input)) }
    return scores
  }
}
