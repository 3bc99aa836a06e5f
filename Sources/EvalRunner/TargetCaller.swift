// Calls of a target with everything around them: slots, pace, further tries, fallbacks.

import EvalFiles
import Providers

/// What became of a call.
struct TargetCall: Sendable {
  var answer: Result<ProviderResponse, ProviderError>
  /// The target that answered, or failed.
  var target: ResolvedTarget
  /// Calls made, fallbacks included.
  var attempts: Int
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
      let answer = await once(question, attempts, on: fallback)
      attempts += 1
      let call = TargetCall(answer: answer, target: fallback.target, attempts: attempts)
      switch answer {
      case .success: return call
      case .failure(let error): if error.isCancelled { return call }
      }
    }
    // What counts is what the target itself said; the fallbacks only had to help.
    return TargetCall(answer: first.answer, target: first.target, attempts: attempts)
  }

  private func repeated(
    _ question: TargetQuestion, on callable: CallableTarget
  ) async -> TargetCall {
    var attempts = 0
    while true {
      let answer = await once(question, attempts, on: callable)
      attempts += 1
      let call = TargetCall(answer: answer, target: callable.target, attempts: attempts)
      guard case .failure(let error) = answer, !error.isCancelled else { return call }
      if let pause = error.retryAfter, pause <= RetryPolicy.longestRetryAfter {
        callable.limits.pause(for: pause)
      }
      guard
        let wait = retry.wait(
          after: error, attempts: attempts, isAgent: callable.provider.promptStyle == .agent,
          jitter: .random(in: 0...1))
      else { return call }
      do {
        try await Task.sleep(for: wait)
      } catch {
        return TargetCall(answer: .failure(.stopped), target: callable.target, attempts: attempts)
      }
    }
  }

  private func once(
    _ question: TargetQuestion, _ attempt: Int, on callable: CallableTarget
  ) async -> Result<ProviderResponse, ProviderError> {
    let answer = await callable.limits.call {
      await invoke(question, attempt, callable.provider)
    }
    return answer ?? .failure(.stopped)
  }

  private func invoke(
    _ question: TargetQuestion, _ attempt: Int, _ provider: any Provider
  ) async -> Result<ProviderResponse, ProviderError> {
    let style = provider.promptStyle
    var request = ProviderRequest(
      test: question.test, prompt: question.test.prompt(style: style),
      attempt: question.earlierAttempts + attempt, workingDirectory: question.workspacePath,
      environment: question.environment, timeout: agentTimeout)
    let chat = question.test.chat(style: style)
    request.systemPrompt = chat.system
    request.chat = chat.messages
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
