import Core
import EvalFiles
import Providers
import RunArtifacts
import Testing

@testable import EvalRunner

@Suite(.timeLimit(.minutes(1))) struct ConversationRunTests {
  private typealias Answer = Result<ProviderResponse, ProviderError>

  private func conversation(
    _ turns: [Conversation.Turn], graders: [GraderSpec] = [],
    _ change: (inout Conversation) -> Void = { _ in }
  ) -> ScriptedTest {
    var scripted = ScriptedTest()
    var conversation = Conversation(turns: turns)
    change(&conversation)
    scripted.test.input = [
      Message(role: "system", text: "Be brief"), Message(role: "user", text: "Hello"),
    ]
    scripted.test.assertions = graders
    scripted.test.conversation = conversation
    return scripted
  }

  private func turn(
    _ text: String, expects: String? = nil, _ graders: GraderSpec...
  ) -> Conversation.Turn {
    Conversation.Turn(
      input: Message(role: "user", text: text),
      expectedOutput: expects.map { [Message(role: "assistant", text: $0)] } ?? [],
      assertions: graders)
  }

  private func saying(_ texts: String...) -> ScriptedProvider {
    ScriptedProvider(texts.map { .success(.saying($0)) }, style: .llm)
  }

  @Test func `each turn sends what was said before, replies included`() async throws {
    let provider = saying("one", "two")
    _ = try await conversation([turn("A"), turn("B")]).run(provider)
    #expect(provider.requests.map(\.systemPrompt) == ["Be brief", "Be brief"])
    #expect(
      provider.requests[1].chat.map { "\($0.role): \($0.text ?? "")" }
        == ["user: Hello", "user: A", "assistant: one", "user: B"])
    #expect(provider.requests.map(\.test.id) == ["a/turn-1", "a/turn-2"])
  }

  @Test func `an agent gets the conversation with roles`() async throws {
    let provider = ScriptedProvider([.success(.saying("one")), .success(.saying("two"))])
    _ = try await conversation([turn("A"), turn("B")]).run(provider)
    #expect(
      provider.requests[1].prompt
        == "@[System]:\nBe brief\n\n@[User]:\nHello\n\n@[User]:\nA\n\n@[Assistant]:\none\n\n"
        + "@[User]:\nB")
  }

  @Test func `a window keeps system messages and the last exchanges`() async throws {
    let provider = saying("one", "two", "three")
    _ = try await conversation([turn("A"), turn("B"), turn("C")]) { $0.windowSize = 1 }
      .run(provider)
    #expect(provider.requests[2].systemPrompt == "Be brief")
    #expect(provider.requests[2].chat.map(\.text) == ["two", "C"])
  }

  @Test func `scores are those of the turns and of the whole`() async throws {
    let row = try await conversation(
      [turn("A", contains("one")), turn("B", contains("nope"))],
      graders: [contains("user: B"), contains("assistant: one")]
    ).run(saying("one", "two")).row
    #expect(row.scores.map { $0["name"] } == ["turn-1", "turn-2", "conversation"])
    #expect(row.scores.map { $0["score"]?.double } == [1, 0, 1])
    #expect(row.scores.allSatisfy { $0["type"] == "rubrics" })
    #expect(row.scores[1]["scores"]?[0]?["name"] == "contains-nope")
    #expect(abs((row.score ?? 0) - 2 / 3) < 1e-9)
    #expect(row.executionStatus == .qualityFailure)
  }

  @Test func `without graders of the test there is no score of the whole`() async throws {
    let row = try await conversation([turn("A")]).run(saying("one")).row
    #expect(row.scores.map { $0["name"] } == ["turn-1"])
    #expect(row.score == 1, "a turn that nobody judges is fine")
  }

  @Test(arguments: [
    (Conversation.Aggregation.mean, 0.5), (.min, 0), (.max, 1),
  ])
  func `turns are put together as the file says`(
    _ aggregation: Conversation.Aggregation, _ score: Double
  ) async throws {
    let row = try await conversation([turn("A", contains("one")), turn("B", contains("x"))]) {
      $0.aggregation = aggregation
    }.run(saying("one", "two")).row
    #expect(row.score == score)
  }

  @Test func `a failed turn may end the conversation; the rest scores 0`() async throws {
    let provider = saying("one")
    let row = try await conversation([turn("A", contains("x")), turn("B"), turn("C")]) {
      $0.onTurnFailure = .stop
    }.run(provider).row
    #expect(provider.requests.count == 1)
    #expect(row.scores.map { $0["verdict"] } == ["fail", "skip", "skip"])
    #expect(row.score == 0)
    #expect(row.executionStatus == .qualityFailure, "what was not run is no grader that failed")
  }

  @Test func `cost, tokens, time and calls are those of all turns`() async throws {
    let row = try await conversation([turn("A"), turn("B")]).run(saying("one", "two")).row
    #expect(row.costUSD == 1)
    #expect(row.tokenUsage?.total == 6)
    #expect(row.durationMS == 24)
    #expect(row.attempts == 2)
    #expect(row.extra["trace"]?["llm_call_count"] == 2)
  }

  @Test func `a turn is tried again like any other call`() async throws {
    var scripted = conversation([turn("A")])
    scripted.retries = 1
    let provider = ScriptedProvider(
      [.failure(ProviderError(.failed, "boom")), .success(.saying("one"))])
    #expect(try await scripted.run(provider).row.executionStatus == .ok)
    #expect(provider.attempts == [0, 1])
  }

  @Test func `a turn without a reply fails and the others count`() async throws {
    let provider = ScriptedProvider([
      .failure(ProviderError(.configuration, "boom")), .success(.saying("two")),
    ])
    let row = try await conversation([turn("A"), turn("B")]).run(provider).row
    #expect(row.executionStatus == .qualityFailure)
    #expect(row.score == 0.5)
    #expect(row.scores[0]["assertions"]?[0]?["text"] == "Error: boom")
  }

  @Test func `a target that never replies is an execution error`() async throws {
    let provider = ScriptedProvider([.failure(ProviderError(.configuration, "boom"))])
    let row = try await conversation([turn("A"), turn("B")], graders: [contains("x")])
      .run(provider).row
    #expect(row.executionStatus == .executionError)
    #expect(row.failureReasonCode == "provider_error")
    #expect(row.error == "boom")
  }

  @Test func `a turn's grader that cannot judge makes an execution error`() async throws {
    let grader = GraderSpec(
      name: "model", type: "llm-grader", config: ["prompt": "Is it good?"])
    let row = try await conversation([turn("A", grader), turn("B")])
      .run(saying("one", "two")).row
    #expect(row.executionStatus == .executionError)
    #expect(row.failureReasonCode == "evaluator_error")
    #expect(row.error?.hasPrefix("turn-1: model: ") == true)
    #expect(row.score == 0)
  }

  @Test func `a stop in the middle leaves no row`() async throws {
    let provider = ScriptedProvider([
      .success(.saying("one")), .failure(ProviderError(.cancelled, "stopped")),
    ])
    await #expect(throws: EvalRunError("the test was dropped")) {
      try await conversation([turn("A"), turn("B")]).run(provider)
    }
  }

  @Test func `its answer file holds the whole talk`() async throws {
    let files = try await conversation([turn("A"), turn("B")]).run(saying("one", "two")).files
    #expect(files.output.map { $0["content"] } == ["A", "one", "B", "two"])
    #expect(files.turns == 2)
  }
}
