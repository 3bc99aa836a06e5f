import Core
import EvalFiles
import TestSupport
import Testing

@testable import Providers

/// An answer of a service that is not what it should be.
struct BadAnswer: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var code: ProviderError.Code
  var text: String
  var answer: String
  /// Calls that the server must see.
  var calls = 1

  private static func reply(_ type: String, _ body: String, status: String = "200 OK") -> String {
    "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nConnection: close\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }
  private static let stream = "text/event-stream"

  static let all: [BadAnswer] = [
    BadAnswer(
      testDescription: "a page of a gateway", code: .badAnswer,
      text: "HTTP 200 with text/html instead of JSON: Please log in",
      answer: reply("text/html", "<html><b>Please</b> log in</html>")),
    BadAnswer(
      testDescription: "an event that is no JSON", code: .badAnswer,
      text: "an event of the answer is no JSON: {\"choices",
      answer: reply(stream, "data: {\"choices\n\n")),
    BadAnswer(
      testDescription: "a stream that breaks off", code: .transport,
      text: "the answer ended before it was complete",
      answer: reply(stream, "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n"),
      calls: 2),
    BadAnswer(
      testDescription: "nothing", code: .badAnswer, text: "instead of JSON",
      answer: reply("application/json", "")),
    BadAnswer(
      testDescription: "another object", code: .badAnswer, text: "the answer has no choices",
      answer: reply("application/json", "{}")),
    BadAnswer(
      testDescription: "an error in the stream", code: .rateLimited,
      text: "HTTP 429: slow down (rate_limit_error)",
      answer: reply(
        stream, "data: {\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit_error\"}}\n\n"),
      calls: 2),
    BadAnswer(
      testDescription: "a content filter", code: .refused, text: "declined: a content filter",
      answer: reply(
        stream,
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n"
      )),
    BadAnswer(
      testDescription: "a used-up quota", code: .badRequest, text: "(insufficient_quota)",
      answer: reply(
        "application/json",
        "{\"error\":{\"message\":\"You exceeded your quota\",\"code\":\"insufficient_quota\"}}",
        status: "429 Too Many Requests")),
    BadAnswer(
      testDescription: "a redirection", code: .badRequest,
      text: "HTTP 307, a redirection to evil.example, which is not followed with a key",
      answer: "HTTP/1.1 307 X\r\nLocation: https://evil.example/x\r\nContent-Length: 0\r\n\r\n"),
    BadAnswer(
      testDescription: "an error that repeats the key", code: .authentication,
      text: "Incorrect API key provided: [key]",
      answer: reply(
        "application/json", "{\"error\":{\"message\":\"Incorrect API key provided: sesame-key\"}}",
        status: "401 Unauthorized")),
    BadAnswer(
      testDescription: "a long error", code: .badRequest, text: "(5000 characters)",
      answer: reply(
        "application/json",
        "{\"error\":{\"message\":\"\(String(repeating: "x", count: 5000))\"}}",
        status: "400 Bad Request")),
    BadAnswer(
      testDescription: "a broken connection", code: .transport, text: "broke", answer: "HTTP/1.1 2",
      calls: 2),
    BadAnswer(
      testDescription: "no HTTP", code: .badAnswer, text: "no valid HTTP answer",
      answer: "SSH-2.0-x\r\n\r\n"),
  ]
}

@Suite(.timeLimit(.minutes(2))) struct ModelHardeningTests {
  @Test(arguments: BadAnswer.all)
  func `an answer that makes no sense is an error of that call alone`(bad: BadAnswer) async throws {
    let (calls, feed) = AsyncStream.makeStream(of: Void.self)
    let server = try ScriptedServer { connection, _ in
      guard connection.request() != nil else { return }
      feed.yield()
      connection.send(bad.answer)
    }
    let provider = try ModelKind.all[0].provider(server.url, ["max_retries": 1])
    let error = await failure(provider, question("hi"))
    #expect(error?.code == bad.code, "\(error?.description ?? "")")
    #expect(error?.description.contains(bad.text) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("sesame") == false)
    feed.finish()
    var count = 0
    for await _ in calls { count += 1 }
    #expect(count == bad.calls)
  }

  @Test func `a server that does not stream is understood`() async throws {
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      connection.answer(
        "200 OK", ["Content-Type: application/json"],
        body: """
          {"choices":[{"message":{"content":"whole"},"finish_reason":"length"}],"usage":{"prompt_tokens":9,
          "completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},
          "completion_tokens_details":{"reasoning_tokens":2},"total_tokens":14,"cost":0.25}}
          """)
    }
    let response = try await ModelKind.all[0].provider(server.url).invoke(question("hi"))
    #expect(response.output.answer == "whole")
    #expect(
      response.metrics.tokenUsage == TokenUsage(input: 5, output: 5, cached: 4, reasoning: 2))
    #expect(response.metrics.costUSD == 0.25)
    #expect(response.warnings == ["the answer was cut off at the limit of output tokens"])
  }

  @Test func `a server that never ends its stream is left once the answer is complete`()
    async throws
  {
    let (left, feed) = AsyncStream.makeStream(of: Bool.self)
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      connection.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
          + "data: {\"choices\":[{\"delta\":{\"content\":\"done\"},\"finish_reason\":\"stop\"}]}\r\n\r\n"
          + "data: [DONE]\r\n\r\n")
      feed.yield(connection.waitForEnd())
    }
    let response = try await ModelKind.all[0].provider(server.url).invoke(question("hi"))
    #expect(response.output.answer == "done")
    var seen = left.makeAsyncIterator()
    #expect(await seen.next() == true)
  }

  @Test func `a service that is not there is a failure of transport`() async throws {
    let provider = try ModelKind.all[0].provider("http://127.0.0.1:1", ["max_retries": 1])
    let error = await failure(provider, question("hi"))
    #expect(error?.code == .transport)
    #expect(error?.description.contains("http://127.0.0.1:1") == true)
    #expect(error?.description.hasSuffix("after 2 calls") == true, "\(error?.description ?? "")")
  }

  @Test func `an agentv target without its key names the variable`() async throws {
    let provider = try ModelKind.all[7].provider("http://127.0.0.1:1")
    var request = question("hi")
    request.environment = [:]
    let error = await failure(provider, request)
    #expect(error?.code == .configuration)
    #expect(error?.description.contains("OPENAI_API_KEY") == true)
  }
}

@Suite(.timeLimit(.minutes(1))) struct RateGateTests {
  @Test func `after a pause one call tries and the others follow it`() async throws {
    let gate = RateGate()
    #expect(try await gate.pass() == .ordinary)
    await gate.pause(for: .milliseconds(20))
    #expect(try await gate.pass() == .probe)
    let others = (0..<5).map { _ in Task { try await gate.pass() } }
    // The end of a call that began before the pause opens nothing.
    await gate.settle(.ordinary)
    let cancelled = Task { try await gate.pass() }
    cancelled.cancel()
    await #expect(throws: ProviderError.self) { try await cancelled.value }
    await gate.settle(.probe)
    for other in others { #expect(try await other.value == .ordinary) }
  }

  @Test func `a probe that is told to wait closes the gate again`() async throws {
    let gate = RateGate()
    await gate.pause(for: .zero)
    #expect(try await gate.pass() == .probe)
    let other = Task { try await gate.pass() }
    await gate.pause(for: .milliseconds(20))
    #expect(try await other.value == .probe)
  }

  @Test func `a pause can be cancelled`() async throws {
    let gate = RateGate()
    await gate.pause(for: .seconds(3600))
    let task = Task { try await gate.pass() }
    task.cancel()
    let error = await #expect(throws: ProviderError.self) { try await task.value }
    #expect(error?.isCancelled == true)
  }
}
