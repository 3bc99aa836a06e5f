// What a grader gets.

import Core
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
  /// What lets script graders ask targets; `nil` when there is nothing of the kind.
  public var proxies: (any TargetProxies)?
  /// Where warnings for people go, one line each.
  public var warn: @Sendable (String) -> Void = { _ in }
  /// Whether scripts also get question and answers as plain texts under their old names.
  public var hasPlainTexts = false
  /// How many composites this grader is inside of.
  var depth = 0

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
