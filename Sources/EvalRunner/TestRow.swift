// From the result of a test to its row and its files.

import Core
import EvalFiles
import RunArtifacts

extension TestExecutor {
  /// The row of a test.
  func row(_ result: TestResult, of job: TestJob) -> ResultRow {
    var row = ResultRow(
      timestamp: .now(), testID: job.test.id, target: job.ready.target.name, score: result.score,
      executionStatus: result.status)
    row.suite = job.test.suite
    row.category = job.test.category
    row.conversationID = job.test.conversationID
    row.metadata = job.test.metadata
    row.experiment = experiment
    row.evalFile = job.planned.identity.evalFile
    row.requestedTarget = job.planned.identity.target
    row.scores = result.scores ?? []
    row.hasScores = result.scores != nil || result.failure != nil
    row.error = result.failure?.message
    row.failureStage = result.failure?.stage
    row.failureReasonCode = result.failure?.code
    row.workspacePath = result.workspacePath
    row.durationMS = result.metrics.durationMS
    row.totalDurationMS = Self.milliseconds(job.startedAt.duration(to: .now))
    row.costUSD = result.metrics.costUSD
    row.tokenUsage = result.metrics.tokenUsage.map {
      TokenCount(input: $0.input, output: $0.output, reasoning: $0.reasoning, cached: $0.cached)
    }
    if result.attempts > 1 { row.attempts = result.attempts }
    row.extra = details(result, totalDurationMS: row.totalDurationMS ?? 0)
    for (name, value) in result.evidence.members { row.extra[name] = value }
    return row
  }

  /// The members of a row that only some readers want, named as upstream's raw rows name them.
  private func details(_ result: TestResult, totalDurationMS: Int) -> JSONObject {
    var details = JSONObject()
    if let name = result.targetUsed { details["target_used"] = .string(name) }
    details["start_time"] = result.metrics.startTime.map(JSON.string)
    details["end_time"] = result.metrics.endTime.map(JSON.string)
    if result.isAnswered { details["trace"] = ToolTrace(result.output).json }
    var whole: JSONObject = ["duration_ms": .int(totalDurationMS)]
    whole["token_usage"] = Self.wholeUsage(result)?.json
    details["eval_run"] = .object(whole)
    if let failure = result.failure {
      details["execution_error"] = [
        "message": .string(failure.message), "stage": .string(failure.stage),
      ]
    }
    if let outputMessages {
      details["output"] = .array(outputMessages.selected(result.output).map(\.json))
    }
    for (name, value) in result.extra { details[name] = value }
    return details
  }

  /// Tokens of the target and of the models that graded.
  private static func wholeUsage(_ result: TestResult) -> TokenUsage? {
    let graders = (result.scores ?? []).compactMap { score in
      score["token_usage"].flatMap(TokenUsage.init(json:))
    }
    let own = [result.metrics.tokenUsage, result.implicitUsage].compactMap(\.self)
    return (own + graders).sum
  }

  /// Longest text of a request that a row holds, bytes; `input.md` has all of it.
  static let requestLimitBytes = 16 << 10

  /// What was sent: to a model under `lm`, to an agent under `agent`; under `evaluator` what the
  /// implicit grader asked.
  static func requests(_ call: TargetCall, judge: JSONObject?) -> JSON {
    var question: JSONObject = ["question": .string(cut(call.prompt))]
    if let system = call.systemPrompt { question["system_prompt"] = .string(cut(system)) }
    var requests: JSONObject = [call.isAgent ? "agent" : "lm": .object(question)]
    if let judge { requests["evaluator"] = .object(judge) }
    return .object(requests)
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > requestLimitBytes else { return text }
    let kept = String(decoding: text.utf8.prefix(requestLimitBytes), as: UTF8.self)
    return "\(kept)… [\(text.utf8.count - requestLimitBytes) bytes left out]"
  }

  /// The files of a test.
  func artifacts(_ result: TestResult, of job: TestJob) -> TestArtifacts {
    TestArtifacts(
      input: job.test.input.map(\.json), output: result.output.map(\.json),
      assertions: result.assertions, graders: result.scores ?? [],
      fileChanges: result.fileChanges, turns: result.turns,
      agentEvents: result.evidence.events)
  }

  static func milliseconds(_ duration: Duration) -> Int {
    let parts = duration.components
    return Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
  }
}

/// `--output-messages`: how much of an answer goes into its row.
enum OutputMessages: Sendable, Hashable {
  case last(Int)
  case all

  /// The messages that are kept, role and content only unless all are wanted.
  func selected(_ output: [Message]) -> [Message] {
    switch self {
    case .all: output
    case .last(let count):
      output.filter { $0.role == "assistant" }.suffix(count).map {
        Message(role: $0.role, content: $0.content)
      }
    }
  }
}
