import Core
import EvalFiles
import TestSupport
import Testing

@testable import Providers

@Suite(.enabled(if: mockLLM != nil, "AGENTV_TEST_TOOLS holds no mock_llm"), .timeLimit(.minutes(2)))
struct ModelProviderTests {
  @Test(arguments: ModelKind.all)
  func `a model answers with text, tokens and duration`(kind: ModelKind) async throws {
    let server = try await startMock()
    let provider = try kind.provider(server.url)
    #expect(provider.promptStyle == .llm)
    let response = try await provider.invoke(
      question("hi [[mock:answer=vier – 4]][[mock:usage=21/9]]"))
    #expect(response.output == [Message(role: "assistant", text: "vier – 4")])
    #expect(response.metrics.tokenUsage == TokenUsage(input: 21, output: 9))
    #expect(response.metrics.durationMS != nil && response.metrics.startTime != nil)
    #expect(response.metrics.costUSD == nil)
    #expect(response.warnings.isEmpty)
    // The server counts after its last byte, the answer may be complete before it.
    while try await stat("completed", server) == 0 { await Task.yield() }
    #expect(try await stat("total", server) == 1)
  }

  @Test(arguments: ModelKind.all)
  func `a cancelled call lets go of its request, also in the middle of the answer`(
    kind: ModelKind
  ) async throws {
    let server = try await startMock()
    let provider = try kind.provider(server.url)
    for marker in ["delay", "stall"] {
      let before = try await stat("aborted", server)
      let request = question("[[mock:\(marker)=600]]")
      let task = Task { try await provider.invoke(request) }
      while try await stat("in_flight", server) == 0 { await Task.yield() }
      task.cancel()
      let error = await #expect(throws: ProviderError.self) { try await task.value }
      #expect(error?.isCancelled == true)
      while try await stat("in_flight", server) > 0 { await Task.yield() }
      #expect(try await stat("aborted", server) == before + 1)
    }
  }

  @Test(arguments: ModelKind.all)
  func `a refused key is told once and never shown`(kind: ModelKind) async throws {
    let server = try await startMock()
    let error = await failure(try kind.provider(server.url), question("[[mock:fail=401]]"))
    #expect(error?.code == .authentication && error?.httpStatus == 401)
    #expect(error?.retryable == false)
    let text = error?.description ?? ""
    #expect(text.contains("HTTP 401: mock_llm was told to fail (authentication_error)"), "\(text)")
    #expect(text.contains("check 'api_key' of target 'tgt'") && !text.contains("sesame"))
    #expect(try await stat("total", server) == 1)
  }

  @Test(arguments: [408, 429, 500, 502, 503, 504, 529])
  func `what can pass is tried again inside`(status: Int) async throws {
    let server = try await startMock()
    let response = try await ModelKind.all[0].provider(server.url).invoke(
      question("[[mock:fail=\(status)]][[mock:fail_times=3]][[mock:answer=at last]]"))
    #expect(response.output.answer == "at last")
    #expect(try await stat("total", server) == 4)
  }

  @Test(arguments: [
    (400, ProviderError.Code.badRequest), (403, .authentication), (404, .badRequest),
    (418, .badRequest), (501, .serverError),
  ])
  func `what will not pass is not tried again`(
    status: Int, code: ProviderError.Code
  ) async throws {
    let server = try await startMock()
    let error = await failure(
      try ModelKind.all[0].provider(server.url), question("[[mock:fail=\(status)]]"))
    #expect(error?.code == code && error?.httpStatus == status)
    #expect(try await stat("total", server) == 1)
  }

  @Test func `retries end with the last error and the number of calls`() async throws {
    let server = try await startMock()
    let provider = try ModelKind.all[0].provider(server.url, ["max_retries": 2])
    let error = await failure(provider, question("[[mock:fail=500]]"))
    #expect(error?.code == .serverError)
    #expect(error?.description.hasSuffix(", after 3 calls") == true, "\(error?.description ?? "")")
    #expect(try await stat("total", server) == 3)
    let dropped = await failure(provider, question("[[mock:drop]]"))
    #expect(dropped?.code == .transport)
    // libcurl sends again by itself when a kept connection turns out to be dead.
    #expect(try await stat("total", server) >= 6)
  }

  @Test func `statuses to try again can be chosen, but never 401 and 403`() async throws {
    let server = try await startMock()
    let provider = try ModelKind.all[0].provider(
      server.url, ["max_retries": 1, "retry_status_codes": [401, 403, 418]])
    for (status, calls) in [(401, 1), (403, 1), (418, 2), (500, 1)] {
      let before = try await stat("total", server)
      _ = await failure(provider, question("[[mock:fail=\(status)]]"))
      #expect(try await stat("total", server) == before + calls)
    }
  }

  @Test func `Retry-After is waited for, by everybody`() async throws {
    let server = try await startMock()
    let provider = try ModelKind.all[0].provider(server.url)
    let start = ContinuousClock.now
    let first = question(
      "[[mock:fail=429]][[mock:fail_times=1]][[mock:retry_after=1]][[mock:answer=a]]")
    #expect(try await provider.invoke(first).output.answer == "a")
    #expect(start.duration(to: .now) >= .seconds(1))
  }

  @Test func `a pause that is asked for but too long ends the tries`() async throws {
    let server = try await startMock()
    let provider = try ModelKind.all[0].provider(server.url)
    let error = await failure(
      provider, question("[[mock:fail=429]][[mock:retry_after=3600]]"))
    #expect(error?.code == .rateLimited && error?.retryAfter == .seconds(3600))
    #expect(error?.description.contains("asks for a pause of 3600 s") == true)
    #expect(try await stat("total", server) == 1)
  }

  @Test(arguments: [(true, "(--agent-timeout)"), (false, "(timeout_seconds)")])
  func `a call ends at its time limit and lets go of its request`(
    isRun: Bool, name: String
  ) async throws {
    let server = try await startMock()
    let provider = try ModelKind.all[0].provider(
      server.url, isRun ? [:] : ["timeout_seconds": 0.3])
    let error = await failure(
      provider,
      question("[[mock:delay=600]]", timeout: isRun ? .milliseconds(300) : nil))
    #expect(error?.code == .timedOut)
    #expect(error?.description.contains("timed out after 0.3 s \(name)") == true)
    while try await stat("in_flight", server) > 0 { await Task.yield() }
    #expect(try await stat("total", server) == 1)
  }

  @Test func `instructions, temperature and limit of a call go before the target's`() async throws {
    let server = try await startMock()
    let provider = try ModelKind.all[0].provider(
      server.url, ["temperature": 0.5, "max_output_tokens": 10])
    var request = question("hi", system: "be brief")
    request.temperature = 0
    request.maxOutputTokens = 99
    _ = try await provider.invoke(request)
    let body = try await lastBody(server)
    #expect(body["messages"]?[0]?["content"] == "be brief")
    #expect(body["temperature"] == 0 && body["max_completion_tokens"] == 99)
  }

  private func lastBody(_ server: ServerProcess) async throws -> JSON {
    let answer = try await TestHTTP(port: server.port).send("GET", "/requests?full=1")
    return try #require(answer.json.array?.last?["body"])
  }
}
