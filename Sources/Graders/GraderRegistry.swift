// From the type of a grader to its code.

import Core
public import EvalFiles

/// All graders by type.
public enum GraderRegistry {
  /// The grader of a type; one of the project's own for a name that is not built in.
  static func grader(_ type: String) -> any Grader {
    switch type {
    case "contains": ContainsGrader(mode: .one, ignoresCase: false)
    case "contains-any": ContainsGrader(mode: .any, ignoresCase: false)
    case "contains-all": ContainsGrader(mode: .all, ignoresCase: false)
    case "icontains": ContainsGrader(mode: .one, ignoresCase: true)
    case "icontains-any": ContainsGrader(mode: .any, ignoresCase: true)
    case "icontains-all": ContainsGrader(mode: .all, ignoresCase: true)
    case "starts-with": TrimmedTextGrader(mode: .start)
    case "ends-with": TrimmedTextGrader(mode: .end)
    case "equals": TrimmedTextGrader(mode: .whole)
    case "regex": RegexGrader()
    case "is-json": IsJSONGrader()
    case "code-grader": CodeGrader()
    case "llm-grader", "rubrics": ModelGrader()
    case "composite": CompositeGrader()
    case "tool-trajectory": ToolTrajectoryGrader()
    case "latency": LatencyGrader()
    case "cost": CostGrader()
    case "token-usage": TokenUsageGrader()
    case "execution-metrics": ExecutionMetricsGrader()
    case "skill-trigger": SkillTriggerGrader()
    case "field-accuracy": FieldAccuracyGrader()
    default: CustomGrader()
    }
  }

  /// The grader of a test that names none: a model judges by criteria and reference answer.
  public static let implicitGrader = GraderSpec(name: "llm-grader", type: "llm-grader")

  /// Runs one grader: judgement, `negate`, times.
  /// - Parameters:
  ///   - spec: the grader as the eval file asks for it.
  ///   - input: what it looks at.
  /// - Returns: its score; a grader that fails scores 0 and says why.
  /// - Throws: `GraderError.cancelled` when the task was cancelled; nothing else.
  public static func grade(
    _ spec: GraderSpec, _ input: GraderInput
  ) async throws(GraderError) -> GraderScore {
    let start = Timestamp.now()
    var judgement: Judgement
    do throws(GraderError) {
      judgement = try await grader(spec.type).judge(spec, input)
    } catch {
      if error.isCancelled { throw error }
      judgement = .broken("Grader '\(spec.name)' failed: \(error.description)")
    }
    if spec.negate, !judgement.isBroken { negate(&judgement) }
    let end = Timestamp.now()
    return GraderScore(
      name: spec.name, type: spec.type == "rubrics" ? "llm-grader" : spec.type,
      score: judgement.score, weight: spec.weight, verdict: judgement.verdict,
      assertions: judgement.assertions, details: judgement.details, input: judgement.input,
      target: judgement.target, tokenUsage: judgement.tokenUsage, costUSD: judgement.costUSD,
      scores: judgement.scores, startedAt: start, endedAt: end,
      durationMS: max(0, end.millisecondsSinceEpoch - start.millisecondsSinceEpoch))
  }

  private static func negate(_ judgement: inout Judgement) {
    switch judgement.verdict {
    case .skip: return
    case .pass: judgement.verdict = .fail
    case .fail: judgement.verdict = .pass
    }
    judgement.score = 1 - judgement.score
    for index in judgement.assertions.indices {
      judgement.assertions[index].passed.toggle()
      if let evidence = judgement.assertions[index].evidence {
        judgement.assertions[index].evidence = "[Negated] \(evidence)"
      }
    }
  }

  /// Runs all graders of a test in order; the implicit one when it names none.
  /// - Parameter input: what they look at.
  /// - Returns: one score per grader.
  /// - Throws: `GraderError.cancelled` when the task was cancelled; nothing else.
  public static func gradeAll(_ input: GraderInput) async throws(GraderError) -> [GraderScore] {
    if input.test.assertions.isEmpty {
      var score = try await grade(implicitGrader, input)
      score.isImplicit = true
      return [score]
    }
    var scores: [GraderScore] = []
    scores.reserveCapacity(input.test.assertions.count)
    for spec in input.test.assertions { scores.append(try await grade(spec, input)) }
    return scores
  }
}
