// What a grader gets and what it gives.

public import Core
public import EvalFiles

/// Everything a grader may look at.
public struct GraderInput: Sendable {
  /// The test.
  public var test: EvalTest
  /// The text under test: the target's final answer.
  public var answer: String
  /// All messages of the target.
  public var output: [Message]
  /// What the target reported about its work.
  public var metrics: TargetMetrics
  /// What the target did.
  public var trace: ToolTrace?
  /// The target that answered.
  public var target: ResolvedTarget
  /// Environment of programs that a grader starts, `.env` values included.
  public var environment: [String: String]
  /// Longest time that a program of a grader may take; `nil` for no limit.
  public var agentTimeout: Duration?
  /// Workspace of the test, absolute.
  public var workspacePath: String?
  /// Unified diff of what the target changed in its workspace.
  public var fileChanges: String?
  /// Whether models are mocked.
  public var dryRun: Bool
  /// The test's own threshold, else the command line's, else 0.8.
  public var threshold: Double
  /// Targets that graders may ask; `nil` when there are none.
  public var targets: (any GraderTargets)?

  /// An input; the answer and the trace are taken from the output.
  public init(
    test: EvalTest, output: [Message], metrics: TargetMetrics = TargetMetrics(),
    target: ResolvedTarget, environment: [String: String] = [:], agentTimeout: Duration? = nil,
    workspacePath: String? = nil, fileChanges: String? = nil, dryRun: Bool = false,
    threshold: Double = ScoreAggregation.defaultThreshold
  ) {
    self.test = test
    self.answer = output.answer
    self.output = output
    self.metrics = metrics
    self.trace = output.isEmpty ? nil : ToolTrace(output)
    self.target = target
    self.environment = environment
    self.agentTimeout = agentTimeout
    self.workspacePath = workspacePath
    self.fileChanges = fileChanges
    self.dryRun = dryRun
    self.threshold = threshold
  }
}

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

/// What one grader found.
public struct GraderScore: Sendable {
  /// The grader's name.
  public var name: String
  /// The grader's type, as rows show it.
  public var type: String
  /// 0…1.
  public var score: Double
  /// Its share in the weighted mean.
  public var weight: Double
  /// Its judgement.
  public var verdict: Verdict
  /// What it checked.
  public var assertions: [AssertionResult]
  /// Whatever else it had to say.
  public var details: JSONObject?
  /// What it was asked, for those who look into it later.
  public var input: JSONObject?
  /// Name of the target that graded, if a model did.
  public var target: String?
  /// Tokens that grading used.
  public var tokenUsage: TokenUsage?
  /// When it began.
  public var startedAt: Timestamp
  /// When it ended.
  public var endedAt: Timestamp
  /// How long it took, in milliseconds.
  public var durationMS: Int
  /// Whether it comes from the implicit grader of a test that names none.
  ///
  /// Upstream leaves `scores` out of such a row.
  public var isImplicit = false

  /// The entry of `scores[]` in a row.
  public var json: JSON {
    var object: JSONObject = [:]
    object.appendUnchecked("name", .string(name))
    object.appendUnchecked("type", .string(type))
    object.appendUnchecked("score", .double(score))
    object.appendUnchecked("weight", .double(weight))
    object.appendUnchecked("verdict", .string(verdict.rawValue))
    object.appendUnchecked("assertions", .array(assertions.map(\.json)))
    if let input { object.appendUnchecked("input", .object(input)) }
    if let target { object.appendUnchecked("target", .string(target)) }
    if let details { object.appendUnchecked("details", .object(details)) }
    if let tokenUsage { object.appendUnchecked("token_usage", tokenUsage.json) }
    object.appendUnchecked("duration_ms", .int(durationMS))
    object.appendUnchecked("started_at", .string(startedAt.description))
    object.appendUnchecked("ended_at", .string(endedAt.description))
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

  /// A judgement; without a verdict the score decides at the fixed level of 0.8.
  public init(
    score: Double, verdict: Verdict? = nil, assertions: [AssertionResult],
    details: JSONObject? = nil, input: JSONObject? = nil, target: String? = nil,
    tokenUsage: TokenUsage? = nil
  ) {
    self.score = score
    self.verdict = verdict ?? (score >= ScoreAggregation.defaultThreshold ? .pass : .fail)
    self.assertions = assertions
    self.details = details
    self.input = input
    self.target = target
    self.tokenUsage = tokenUsage
  }

  /// One statement that holds or not: score 1 or 0.
  public static func check(_ passed: Bool, _ text: String) -> Judgement {
    Judgement(score: passed ? 1 : 0, assertions: [AssertionResult(text, passed: passed)])
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
  /// The reason.
  public var description: String

  /// A failure of this grader on this test.
  public init(_ description: String) {
    isCancelled = false
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
