// A test of several turns (reference: eval-files 4.3).

import Core
import EvalFiles
import Graders
import Providers

/// One run of a conversation.
struct ConversationRun: Sendable {
  let executor: TestExecutor
  let job: TestJob
  let conversation: Conversation

  /// What has been said and judged so far.
  private struct State {
    /// Everything that the target is told again: the test's input, the turns, the replies.
    var history: [Message]
    /// What was said after the test's input, replies with their tool calls.
    var said: [Message] = []
    var turns: [Judged] = []
    var calls = 0
    var replies = 0
    var metrics = TargetMetrics()
    var usages: [TokenUsage] = []
    var warnings: [String] = []
    var evidence = AgentEvidence()
    var targetUsed: String?
    /// How the last turn without a reply failed.
    var lastFailure: TestFailure?
    /// Why a grader could not judge.
    var skipped: [String] = []
  }

  /// The judgement of a turn, or of the whole conversation.
  private struct Judged {
    var name: String
    var score: Double
    var verdict: Verdict
    var assertions: [AssertionResult] = []
    var scores: [GraderScore] = []
    var startedAt = Timestamp.now()

    var json: JSON {
      let end = Timestamp.now()
      var object: JSONObject = [
        "name": .string(name), "type": "rubrics", "score": .double(score), "weight": 1,
        "verdict": .string(verdict.rawValue), "assertions": .array(assertions.map(\.json)),
      ]
      if !scores.isEmpty { object["scores"] = .array(scores.map(\.json)) }
      let duration = max(0, end.millisecondsSinceEpoch - startedAt.millisecondsSinceEpoch)
      object["duration_ms"] = .int(duration)
      object["started_at"] = .string(startedAt.description)
      object["ended_at"] = .string(end.description)
      return .object(object)
    }
  }

  /// Runs the turns in order, then judges the whole.
  /// - Returns: the result; `nil` when a stop came first.
  func run(earlierAttempts: Int) async -> TestResult? {
    var state = State(history: job.test.input)
    var entries: [JSON] = []
    var hasStopped = false
    for (index, turn) in conversation.turns.enumerated() {
      let name = "turn-\(index + 1)"
      if hasStopped {
        state.turns.append(
          Judged(
            name: name, score: 0, verdict: .skip,
            assertions: [
              AssertionResult("Not run: an earlier turn failed", passed: false)
            ]))
      } else {
        do throws(GraderError) {
          guard let judged = try await run(turn, name, earlierAttempts, &state) else { return nil }
          state.turns.append(judged)
          hasStopped = judged.verdict == .fail && conversation.onTurnFailure == .stop
        } catch {
          return error.isCancelled
            ? nil : .failed(.evaluator(error.description), attempts: state.calls)
        }
      }
      entries += state.turns.suffix(1).map(\.json)
    }
    if state.replies > 0, !job.test.assertions.isEmpty {
      do throws(GraderError) {
        let judged = try await judgeWhole(&state)
        state.turns.append(judged)
        entries.append(judged.json)
      } catch {
        return error.isCancelled
          ? nil : .failed(.evaluator(error.description), attempts: state.calls)
      }
    }
    return Task.isCancelled ? nil : result(state, entries)
  }
}

// MARK: - Turns

extension ConversationRun {
  /// Runs one turn; `nil` when a stop came first.
  private func run(
    _ turn: Conversation.Turn, _ name: String, _ earlierAttempts: Int, _ state: inout State
  ) async throws(GraderError) -> Judged? {
    let start = Timestamp.now()
    state.history.append(turn.input)
    state.said.append(turn.input)
    var test = job.test
    test.id = "\(job.test.id)/\(name)"
    test.input = window(state.history)
    let call = await executor.caller.call(
      TargetQuestion(job, test: test, earlierAttempts: earlierAttempts + state.calls),
      on: job.ready)
    if Task.isCancelled { return nil }
    state.calls += call.attempts
    if call.target.name != job.ready.target.name { state.targetUsed = call.target.name }
    var judged: Judged
    switch call.answer {
    case .failure(let error) where error.isCancelled:
      return nil
    case .failure(let error):
      judged = failed(name, error.description, &state)
    case .success(let response):
      note(response, isCached: call.isCached, &state)
      if let error = response.rawError {
        judged = failed(name, error, &state)
      } else {
        state.replies += 1
        judged = try await judge(response, turn, name, call.target, &state)
      }
    }
    judged.startedAt = start
    return judged
  }

  /// A turn without a reply fails; the conversation goes on, or not, as the file says.
  private func failed(_ name: String, _ message: String, _ state: inout State) -> Judged {
    state.lastFailure = .provider(message)
    return Judged(
      name: name, score: 0, verdict: .fail,
      assertions: [AssertionResult("Error: \(message)", passed: false)])
  }

  private func note(_ response: ProviderResponse, isCached: Bool, _ state: inout State) {
    state.said += response.output
    let answer = response.output.answer
    if !answer.isEmpty { state.history.append(Message(role: "assistant", text: answer)) }
    if let cost = response.metrics.costUSD {
      state.metrics.costUSD = (state.metrics.costUSD ?? 0) + (isCached ? 0 : cost)
    }
    if let duration = response.metrics.durationMS {
      state.metrics.durationMS = (state.metrics.durationMS ?? 0) + duration
    }
    if let usage = response.metrics.tokenUsage { state.usages.append(usage) }
    state.metrics.tokenUsage = state.usages.sum
    state.metrics.startTime = state.metrics.startTime ?? response.metrics.startTime
    state.metrics.endTime = response.metrics.endTime ?? state.metrics.endTime
    state.warnings += response.warnings
    state.evidence.add(response)
  }

  private func judge(
    _ response: ProviderResponse, _ turn: Conversation.Turn, _ name: String,
    _ target: ResolvedTarget, _ state: inout State
  ) async throws(GraderError) -> Judged {
    if turn.assertions.isEmpty, turn.expectedOutput.isEmpty {
      return Judged(name: name, score: 1, verdict: .pass)
    }
    var test = job.test
    test.input = state.history.dropLast(response.output.answer.isEmpty ? 0 : 1)
    test.expectedOutput = turn.expectedOutput
    test.assertions = turn.assertions
    return try await judged(
      name, executor.graderInput(test, response, target, job), turn.assertions, &state)
  }

  /// System messages, then the last exchanges.
  private func window(_ history: [Message]) -> [Message] {
    guard let size = conversation.windowSize else { return history }
    return history.filter { $0.role == "system" }
      + history.filter { $0.role != "system" }.suffix(2 * size)
  }
}

// MARK: - Judging

extension ConversationRun {
  /// The test's own and the suite's graders look at everything that was said.
  private func judgeWhole(_ state: inout State) async throws(GraderError) -> Judged {
    let response = ProviderResponse(output: state.said, metrics: state.metrics)
    var input = executor.graderInput(job.test, response, job.ready.target, job)
    input.answer = (job.test.input + state.said).compactMap { message in
      message.text.map { "\(message.role): \($0)" }
    }.joined(separator: "\n\n")
    return try await judged("conversation", input, job.test.assertions, &state)
  }

  private func judged(
    _ name: String, _ input: GraderInput, _ specs: [GraderSpec], _ state: inout State
  ) async throws(GraderError) -> Judged {
    let start = Timestamp.now()
    let scores = try await GraderRegistry.gradeAll(input)
    let verdict = ScoreAggregation.combine(scores, specs: specs, threshold: job.threshold)
    if let error = verdict.error { state.skipped.append("\(name): \(error)") }
    return Judged(
      name: name, score: verdict.score, verdict: verdict.status == .ok ? .pass : .fail,
      assertions: verdict.assertions, scores: scores, startedAt: start)
  }

  private func result(_ state: State, _ entries: [JSON]) -> TestResult {
    let score = aggregated(state.turns.map(\.score))
    var result = TestResult(
      score: score, status: score >= job.threshold ? .ok : .qualityFailure, scores: entries,
      assertions: state.turns.flatMap(\.assertions).map(\.json), output: state.said,
      metrics: state.metrics, attempts: max(1, state.calls), targetUsed: state.targetUsed)
    result.turns = conversation.turns.count
    result.warnings = state.warnings
    result.evidence = state.evidence
    if let failure = state.lastFailure, state.replies == 0 {
      // A target that never answered was not tested.
      result.score = 0
      result.status = .executionError
      result.failure = failure
    } else if !state.skipped.isEmpty {
      result.score = 0
      result.status = .executionError
      result.failure = .evaluator(state.skipped.joined(separator: " | "))
    }
    return result
  }

  private func aggregated(_ scores: [Double]) -> Double {
    switch conversation.aggregation {
    case .mean: scores.isEmpty ? 0 : scores.reduce(0, +) / Double(scores.count)
    case .min: scores.min() ?? 0
    case .max: scores.max() ?? 0
    }
  }
}
