import Core
import EvalFiles
import HTTPClient
import TestSupport
import Testing

@testable import Providers

/// The mock of the models' APIs; `nil` when AGENTV_TEST_TOOLS does not hold it.
let mockLLM = TestTools.directory.map { Path.join($0, "mock_llm/mock_llm.py") }
  .flatMap { FileIO.isFile($0) ? $0 : nil }

/// Starts a mock of a test's own, so that its counters are the test's.
func startMock() async throws -> ServerProcess {
  try await ServerProcess.start(["python3", try #require(mockLLM), "--port", "0"])
}

/// A counter of the mock.
func stat(_ name: String, _ server: ServerProcess) async throws -> Int {
  let answer = try await HTTPClient.shared.send(
    HTTPClientRequest(
      "GET", "\(server.url)/stats", network: HTTPClientNetwork(environment: [:])))
  return try #require(try JSON.parse(answer.body)[name]?.int)
}

/// One way to reach a model.
struct ModelKind: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var provider: String
  var settings: JSONObject
  /// What to put behind the server's URL.
  var path = ""

  static let all: [ModelKind] = [
    ModelKind(testDescription: "openai", provider: "openai", settings: ["model": "m"]),
    ModelKind(
      testDescription: "openai responses", provider: "openai",
      settings: ["model": "m", "api_format": "responses"]),
    ModelKind(testDescription: "azure", provider: "azure", settings: ["deployment": "d"]),
    ModelKind(testDescription: "anthropic", provider: "anthropic", settings: ["model": "m"]),
    ModelKind(
      testDescription: "anthropic thinking", provider: "anthropic",
      settings: ["model": "m", "thinking_budget": 2048]),
    ModelKind(testDescription: "gemini", provider: "gemini", settings: [:]),
    ModelKind(
      testDescription: "openrouter", provider: "openrouter", settings: ["model": "anthropic/m"]),
    ModelKind(testDescription: "agentv", provider: "agentv", settings: ["model": "openai:m"]),
    ModelKind(
      testDescription: "agentv anthropic", provider: "agentv", settings: ["model": "anthropic:m"]),
    ModelKind(
      testDescription: "agentv google", provider: "agentv", settings: ["model": "google:m"]),
    ModelKind(
      testDescription: "agentv azure", provider: "agentv", settings: ["model": "azure:m"]),
  ]

  /// The provider against a server.
  func provider(_ url: String, _ more: JSONObject = [:]) throws -> any Provider {
    var settings = settings
    settings["base_url"] = .string(url)
    if provider != "agentv" { settings["api_key"] = "sesame-key" }
    settings["retry_initial_delay_ms"] = 1
    for (name, value) in more { settings[name] = value }
    return try ProviderRegistry.make(target(provider, settings))
  }
}

/// A call with a prompt.
func question(
  _ prompt: String, system: String? = nil, timeout: Duration? = nil
) -> ProviderRequest {
  var request = ProviderRequest(
    test: EvalTest(id: "t", suite: "s", input: [Message(role: "user", text: prompt)]),
    prompt: prompt,
    environment: [
      "OPENAI_API_KEY": "sesame-key", "ANTHROPIC_API_KEY": "sesame-key",
      "GEMINI_API_KEY": "sesame-key", "AZURE_OPENAI_API_KEY": "sesame-key",
    ], timeout: timeout)
  request.systemPrompt = system
  return request
}

/// The error of a call that must fail.
func failure(
  _ provider: any Provider, _ request: ProviderRequest
) async -> ProviderError? {
  await #expect(throws: ProviderError.self) { try await provider.invoke(request) }
}
