import Core
import EvalFiles
import Providers
import RunArtifacts
import Testing

@testable import EvalRunner

@Suite(.timeLimit(.minutes(1))) struct TrialRunTests {
  private static let good = Result<ProviderResponse, ProviderError>.success(.saying("42"))
  private static let bad = Result<ProviderResponse, ProviderError>.success(.saying("no"))

  private func scripted(_ trials: Trials) -> ScriptedTest {
    var scripted = ScriptedTest()
    scripted.trials = trials
    return scripted
  }

  @Test func `pass_at_k ends with the first trial that passes`() async throws {
    let provider = ScriptedProvider([Self.bad, Self.good, Self.bad])
    let row = try await scripted(Trials(count: 5)).run(provider).row
    #expect(provider.attempts == [0, 1])
    #expect((row.score, row.executionStatus) == (1, .ok))
    #expect(row.extra["trials"]?.array?.count == 2)
  }

  @Test(arguments: [Trials.Strategy.mean, .confidenceInterval])
  func `other strategies run all trials`(_ strategy: Trials.Strategy) async throws {
    let provider = ScriptedProvider([Self.good])
    _ = try await scripted(Trials(count: 3, strategy: strategy)).run(provider)
    #expect(provider.attempts == [0, 1, 2])
  }

  @Test func `no further trial once the trials have cost their limit`() async throws {
    let provider = ScriptedProvider([Self.bad])
    let row = try await scripted(Trials(count: 5, strategy: .mean, costLimitUSD: 1)).run(provider)
      .row
    #expect(provider.attempts == [0, 1])
    #expect(row.extra["cost_limited"] == true)
    #expect(row.costUSD == 1)
  }

  @Test func `a stop in the middle of a set leaves no row`() async throws {
    let provider = ScriptedProvider([
      Self.good, .failure(ProviderError(.cancelled, "stopped")),
    ])
    await #expect(throws: EvalRunError("the test was dropped")) {
      try await scripted(Trials(count: 3, strategy: .mean)).run(provider)
    }
  }

  @Test func `a trial that fails for good is one of the trials`() async throws {
    let provider = ScriptedProvider([
      .failure(ProviderError(.configuration, "x")), Self.good,
    ])
    let row = try await scripted(Trials(count: 2, strategy: .mean)).run(provider).row
    #expect(row.score == 0.5)
    #expect(row.error == nil)
  }
}
