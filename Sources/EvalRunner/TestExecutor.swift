// One test on one target: calls with retries and fallbacks, grading, the row and its artifacts.

import Core
import EvalFiles
import Graders
import Providers
import RunArtifacts

/// What became of a test.
enum TestOutcome: Sendable {
  /// It has a result.
  case finished(ResultRow, TestArtifacts)
  /// A stop came first; it leaves nothing and runs again on resume.
  case dropped
}

/// A target that is ready to be called.
struct ReadyTarget: Sendable {
  let target: ResolvedTarget
  let provider: any Provider
  /// Targets tried once each, in order, when this one has failed for good.
  let fallbacks: [(target: ResolvedTarget, provider: any Provider)]
}

/// Runs single tests.
struct TestExecutor: Sendable {
  /// Pass score of the command line.
  let threshold: Double?
  /// Further tries after a failed call.
  let maxRetries: Int
  /// Longest time of one call.
  let agentTimeout: Duration?
  let isDryRun: Bool
  let experiment: String

  /// Runs a test to its result, unless the task is cancelled.
  func run(
    _ planned: PlannedTest, on ready: ReadyTarget, environment: [String: String]
  ) async -> TestOutcome {
    let start = ContinuousClock.now
    var environment = environment
    environment["AGENTV_TEST_ID"] = planned.test.id
    let call = await call(planned.test, ready, environment)
    // A target that is stopped may still answer, or fail in its own words: neither is a result.
    if Task.isCancelled { return .dropped }
    switch call.answer {
    case .failure(let error) where error.isCancelled:
      return .dropped
    case .failure(let error):
      return failed(planned, ready, error.description, attempts: call.attempts, since: start)
    case .success(let response):
      do throws(GraderError) {
        let graded = try await grade(planned, response, call.target, environment)
        if Task.isCancelled { return .dropped }
        return finished(planned, ready, call, response, graded, since: start)
      } catch  where error.isCancelled {
        return .dropped
      } catch {
        return failed(
          planned, ready, error.description, stage: "evaluator", attempts: call.attempts,
          since: start)
      }
    }
  }
}

// MARK: - Calling the target

extension TestExecutor {
  private struct Call {
    var answer: Result<ProviderResponse, ProviderError>
    var target: ResolvedTarget
    var attempts: Int
  }

  private func call(
    _ test: EvalTest, _ ready: ReadyTarget, _ environment: [String: String]
  ) async -> Call {
    var attempts = 0
    while true {
      let answer = await invoke(ready.provider, test, attempts, environment)
      attempts += 1
      let call = Call(answer: answer, target: ready.target, attempts: attempts)
      guard case .failure(let error) = answer, !error.isCancelled else { return call }
      guard error.retryable, attempts <= maxRetries else {
        return await fallBack(call, test, ready, environment)
      }
      do {
        try await Task.sleep(for: Self.backoff(afterAttempt: attempts))
      } catch {
        return Call(
          answer: .failure(ProviderError(.cancelled, "stopped while waiting for a further try")),
          target: ready.target, attempts: attempts)
      }
    }
  }

  /// Wait before the next attempt: 1 s, 2 s, 4 s … at most 30 s.
  static func backoff(afterAttempt attempt: Int) -> Duration {
    .seconds(attempt > 5 ? 30 : min(30, 1 << (attempt - 1)))
  }

  private func fallBack(
    _ failed: Call, _ test: EvalTest, _ ready: ReadyTarget, _ environment: [String: String]
  ) async -> Call {
    var last = failed
    for fallback in ready.fallbacks {
      let answer = await invoke(fallback.provider, test, last.attempts, environment)
      last = Call(answer: answer, target: fallback.target, attempts: last.attempts + 1)
      switch answer {
      case .success: return last
      case .failure(let error): if error.isCancelled { return last }
      }
    }
    // What counts is what the target itself said; the fallbacks only had to help.
    return Call(answer: failed.answer, target: ready.target, attempts: last.attempts)
  }

  private func invoke(
    _ provider: any Provider, _ test: EvalTest, _ attempt: Int, _ environment: [String: String]
  ) async -> Result<ProviderResponse, ProviderError> {
    let request = ProviderRequest(
      test: test, prompt: test.prompt(style: provider.promptStyle), attempt: attempt,
      environment: environment, timeout: agentTimeout)
    do throws(ProviderError) {
      return .success(try await provider.invoke(request))
    } catch {
      return .failure(error)
    }
  }
}

// MARK: - Grading and rows

extension TestExecutor {
  private struct Graded {
    var scores: [GraderScore]
    var verdict: TestVerdict
  }

  private func grade(
    _ planned: PlannedTest, _ response: ProviderResponse, _ target: ResolvedTarget,
    _ environment: [String: String]
  ) async throws(GraderError) -> Graded {
    let threshold =
      planned.test.threshold ?? threshold ?? ScoreAggregation.defaultThreshold
    let scores = try await GraderRegistry.gradeAll(
      GraderInput(
        test: planned.test, output: response.output, metrics: response.metrics, target: target,
        environment: environment, agentTimeout: agentTimeout, fileChanges: response.fileChanges,
        dryRun: isDryRun, threshold: threshold))
    let verdict = ScoreAggregation.combine(
      scores, specs: planned.test.assertions, threshold: threshold)
    return Graded(scores: scores, verdict: verdict)
  }

  private func row(
    _ planned: PlannedTest, _ ready: ReadyTarget, score: Double, status: ExecutionStatus,
    attempts: Int, since start: ContinuousClock.Instant
  ) -> ResultRow {
    var row = ResultRow(
      timestamp: .now(), testID: planned.test.id, target: ready.target.name, score: score,
      executionStatus: status)
    row.suite = planned.test.suite
    row.category = planned.test.category
    row.conversationID = planned.test.conversationID
    row.metadata = planned.test.metadata
    row.experiment = experiment
    row.evalFile = planned.identity.evalFile
    row.requestedTarget = planned.identity.target
    row.totalDurationMS = Self.milliseconds(start.duration(to: .now))
    if attempts > 1 { row.attempts = attempts }
    return row
  }

  private func finished(
    _ planned: PlannedTest, _ ready: ReadyTarget, _ call: Call, _ response: ProviderResponse,
    _ graded: Graded, since start: ContinuousClock.Instant
  ) -> TestOutcome {
    var row = row(
      planned, ready, score: graded.verdict.score, status: graded.verdict.status,
      attempts: call.attempts, since: start)
    row.scores = graded.scores.map(\.json)
    row.error = graded.verdict.error
    row.failureStage = graded.verdict.failureStage
    row.failureReasonCode = graded.verdict.failureReasonCode
    if let error = response.rawError {
      // The target answered and said itself that something went wrong: the score stays.
      row.executionStatus = .executionError
      row.error = error
      row.failureStage = "agent"
      row.failureReasonCode = "provider_error"
    }
    row.durationMS = response.metrics.durationMS
    row.costUSD = response.metrics.costUSD
    row.tokenUsage = response.metrics.tokenUsage.map {
      TokenCount(input: $0.input, output: $0.output, reasoning: $0.reasoning, cached: $0.cached)
    }
    if call.target.name != ready.target.name {
      row.extra["target_used"] = .string(call.target.name)
    }
    let artifacts = TestArtifacts(
      input: planned.test.input.map(\.json), output: response.output.map(\.json),
      assertions: graded.verdict.assertions.map(\.json), graders: row.scores,
      fileChanges: response.fileChanges)
    return .finished(row, artifacts)
  }

  private func failed(
    _ planned: PlannedTest, _ ready: ReadyTarget, _ message: String, stage: String = "agent",
    attempts: Int, since start: ContinuousClock.Instant
  ) -> TestOutcome {
    var row = row(
      planned, ready, score: 0, status: .executionError, attempts: attempts, since: start)
    row.error = message
    row.failureStage = stage
    row.failureReasonCode = stage == "agent" ? "provider_error" : "evaluator_error"
    let artifacts = TestArtifacts(
      input: planned.test.input.map(\.json),
      output: [["role": "assistant", "content": .string("Error occurred: \(message)")]],
      assertions: [["text": .string("Error: \(message)"), "passed": false]], graders: [])
    return .finished(row, artifacts)
  }

  static func milliseconds(_ duration: Duration) -> Int {
    let parts = duration.components
    return Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
  }
}
