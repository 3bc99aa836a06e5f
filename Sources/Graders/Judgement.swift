// What a grader gives.

public import Core
public import EvalFiles

/// A grader's judgement.
public enum Verdict: String, Sendable, Hashable {
  /// It holds.
  case pass
  /// It does not hold.
  case fail
  /// It could not be judged; the test is then an execution error.
  case skip
}

/// One checked statement.
public struct AssertionResult: Sendable, Hashable {
  /// What was checked, worded as it turned out.
  public var text: String
  /// Whether it holds.
  public var passed: Bool
  /// What it was seen by.
  public var evidence: String?

  /// A statement.
  public init(_ text: String, passed: Bool, evidence: String? = nil) {
    self.text = text
    self.passed = passed
    self.evidence = evidence
  }

  /// The form in rows and in `grading.json`.
  public var json: JSON {
    var object: JSONObject = ["text": .string(text), "passed": .bool(passed)]
    object["evidence"] = evidence.map(JSON.string)
    return .object(object)
  }
}

/// What a grader says before names, weights, times and `negate` are added.
public struct Judgement: Sendable {
  /// 0…1.
  public var score: Double
  /// The judgement.
  public var verdict: Verdict
  /// What was checked.
  public var assertions: [AssertionResult]
  /// Whatever else there is to say.
  public var details: JSONObject?
  /// What was asked.
  public var input: JSONObject?
  /// The target that graded.
  public var target: String?
  /// Tokens used.
  public var tokenUsage: TokenUsage?
  /// Cost in US dollars, if reported.
  public var costUSD: Double?
  /// What the members of a composite found.
  public var scores: [GraderScore]
  /// Whether the grader itself failed: turning that around would make it a success.
  var isBroken = false

  /// A judgement; without a verdict the score decides at the fixed level of 0.8.
  public init(
    score: Double, verdict: Verdict? = nil, assertions: [AssertionResult],
    details: JSONObject? = nil, input: JSONObject? = nil, target: String? = nil,
    tokenUsage: TokenUsage? = nil, costUSD: Double? = nil, scores: [GraderScore] = []
  ) {
    self.score = score
    self.verdict = verdict ?? (score >= ScoreAggregation.defaultThreshold ? .pass : .fail)
    self.assertions = assertions
    self.details = details
    self.input = input
    self.target = target
    self.tokenUsage = tokenUsage
    self.costUSD = costUSD
    self.scores = scores
  }

  /// One statement that holds or not: score 1 or 0.
  public static func check(_ passed: Bool, _ text: String) -> Judgement {
    Judgement(score: passed ? 1 : 0, assertions: [AssertionResult(text, passed: passed)])
  }

  /// The grader itself failed: score 0, negated or not.
  static func broken(_ text: String, evidence: String? = nil) -> Judgement {
    var judgement = Judgement(
      score: 0, assertions: [AssertionResult(text, passed: false, evidence: evidence)])
    judgement.isBroken = true
    return judgement
  }

  /// Nothing could be judged, and why.
  public static func skipped(_ reason: String) -> Judgement {
    Judgement(score: 0, verdict: .skip, assertions: [AssertionResult(reason, passed: false)])
  }
}

/// Why a grader gave no judgement at all.
public struct GraderError: Error, Sendable, CustomStringConvertible {
  /// Whether the run was stopped meanwhile; the test then has no result.
  public var isCancelled: Bool
  /// Whether asking again cannot help.
  public var isPermanent: Bool
  /// The reason.
  public var description: String

  /// A failure of this grader on this test.
  public init(_ description: String, isPermanent: Bool = false) {
    isCancelled = false
    self.isPermanent = isPermanent
    self.description = description
  }

  /// The end of a grader whose run was stopped.
  public static let cancelled: GraderError = {
    var error = GraderError("the run was stopped")
    error.isCancelled = true
    return error
  }()
}

/// One kind of grader.
public protocol Grader: Sendable {
  /// Judges a target's answer.
  /// - Throws: `GraderError`; it fails this grader alone, except for `.cancelled`.
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement
}
