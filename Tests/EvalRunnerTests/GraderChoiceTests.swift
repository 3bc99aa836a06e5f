import Core
import EvalFiles
import Graders
import Providers
import Synchronization
import Testing

@testable import EvalRunner

@Suite struct GraderChoiceTests {
  private func choice(
    _ provider: String, _ settings: JSONObject = [:], _ set: (inout EvalOptions) -> Void = { _ in }
  ) -> String {
    var options = EvalOptions()
    set(&options)
    let target = ResolvedTarget(
      requested: "t", name: "t", provider: provider, settings: settings)
    return switch GraderChoice(for: target, options) {
    case .named(let name): "named \(name)"
    case .builtIn(let model): "built-in \(model)"
    case .itself: "itself"
    case .mock: "mock"
    case .none(let reason): reason
    }
  }

  @Test(arguments: ["openai", "openrouter", "azure", "anthropic", "gemini", "agentv", "mock"])
  func `models grade themselves`(provider: String) {
    #expect(choice(provider) == "itself")
    #expect(choice(provider, ["grader_target": "g"]) == "named g")
  }

  @Test(arguments: ["cli", "claude-cli", "codex", "copilot-cli", "transcript"])
  func `programs and agents need somebody else`(provider: String) {
    #expect(choice(provider).hasPrefix("No grader provider available for LLM grading: target 't'"))
    #expect(choice(provider, ["grader_target": "g"]) == "named g")
    #expect(choice(provider, ["judge_target": "g"]) == "named g")
    #expect(choice(provider, ["grader_target": " "]).hasPrefix("No grader provider"))
  }

  @Test func `the command line goes before the target, a dry run before both`() {
    #expect(choice("openai", ["grader_target": "g"]) { $0.graderTarget = "h" } == "named h")
    #expect(
      choice("cli") {
        $0.graderTarget = "agentv"
        $0.model = "openai:m"
      } == "built-in openai:m")
    #expect(
      choice("cli", ["grader_target": "g"]) {
        $0.graderTarget = "h"
        $0.dryRun = true
      } == "mock")
  }
}

/// A provider that remembers its last request.
private final class RecordingProvider: Provider {
  let promptStyle = PromptStyle.llm
  private let answer: Result<ProviderResponse, ProviderError>
  private let state = Mutex<ProviderRequest?>(nil)

  init(_ answer: Result<ProviderResponse, ProviderError>) { self.answer = answer }

  var request: ProviderRequest? { state.withLock { $0 } }

  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    state.withLock { $0 = request }
    return try answer.get()
  }
}

@Suite struct GraderTargetAdapterTests {
  private func ask(
    _ provider: String, _ answer: Result<ProviderResponse, ProviderError>,
    images: [JSON] = []
  ) async throws -> (GraderReply, ProviderRequest) {
    let recorder = RecordingProvider(answer)
    var test = EvalTest(id: "t", suite: "s", input: [Message(role: "user", text: "secret input")])
    test.workspace = Shared(WorkspaceSpec(directory: "/"))
    let adapter = GraderTargetAdapter(
      callable: CallableTarget(
        target: ResolvedTarget(requested: "j", name: "j", provider: provider), provider: recorder),
      test: test, workspacePath: "/work", environment: ["A": "b"], timeout: .seconds(5))
    var question = GraderQuestion(prompt: "judge", systemPrompt: "form", temperature: 0.5)
    question.images = images
    let reply = try await adapter.ask(question)
    return (reply, try #require(recorder.request))
  }

  private static let fine = Result<ProviderResponse, ProviderError>.success(
    ProviderResponse(
      output: [Message(role: "assistant", text: "yes")],
      metrics: TargetMetrics(tokenUsage: TokenUsage(input: 1, output: 2), costUSD: 0.5)))

  @Test func `a model gets instructions and prompt apart`() async throws {
    let (reply, request) = try await ask("openai", Self.fine)
    #expect(
      reply == GraderReply(text: "yes", tokenUsage: TokenUsage(input: 1, output: 2), costUSD: 0.5))
    #expect(request.prompt == "judge")
    #expect(request.systemPrompt == "form")
    #expect(request.temperature == 0.5)
    #expect(request.timeout == .seconds(5))
    #expect(request.workingDirectory == nil)
    #expect(request.test.workspace == nil)
    #expect(request.test.input.map(\.text) == ["judge"])
  }

  @Test func `images go to models alone`() async throws {
    let image: JSON = ["type": "image", "source": "data:image/png;base64,YQ=="]
    let (_, model) = try await ask("anthropic", Self.fine, images: [image])
    #expect(
      model.chat.first?.content == .blocks([["type": "text", "value": "judge"], image]))
    let (_, program) = try await ask("cli", Self.fine, images: [image])
    #expect(program.chat.isEmpty)
  }

  @Test func `a program gets the form of the reply behind the prompt`() async throws {
    let (_, request) = try await ask("cli", Self.fine)
    #expect(request.prompt == "judge\n\nform")
    #expect(request.systemPrompt == nil)
    #expect(request.workingDirectory == nil)
  }

  @Test func `an agent works in the workspace`() async throws {
    let (_, request) = try await ask("claude-cli", Self.fine)
    #expect(request.workingDirectory == "/work")
  }

  @Test(arguments: [
    (ProviderError(.cancelled, "x"), true, false), (ProviderError(.timedOut, "x"), false, false),
    (ProviderError(.authentication, "x"), false, true),
    (ProviderError(.configuration, "x"), false, true),
  ])
  func `errors keep what they mean`(
    error: ProviderError, isCancelled: Bool, isPermanent: Bool
  ) async throws {
    let thrown = await #expect(throws: GraderError.self) {
      try await self.ask("openai", .failure(error))
    }
    #expect(thrown?.isCancelled == isCancelled)
    #expect(thrown?.isPermanent == isPermanent)
  }

  @Test func `what was only recorded cannot grade`() async throws {
    let error = await #expect(throws: GraderError.self) {
      try await self.ask("transcript", Self.fine)
    }
    #expect(error?.description.contains("cannot grade") == true)
  }
}
