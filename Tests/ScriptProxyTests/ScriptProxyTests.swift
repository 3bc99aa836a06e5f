import Core
import EvalFiles
import EventLoop
import Graders
import Synchronization
import TestSupport
import Testing

@testable import ScriptProxy

/// A target that repeats what it is asked; `wait` is never answered, `fail` fails.
private final class EchoTargets: GraderTargets {
  struct Echo: GraderTarget {
    let name: String
    let kind = GraderTargetKind.model
    let ended: @Sendable () -> Void

    func ask(_ question: GraderQuestion) async throws(GraderError) -> GraderReply {
      switch question.prompt {
      case "fail": throw GraderError("it failed")
      case "wait":
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        for await _ in stream {}
        continuation.finish()
        ended()
        throw .cancelled
      default:
        return GraderReply(
          text: "\(name): \(question.systemPrompt ?? "")\(question.prompt)",
          tokenUsage: TokenUsage(input: 2, output: 1), costUSD: 0.5)
      }
    }
  }

  let names = ["judge", "other", "hidden"]
  let ended = Mutex(0)

  func target(_ name: String?) throws(GraderError) -> any GraderTarget {
    if name == "hidden" { throw GraderError("it cannot be set up") }
    return Echo(name: name ?? "judge") { self.ended.withLock { $0 += 1 } }
  }
}

@Suite(.timeLimit(.minutes(1))) struct ScriptProxyTests {
  private let targets = EchoTargets()

  private func open(_ calls: Int = 50) async throws -> (any TargetProxy, TestHTTP, String) {
    let proxy = try await ScriptProxies().open(targets, maximumCalls: calls)
    let url = try #require(proxy.environment["AGENTV_TARGET_PROXY_URL"])
    let token = try #require(proxy.environment["AGENTV_TARGET_PROXY_TOKEN"])
    #expect(url.hasPrefix("http://127.0.0.1:"))
    let port = try #require(Int(url.split(separator: ":").last ?? ""))
    return (proxy, TestHTTP(port: port), token)
  }

  private func send(
    _ http: TestHTTP, _ token: String, _ path: String, _ body: JSON
  ) async throws -> (Int, JSON) {
    let response = try await http.send(
      "POST", path,
      headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")],
      body: body.serialized())
    return (response.status, try JSON.parse(response.body))
  }

  @Test func `a question is answered and counted`() async throws {
    let (proxy, http, token) = try await open(3)
    let (status, reply) = try await send(
      http, token, "/invoke", ["question": "q", "systemPrompt": "s/"])
    #expect(status == 200)
    #expect(reply["rawText"] == "judge: s/q")
    #expect(reply["output"] == [["role": "assistant", "content": "judge: s/q"]])
    #expect(reply["tokenUsage"] == ["input": 2, "output": 1])
    let other = try await send(http, token, "/invoke", ["question": "q", "target": "other"])
    #expect(other.1["rawText"] == "other: q")
    let info = try await http.get("/info", headers: [("Authorization", "Bearer \(token)")])
    #expect(
      try JSON.parse(info.body) == [
        "targetName": "judge", "maxCalls": 3, "callCount": 2,
        "availableTargets": ["judge", "other", "hidden"],
      ])
    let usage = await proxy.close()
    #expect(
      usage
        == TargetProxyUsage(
          target: "judge", calls: 2, maximumCalls: 3,
          tokenUsage: TokenUsage(input: 4, output: 2), costUSD: 1))
  }

  @Test func `a batch is answered in order, what failed has its error`() async throws {
    let (proxy, http, token) = try await open(3)
    let (status, reply) = try await send(
      http, token, "/invokeBatch",
      ["requests": [["question": "a"], ["question": "fail"], ["nothing": 1]]])
    #expect(status == 200)
    #expect(
      reply["responses"]?.array?.map { $0["rawText"] ?? .null } == [
        "judge: a", "Error: it failed", "Error: Missing required field: question",
      ])
    #expect(await proxy.close().calls == 2)
  }

  @Test func `no more calls are let through than allowed`() async throws {
    let (proxy, http, token) = try await open(1)
    let batch = try await send(
      http, token, "/invokeBatch", ["requests": [["question": "a"], ["question": "b"]]])
    #expect(batch.0 == 429)
    #expect(
      batch.1["error"] == "Batch would exceed max calls (current: 0, batch: 2, limit: 1)")
    #expect(try await send(http, token, "/invoke", ["question": "a"]).0 == 200)
    let more = try await send(http, token, "/invoke", ["question": "a"])
    #expect(more.0 == 429)
    #expect(more.1["error"] == "Max calls exceeded (limit: 1)")
    await proxy.close()
  }

  @Test(
    arguments: [
      ("/invoke", [:], 400, "Missing required field: question"),
      ("/invoke", ["question": ""], 400, "Missing required field: question"),
      (
        "/invoke", ["question": "a", "target": "nobody"], 400,
        "Unknown target 'nobody'. Available: judge, other, hidden"
      ),
      ("/invoke", ["question": "a", "target": "hidden"], 400, "it cannot be set up"),
      ("/invoke", ["question": "fail"], 500, "it failed"),
      ("/invokeBatch", ["requests": 1], 400, "Missing required field: requests (array)"),
      ("/nothing", [:], 404, "Not found"),
    ] as [(String, JSON, Int, String)])
  func `bad requests are told what is wrong`(
    path: String, body: JSON, status: Int, error: String
  ) async throws {
    let (proxy, http, token) = try await open()
    let answer = try await send(http, token, path, body)
    #expect(answer.0 == status)
    #expect(answer.1["error"] == .string(error))
    await proxy.close()
  }

  @Test func `nobody gets in without the token`() async throws {
    let (proxy, http, token) = try await open()
    for given in ["", "x", String(token.dropLast()), token + "0"] {
      let answer = try await send(http, given, "/invoke", ["question": "a"])
      #expect(answer.0 == 401)
    }
    #expect(await proxy.close().calls == 0)
  }

  @Test func `two scripts have two tokens`() async throws {
    let first = try await open()
    let second = try await open()
    #expect(first.2 != second.2)
    await first.0.close()
    await second.0.close()
  }

  @Test func `closing ends questions that are under way, and nobody is let in any more`()
    async throws
  {
    let (proxy, http, token) = try await open()
    let asked = Task { try await self.send(http, token, "/invoke", ["question": "wait"]) }
    while true {
      let info = try await http.get("/info", headers: [("Authorization", "Bearer \(token)")])
      if try JSON.parse(info.body)["callCount"] == 1 { break }
    }
    #expect(await proxy.close().calls == 1)
    _ = try? await asked.value
    await #expect(throws: (any Error).self) {
      _ = try await self.send(http, token, "/invoke", ["question": "a"])
    }
    #expect(targets.ended.withLock { $0 } == 1)
  }
}
