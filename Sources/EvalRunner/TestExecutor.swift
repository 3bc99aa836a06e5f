// One test on one target: the calls, the grading, the row and its artifacts.

import Core
import EvalFiles
import Graders
import Providers
import RunArtifacts

/// What became of a test.
enum TestOutcome: Sendable {
  /// It has a result, and perhaps odd things were seen on the way.
  case finished(ResultRow, TestArtifacts, [String])
  /// A stop came first; it leaves nothing and runs again on resume.
  case dropped
}

/// Runs single tests.
struct TestExecutor: Sendable {
  /// Pass score of the command line.
  let threshold: Double?
  let caller: TargetCaller
  let isDryRun: Bool
  let experiment: String
  /// Messages of the answer that go into the row; `nil` for none.
  var outputMessages: OutputMessages?

  /// Runs a test to its result, unless the task is cancelled.
  func run(
    _ planned: PlannedTest, on ready: ReadyTarget, environment: [String: String],
    trials: Trials? = nil, cache: ResponseCache? = nil,
    batchAnswer: Result<ProviderResponse, ProviderError>? = nil,
    workspaces: WorkspaceSession? = nil
  ) async -> TestOutcome {
    let test: EvalTest
    do throws(TestChange) {
      test = try planned.load()
    } catch {
      return notRun(planned, on: ready, .setup(error.description, code: "eval_file_changed"))
    }
    var environment = environment
    environment["AGENTV_TEST_ID"] = test.id
    var job = TestJob(
      planned: planned, test: test, ready: ready, environment: environment,
      threshold: test.threshold ?? threshold ?? ScoreAggregation.defaultThreshold)
    if let problem = ready.graders?.problem(with: test) {
      // Nobody could judge the answer, so the target is not called for one.
      let result = TestResult.failed(.evaluator(problem))
      return .finished(row(result, of: job), artifacts(result, of: job), result.warnings)
    }
    // A further trial wants a further answer, and a copy of one changes no workspace.
    if trials == nil, test.workspace == nil, !isDryRun { job.cache = cache }
    job.batchAnswer = batchAnswer
    job.workspaces = workspaces
    let result =
      if let trials {
        await TrialRun(executor: self, job: job, trials: trials).run()
      } else {
        await attempt(job, earlierAttempts: 0)
      }
    guard let result else { return .dropped }
    return .finished(row(result, of: job), artifacts(result, of: job), result.warnings)
  }

  /// The row of a test that was not run.
  func notRun(_ planned: PlannedTest, on ready: ReadyTarget, _ failure: TestFailure) -> TestOutcome
  {
    let test = (try? planned.load()) ?? planned.outline
    let job = TestJob(
      planned: planned, test: test, ready: ready, environment: [:], threshold: 0)
    var result = TestResult.failed(failure)
    if failure.code == "budget_exceeded" { result.extra["budget_exceeded"] = true }
    return .finished(row(result, of: job), artifacts(result, of: job), [])
  }
}

// MARK: - One attempt

extension TestExecutor {
  /// Runs a test once, from its call to its verdict; `nil` when a stop came first.
  func attempt(_ job: TestJob, earlierAttempts: Int) async -> TestResult? {
    guard let workspaces = job.workspaces else {
      return await answer(job, earlierAttempts: earlierAttempts)
    }
    return await workspaces.run(job) { await answer($0, earlierAttempts: earlierAttempts) }
  }

  /// Calls the target and judges its answer, the workspace being there.
  private func answer(_ job: TestJob, earlierAttempts: Int) async -> TestResult? {
    if let conversation = job.test.conversation {
      return await ConversationRun(executor: self, job: job, conversation: conversation)
        .run(earlierAttempts: earlierAttempts)
    }
    let call = await caller.call(
      TargetQuestion(job, test: job.test, earlierAttempts: earlierAttempts), on: job.ready)
    // A target that is stopped may still answer, or fail in its own words: neither is a result.
    if Task.isCancelled { return nil }
    switch call.answer {
    case .failure(let error) where error.isCancelled:
      return nil
    case .failure(let error):
      return .failed(.provider(error.description), attempts: call.attempts)
    case .success(let answer):
      let response = await job.activeWorkspace?.answered(answer) ?? answer
      if Task.isCancelled { return nil }
      do throws(GraderError) {
        let result = try await graded(response, call, job)
        return Task.isCancelled ? nil : result
      } catch  where error.isCancelled {
        return nil
      } catch {
        return .failed(.evaluator(error.description), attempts: call.attempts)
      }
    }
  }

  private func graded(
    _ response: ProviderResponse, _ call: TargetCall, _ job: TestJob
  ) async throws(GraderError) -> TestResult {
    let scores = try await GraderRegistry.gradeAll(
      graderInput(job.test, response, call.target, job))
    let verdict = ScoreAggregation.combine(
      scores, specs: job.test.assertions, threshold: job.threshold)
    let isImplicit = scores.contains(where: \.isImplicit)
    var result = TestResult(
      score: verdict.score, status: verdict.status,
      scores: isImplicit ? nil : scores.map(\.json),
      assertions: verdict.assertions.map(\.json), output: response.output,
      metrics: response.metrics, attempts: call.attempts,
      targetUsed: call.target.name == job.ready.target.name ? nil : call.target.name,
      fileChanges: response.fileChanges)
    if isImplicit, let usage = scores[0].json["token_usage"] {
      result.implicitUsage = TokenUsage(json: usage)
    }
    result.warnings = response.warnings
    if call.isCached {
      result.extra["cached"] = true
      result.metrics.costUSD = result.metrics.costUSD.map { _ in 0 }
    }
    result.extra["requests"] = Self.requests(call, judge: isImplicit ? scores[0].input : nil)
    result.evidence.add(response)
    if let error = verdict.error {
      result.failure = TestFailure(
        message: error, stage: verdict.failureStage ?? "evaluator",
        code: verdict.failureReasonCode ?? "evaluator_error")
    }
    if let error = response.rawError {
      // The target answered and said itself that something went wrong: the score stays.
      result.status = .executionError
      result.failure = .provider(error)
    }
    return result
  }

  /// What the graders of a test look at.
  func graderInput(
    _ test: EvalTest, _ response: ProviderResponse, _ target: ResolvedTarget, _ job: TestJob
  ) -> GraderInput {
    var input = GraderInput(
      test: test, output: response.output, metrics: response.metrics, target: target,
      environment: job.environment, agentTimeout: caller.agentTimeout,
      workspacePath: job.workspacePath, fileChanges: response.fileChanges, dryRun: isDryRun,
      threshold: job.threshold)
    job.ready.graders?.equip(&input)
    return input
  }
}
