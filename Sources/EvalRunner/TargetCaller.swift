// Calls of a target with everything around them: kept answers, slots, pace, further tries,
// fallbacks.

import Core
import EvalFiles
import Providers

/// What became of a call.
struct TargetCall: Sendable {
  var answer: Result<ProviderResponse, ProviderError>
  /// The target that answered, or failed.
  var target: ResolvedTarget
  /// Calls made, fallbacks included.
  var attempts: Int
  /// What was sent last.
  var prompt = ""
  /// Instructions that were sent with it.
  var systemPrompt: String?
  /// Whether it went to an agent, not to a model.
  var isAgent = false
  /// Whether the answer is a kept one, which cost nothing.
  var isCached = false
}

/// What a call is made of, whichever provider it goes to.
struct TargetQuestion: Sendable {
  /// The test; its input is what is sent.
  var test: EvalTest
  /// Environment of programs.
  var environment: [String: String]
  /// Workspace of the test, absolute.
  var workspacePath: String?
  /// Calls that the test has made already: providers are told a number that is never used twice.
  var earlierAttempts = 0
  /// Kept answers; `nil` when this question is not to use them.
  var cache: ResponseCache?
  /// The answer of a call that was made for all tests together.
  var batchAnswer: Result<ProviderResponse, ProviderError>?
}

extension TargetQuestion {
  /// The question of a job, for its own test or for a turn of it.
  init(_ job: TestJob, test: EvalTest, earlierAttempts: Int) {
    self.init(
      test: test, environment: job.environment, workspacePath: job.workspacePath,
      earlierAttempts: earlierAttempts, cache: job.cache, batchAnswer: job.batchAnswer)
  }
}

/// Calls targets.
struct TargetCaller: Sendable {
  let retry: RetryPolicy
  /// Longest time of one call.
  let agentTimeout: Duration?

  /// Calls a target until it answers or has failed for good, then its fallbacks once each.
  func call(_ question: TargetQuestion, on ready: ReadyTarget) async -> TargetCall {
    let first = await repeated(question, on: ready.primary)
    guard case .failure(let error) = first.answer, !error.isCancelled else { return first }
    var attempts = first.attempts
    for fallback in ready.fallbacks {
      let call = await once(question, attempts, on: fallback)
      attempts = call.attempts
      switch call.answer {
      case .success: return call
      case .failure(let error): if error.isCancelled { return call }
      }
    }
    // What counts is what the target itself said; the fallbacks only had to help.
    var failed = first
    failed.attempts = attempts
    return failed
  }

  private func repeated(
    _ question: TargetQuestion, on callable: CallableTarget
  ) async -> TargetCall {
    var attempts = 0
    while true {
      let call = await once(question, attempts, on: callable)
      attempts = call.attempts
      guard case .failure(let error) = call.answer, !error.isCancelled else { return call }
      if let pause = error.retryAfter, pause <= RetryPolicy.longestRetryAfter {
        callable.limits.pause(for: pause)
      }
      guard question.batchAnswer == nil,
        let wait = retry.wait(
          after: error, attempts: attempts, isAgent: call.isAgent, jitter: .random(in: 0...1))
      else { return call }
      do {
        try await Task.sleep(for: wait)
      } catch {
        var stopped = call
        stopped.answer = .failure(.stopped)
        return stopped
      }
    }
  }

  /// One call; one that a kept answer or a batch spares counts as well.
  private func once(
    _ question: TargetQuestion, _ attempt: Int, on callable: CallableTarget
  ) async -> TargetCall {
    let request = request(question, attempt, callable.provider)
    var call = TargetCall(
      answer: .failure(.stopped), target: callable.target, attempts: attempt + 1,
      prompt: request.prompt, systemPrompt: request.systemPrompt,
      isAgent: callable.provider.promptStyle == .agent)
    if let answer = question.batchAnswer {
      call.answer = answer
      return call
    }
    let cache = ResponseCache.serves(callable.target) ? question.cache : nil
    let key = cache.map { _ in ResponseCache.key(request, callable.target) }
    if let cache, let key, let kept = cache.answer(key) {
      call.answer = .success(kept)
      call.isCached = true
      return call
    }
    let answer = await callable.limits.call { await invoke(request, callable.provider) }
    if let answer { call.answer = answer }
    if let cache, let key, case .success(let response)? = answer { cache.keep(response, key) }
    return call
  }

  /// The request that a provider gets for a question.
  func request(
    _ question: TargetQuestion, _ attempt: Int, _ provider: any Provider
  ) -> ProviderRequest {
    let style = provider.promptStyle
    var request = ProviderRequest(
      test: question.test, prompt: question.test.prompt(style: style),
      attempt: question.earlierAttempts + attempt, workingDirectory: question.workspacePath,
      environment: question.environment, timeout: agentTimeout)
    let chat = question.test.chat(style: style)
    request.systemPrompt = chat.system
    request.chat = chat.messages
    return request
  }

  private func invoke(
    _ request: ProviderRequest, _ provider: any Provider
  ) async -> Result<ProviderResponse, ProviderError> {
    do throws(ProviderError) {
      return .success(try await provider.invoke(request))
    } catch {
      return .failure(error)
    }
  }
}

extension ProviderError {
  /// The end of a call whose run was stopped before it began.
  static let stopped = ProviderError(.cancelled, "the run was stopped")
}
