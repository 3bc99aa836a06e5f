import Core
import EvalFiles
import Providers
import RunArtifacts
import Testing

@testable import EvalRunner

@Suite(.timeLimit(.minutes(1))) struct TestExecutorTests {
  private static let answer = ProviderResponse(
    output: [Message(role: "assistant", text: "42")],
    metrics: TargetMetrics(
      tokenUsage: TokenUsage(input: 1, output: 2), costUSD: 0.5, durationMS: 12))
  private static let broken = ProviderError(.failed, "boom (exit code 3)")

  private func run(
    _ provider: ScriptedProvider, retries: Int = 0, fallbacks: [ScriptedProvider] = [],
    threshold: Double? = nil,
    graders: [GraderSpec] = [
      GraderSpec(name: "c", type: "contains", config: ["value": "42"])
    ]
  ) async throws -> (ResultRow, TestArtifacts) {
    var scripted = ScriptedTest()
    scripted.test.assertions = graders
    scripted.retries = retries
    scripted.threshold = threshold
    scripted.fallbacks = fallbacks
    let (row, files) = try await scripted.run(provider)
    return (row, files)
  }

  @Test func `a row says what was asked, what ran and what it took`() async throws {
    let (row, artifacts) = try await run(ScriptedProvider([.success(Self.answer)]))
    #expect(row.executionStatus == .ok)
    #expect(row.score == 1)
    #expect(row.target == "real")
    #expect(row.requestedTarget == "alias")
    #expect(row.evalFile == "f.yaml")
    #expect(row.durationMS == 12)
    #expect(row.costUSD == 0.5)
    #expect(row.tokenUsage == TokenCount(input: 1, output: 2))
    #expect(row.attempts == nil)
    #expect(artifacts.input == [["role": "user", "content": "Q"]])
    #expect(artifacts.output == [["role": "assistant", "content": "42"]])
  }

  @Test func `a failed call is tried again and counted`() async throws {
    let provider = ScriptedProvider([.failure(Self.broken), .success(Self.answer)])
    let (row, _) = try await run(provider, retries: 1)
    #expect(row.executionStatus == .ok)
    #expect(row.attempts == 2)
    #expect(provider.attempts == [0, 1])
  }

  @Test func `what cannot go better is not tried again`() async throws {
    let provider = ScriptedProvider([.failure(ProviderError(.configuration, "no command"))])
    let (row, artifacts) = try await run(provider, retries: 5)
    #expect(provider.attempts == [0])
    #expect(row.executionStatus == .executionError)
    #expect(row.error == "no command")
    #expect(row.failureStage == "agent")
    #expect(row.failureReasonCode == "provider_error")
    #expect(row.scores.isEmpty)
    #expect(artifacts.assertions == [["text": "Error: no command", "passed": false]])
    #expect(artifacts.output[0]["content"] == "Error occurred: no command")
  }

  @Test func `fallbacks are tried once each and named in the row`() async throws {
    let second = ScriptedProvider([.failure(Self.broken)])
    let third = ScriptedProvider([.success(Self.answer)])
    let (row, _) = try await run(
      ScriptedProvider([.failure(Self.broken)]), fallbacks: [second, third])
    #expect(row.executionStatus == .ok)
    #expect(row.target == "real")
    #expect(row.extra["target_used"] == "fallback-1")
    #expect(row.attempts == 3)
    #expect(second.attempts.count == 1)
  }

  @Test func `when nothing helps, the target's own error is reported`() async throws {
    let other = ScriptedProvider([.failure(ProviderError(.failed, "other"))])
    let (row, _) = try await run(
      ScriptedProvider([.failure(Self.broken)]), fallbacks: [other])
    #expect(row.error == "boom (exit code 3)")
  }

  @Test func `an answer that flags an error keeps its score`() async throws {
    var answer = Self.answer
    answer.rawError = "rate limited"
    let (row, _) = try await run(ScriptedProvider([.success(answer)]))
    #expect(row.executionStatus == .executionError)
    #expect(row.score == 1)
    #expect(row.error == "rate limited")
  }

  @Test func `the threshold of the command line decides`() async throws {
    let graders = [
      GraderSpec(name: "c", type: "contains", config: ["value": "42"]),
      GraderSpec(name: "d", type: "contains", config: ["value": "no"]),
    ]
    let low = try await run(
      ScriptedProvider([.success(Self.answer)]), threshold: 0.5, graders: graders)
    #expect(low.0.executionStatus == .ok)
    let standard = try await run(ScriptedProvider([.success(Self.answer)]), graders: graders)
    #expect(standard.0.executionStatus == .qualityFailure)
    #expect(standard.0.score == 0.5)
  }

  @Test func `a stopped test leaves nothing`() async throws {
    let provider = ScriptedProvider([.failure(ProviderError(.cancelled, "stopped"))])
    await #expect(throws: EvalRunError("the test was dropped")) {
      try await run(provider, retries: 3)
    }
    #expect(provider.attempts == [0])
  }

  @Test func `a test that is cancelled while it waits for a further try leaves nothing`()
    async throws
  {
    let provider = ScriptedProvider([.failure(Self.broken)])
    let work = Task { try await run(provider, retries: 3) }
    while provider.attempts.isEmpty { await Task.yield() }
    work.cancel()
    await #expect(throws: EvalRunError("the test was dropped")) { _ = try await work.value }
  }

}
