// One call for all tests of a file, for targets that ask for it.

import EvalFiles
import Providers

/// The batch of one file on one target.
struct BatchCall: Sendable {
  let caller: TargetCaller
  let console: Console

  /// The answers by test id; `nil` when the target takes one test at a time, or the batch failed.
  ///
  /// Conversations, trials, dependencies and workspaces need calls of their own. No test has its row
  /// before all have their answers: that is what the target asked for.
  func answers(
    _ target: TargetRun
  ) async -> [String: Result<ProviderResponse, ProviderError>]? {
    guard let provider = target.ready.provider as? any BatchProvider, provider.wantsBatches,
      target.suite.execution.trials == nil, target.graph.isEmpty, target.gate.refusal == nil,
      target.tests.allSatisfy({ !$0.facts.isConversation && $0.facts.workspace == nil })
    else { return nil }
    // A test that cannot be read any more says so when it is its turn.
    let requests = target.tests.compactMap { try? $0.load() }.map { test in
      caller.request(TargetQuestion(test: test, environment: target.environment), 0, provider)
    }
    console.say(
      "Batch: \(requests.count) test(s) in one call of target '\(target.ready.target.name)'")
    let answer = await target.ready.primary.limits.call {
      () -> Result<[String: Result<ProviderResponse, ProviderError>], ProviderError> in
      do throws(ProviderError) {
        return .success(try await provider.invokeBatch(requests))
      } catch {
        return .failure(error)
      }
    }
    switch answer {
    case nil: return nil
    case .success(var answers):
      for request in requests where answers[request.test.id] == nil {
        answers[request.test.id] = .failure(
          ProviderError(
            .badAnswer,
            "the batch of target '\(target.ready.target.name)' has no record with the id "
              + "'\(request.test.id)'"))
      }
      return answers
    case .failure(let error):
      if !error.isCancelled {
        console.complain(
          "Warning: the batch call of target '\(target.ready.target.name)' failed: \(error); its "
            + "tests are run one by one")
      }
      return nil
    }
  }
}
