import Core
import EvalFiles
import TestSupport
import Testing

@testable import Providers

@Suite struct TranscriptTests {
  private func lines(_ lines: String...) -> [UInt8] { Array(lines.joined(separator: "\n").utf8) }

  private func call(_ id: String, attempt: Int = 0) -> ProviderRequest {
    ProviderRequest(
      test: EvalTest(id: id, suite: "s", input: [Message(role: "user", text: "q")]),
      attempt: attempt, environment: [:])
  }

  private func provider(
    _ bytes: [UInt8], tests: [String]
  ) throws(ProviderError) -> TranscriptProvider {
    try TranscriptProvider(try Transcript(bytes, name: "t.jsonl"), file: "t.jsonl", tests: tests)
  }

  @Test func `a recording answers the test whose id it has, in any order and part`() async throws {
    let provider = try provider(
      lines(
        #"{"test_id":"b","message_index":1,"role":"assistant","content":"answer b"}"#,
        #"{"test_id":"a","message_index":0,"role":"user","content":"question a"}"#,
        #"{"test_id":"b","message_index":0,"role":"user","content":"question b"}"#,
        #"{"test_id":"a","message_index":2,"role":"assistant","content":"answer a"}"#,
        #"{"test_id":"a","message_index":1,"role":"assistant","tool_calls":[{"tool":"Read","input":{"file_path":"x"},"output":"y"}],"transcript_token_usage":{"input":7,"output":3},"transcript_duration_ms":1500,"transcript_cost_usd":0.5}"#,
        ""),
      tests: ["a", "b", "c"])
    let second = try await provider.invoke(call("b"))
    #expect(second.output == [Message(role: "assistant", text: "answer b")])
    let first = try await provider.invoke(call("a"))
    #expect(first.output.answer == "answer a")
    #expect(first.output.first?.toolCalls.first?.tool == "Read")
    #expect(
      first.metrics
        == TargetMetrics(
          tokenUsage: TokenUsage(input: 7, output: 3), costUSD: 0.5, durationMS: 1500))
    let error = await failure(provider, call("c"))
    #expect(error?.description == "the transcript t.jsonl has no recording of test 'c'")
    #expect(error?.retryable == false)
  }

  @Test func `recordings of other names belong to the tests by their order`() async throws {
    let recording = lines(
      #"{"test_id":"s1","role":"user","content":"q"}"#,
      #"{"test_id":"s1","role":"assistant","content":"one"}"#,
      #"{"test_id":"s2","role":"assistant","content":"two"}"#)
    let provider = try provider(recording, tests: ["a", "b"])
    #expect(try await provider.invoke(call("b")).output.answer == "two")
    #expect(try await provider.invoke(call("a")).output.answer == "one")
    let error = #expect(throws: ProviderError.self) { try self.provider(recording, tests: ["a"]) }
    #expect(error?.description.contains("its 2 recordings") == true)
    #expect(error?.description.contains("there are 1 tests") == true)
  }

  @Test func `a further attempt gets the next recording, if there is one`() async throws {
    let provider = try provider(
      lines(
        #"{"test_id":"a","message_index":0,"role":"assistant","content":"first"}"#,
        #"{"test_id":"a","message_index":0,"role":"assistant","content":"second"}"#),
      tests: ["a"])
    for (attempt, answer) in [(0, "first"), (1, "second"), (2, "second")] {
      #expect(try await provider.invoke(call("a", attempt: attempt)).output.answer == answer)
    }
  }

  @Test func `of several targets the first is replayed, and said so`() async throws {
    let provider = try provider(
      lines(
        #"{"test_id":"a","target":"x","message_index":0,"role":"assistant","content":"of x"}"#,
        #"{"test_id":"a","target":"y","message_index":0,"role":"assistant","content":"of y"}"#),
      tests: ["a"])
    let response = try await provider.invoke(call("a"))
    #expect(response.output.answer == "of x")
    #expect(response.warnings.first?.contains("several targets") == true)
  }

  @Test(arguments: [
    ("", "holds no message"), ("x", "t.jsonl:1: a transcript holds one JSON object a line"),
    (#"{"role":"user"}"#, "t.jsonl:1: 'test_id' must be a text, found none"),
    ("\n{\"test_id\":\"a\",\"role\":7}", "t.jsonl:2: 'role' must be a text, found 7"),
  ])
  func `a line that is none is named`(text: String, expected: String) {
    let error = #expect(throws: ProviderError.self) {
      try Transcript(Array(text.utf8), name: "t.jsonl")
    }
    #expect(error?.code == .configuration)
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func `a transcript is no target of a targets file`() {
    let error = #expect(throws: ProviderError.self) {
      try ProviderRegistry.make(target("transcript"))
    }
    #expect(error?.description.contains("--transcript FILE") == true)
  }
}

@Suite struct CopilotLogTests {
  private static let events = [
    #"{"type":"session.start","data":{"sessionId":"s","context":{"cwd":"/code/x"}},"timestamp":"2026-05-08T09:34:33.000Z"}"#,
    #"{"type":"user.message","data":{"content":"do it"},"timestamp":"2026-05-08T09:34:33.500Z"}"#,
    #"{"type":"assistant.message","data":{"content":"","toolRequests":[{"toolCallId":"c1","name":"view","arguments":{"path":"/a"}}]},"timestamp":"2026-05-08T09:34:34.000Z"}"#,
    #"{"type":"tool.execution_start","data":{"toolCallId":"c1","toolName":"view"},"timestamp":"2026-05-08T09:34:34.000Z"}"#,
    #"{"type":"tool.execution_complete","data":{"toolCallId":"c1","success":true,"result":{"content":"text"}},"timestamp":"2026-05-08T09:34:34.250Z"}"#,
    #"{"type":"skill.invoked","data":{"name":"review"},"timestamp":"2026-05-08T09:34:35.000Z"}"#,
    "half a li",
    #"{"type":"assistant.message","data":{"content":"done"},"timestamp":"2026-05-08T09:34:36.000Z"}"#,
    #"{"type":"session.shutdown","data":{"modelMetrics":{"a":{"usage":{"inputTokens":10,"outputTokens":4}},"b":{"usage":{"inputTokens":1,"outputTokens":2}}}},"timestamp":"2026-05-08T09:34:37.000Z"}"#,
  ].joined(separator: "\n")

  private func call(_ directory: TemporaryDirectory) -> ProviderRequest {
    ProviderRequest(
      test: EvalTest(
        id: "t", suite: "s", input: [Message(role: "user", text: "q")], directory: directory.path),
      environment: ["HOME": directory.path])
  }

  @Test(
    arguments: [
      ["session_dir": "state/one"], ["session_id": "one", "session_state_dir": "state"],
      ["discover": "latest", "session_state_dir": "state"],
      ["discover": "latest", "session_state_dir": "~/state", "cwd": "/code/x/"],
    ] as [JSONObject])
  func `a recorded session is the answer`(settings: JSONObject) async throws {
    let directory = try TemporaryDirectory()
    try directory.write("state/one/events.jsonl", Self.events)
    let provider = try ProviderRegistry.make(target("copilot-log", settings))
    let response = try await provider.invoke(call(directory))
    #expect(response.output.answer == "done")
    #expect(
      response.output.first?.toolCalls == [
        ToolCall(
          tool: "Read", input: ["path": "/a", "file_path": "/a"], output: "text", id: "c1",
          startTime: "2026-05-08T09:34:34.000Z", endTime: "2026-05-08T09:34:34.250Z",
          durationMS: 250),
        ToolCall(
          tool: "Skill", input: ["skill": "review"], startTime: "2026-05-08T09:34:35.000Z"),
      ])
    #expect(response.metrics.tokenUsage == TokenUsage(input: 11, output: 6))
    #expect(response.metrics.durationMS == 4000)
    #expect(response.warnings.count == 1)
  }

  @Test(
    arguments: [
      (["discover": "latest", "session_state_dir": "state", "cwd": "/other"], "no session"),
      (["session_id": "none", "session_state_dir": "state"], "state/none/events.jsonl"),
    ] as [(JSONObject, String)])
  func `a session that is not there is named`(settings: JSONObject, text: String) async throws {
    let directory = try TemporaryDirectory()
    try directory.write("state/one/events.jsonl", Self.events)
    let provider = try ProviderRegistry.make(target("copilot-log", settings))
    let error = await failure(provider, call(directory))
    #expect(error?.code == .configuration)
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
  }

  @Test(
    arguments: [
      ([:], "'session_dir' is missing"), (["discover": "first"], "'discover' must be latest"),
      (["session_id": "../x"], "'session_id' must be an id"),
    ] as [(JSONObject, String)])
  func `a target that names no session is refused`(settings: JSONObject, text: String) {
    let error = #expect(throws: ProviderError.self) {
      try ProviderRegistry.make(target("copilot-log", settings))
    }
    #expect(error?.description.contains(text) == true)
  }
}
