// One test on one target while it runs, and what it comes to.

import Core
import EvalFiles
import Graders
import Providers
import RunArtifacts

/// A test that runs now.
struct TestJob: Sendable {
  let planned: PlannedTest
  let test: EvalTest
  let ready: ReadyTarget
  /// Environment of everything that the test starts.
  var environment: [String: String]
  /// Workspace of the test, absolute; `nil` for none.
  var workspacePath: String?
  /// Gives the test its workspace; `nil` when no test of the file has one.
  var workspaces: WorkspaceSession?
  /// The workspace that it works in now.
  var activeWorkspace: ActiveWorkspace?
  /// Score from which the test passes.
  let threshold: Double
  /// Kept answers; `nil` when the test is not to use them.
  var cache: ResponseCache?
  /// The answer of a call that was made for all tests together.
  var batchAnswer: Result<ProviderResponse, ProviderError>?
  let startedAt = ContinuousClock.now
}

/// What one complete run of a test came to: answer and grading.
struct TestResult: Sendable {
  var score: Double
  var status: ExecutionStatus
  /// One object for each grader; `nil` when the test names none and was judged by its criteria.
  var scores: [JSON]?
  /// Everything that was checked.
  var assertions: [JSON]
  /// Tokens of the grader that judged by the criteria, which has no entry of its own in `scores`.
  var implicitUsage: TokenUsage?
  /// What the target said; what went wrong, in the words of an answer, when it said nothing.
  var output: [Message]
  /// Whether the target said anything.
  var isAnswered = true
  /// What it reported about its work.
  var metrics = TargetMetrics()
  /// Calls made.
  var attempts: Int
  /// The fallback that answered, if one did.
  var targetUsed: String?
  var fileChanges: String?
  /// Its workspace, when it is kept.
  var workspacePath: String?
  var failure: TestFailure?
  /// Turns of a conversation.
  var turns: Int?
  /// Odd things that were seen and passed over.
  var warnings: [String] = []
  /// What else the target's program left: its events, its version, odd things.
  var evidence = AgentEvidence()
  /// Further members of the row, in order.
  var extra: JSONObject = [:]

  /// The result of a test without an answer or without a judgement.
  static func failed(_ failure: TestFailure, attempts: Int = 0) -> TestResult {
    var result = TestResult(
      score: 0, status: .executionError,
      assertions: [["text": .string("Error: \(failure.message)"), "passed": false]],
      output: [Message(role: "assistant", text: "Error occurred: \(failure.message)")],
      attempts: attempts, failure: failure)
    result.isAnswered = false
    return result
  }
}

/// Why a test has no judgement.
struct TestFailure: Sendable, Hashable {
  var message: String
  /// `failure_stage` of the row: `setup`, `repo_setup`, `agent`, `evaluator`.
  var stage: String
  /// `failure_reason_code` of the row.
  var code: String

  /// The target gave no answer.
  static func provider(_ message: String) -> TestFailure {
    TestFailure(message: message, stage: "agent", code: "provider_error")
  }

  /// The answer could not be judged.
  static func evaluator(_ message: String) -> TestFailure {
    TestFailure(message: message, stage: "evaluator", code: "evaluator_error")
  }

  /// The test was not run, or what it needs could not be set up.
  static func setup(_ message: String, code: String = "setup_error") -> TestFailure {
    TestFailure(message: message, stage: "setup", code: code)
  }
}
