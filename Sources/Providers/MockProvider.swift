// `mock`: a canned answer, for tests of suites and for dry runs.

import Core
import EvalFiles

/// Answers every test with the same text, after a delay if one is asked for.
struct MockProvider: Provider {
  /// The answer of a target that names none.
  static let defaultResponse =
    #"{"answer":"Mock provider response. Configure targets.yaml to supply a custom value."}"#

  let promptStyle = PromptStyle.llm
  private let output: [Message]
  private let delayMS: ClosedRange<Int>

  init(response: String, delayMS: ClosedRange<Int> = 0...0) {
    output = [Message(role: "assistant", text: response)]
    self.delayMS = delayMS
  }

  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    let delay = delayMS.upperBound > 0 ? Int.random(in: delayMS) : 0
    if delay > 0 {
      var wait = Duration.milliseconds(delay)
      let isCut = request.timeout.map { $0 < wait } ?? false
      if isCut, let timeout = request.timeout { wait = timeout }
      do {
        try await Task.sleep(for: wait)
      } catch {
        throw .cancelled
      }
      if isCut { throw ProviderError(.timedOut, "mock provider timed out (--agent-timeout)") }
    }
    if Task.isCancelled { throw .cancelled }
    return ProviderResponse(output: output)
  }
}

extension ProviderError {
  /// The end of a call whose run was stopped.
  static let cancelled = ProviderError(.cancelled, "the run was stopped")
}
