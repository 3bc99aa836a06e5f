import Core
import TestSupport
import Testing

@testable import Reports

/// Sessions as the agents' own programs record them, shortened (reference: providers B3).
@Suite struct ImportTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  private func transcript(
    _ kind: SessionKind, _ lines: String, at path: String
  ) throws -> AgentTranscript {
    try scratch.write(path, lines)
    let session = try #require(AgentSession.all(kind, in: scratch.path).first)
    return try session.transcript(kind)
  }

  private static let claude = #"""
    {"type":"summary","summary":"x"}
    {"type":"user","sessionId":"s1","cwd":"/p","gitBranch":"main","version":"2.1","timestamp":"2026-05-08T09:00:00.000Z","message":{"role":"user","content":"Fix it"}}
    {"type":"assistant","requestId":"r1","timestamp":"2026-05-08T09:00:01.000Z","message":{"id":"m1","model":"claude-x","content":[{"type":"thinking","thinking":"hm"}],"usage":{"input_tokens":1,"output_tokens":1}}}
    {"type":"assistant","requestId":"r1","timestamp":"2026-05-08T09:00:02.000Z","message":{"id":"m1","model":"claude-x","content":[{"type":"text","text":"I look."}],"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":3}}}
    {"type":"assistant","requestId":"r1","timestamp":"2026-05-08T09:00:03.000Z","message":{"id":"m1","content":[{"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"a"}}],"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":9}}}
    {"type":"user","timestamp":"2026-05-08T09:00:04.000Z","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"file text"}]}]}}
    {"type":"assistant","isSidechain":true,"requestId":"r9","message":{"content":[{"type":"text","text":"sub-agent"}]}}
    torn line {"type"
    {"type":"user","isMeta":true,"message":{"content":"Caveat"}}
    {"type":"assistant","requestId":"r2","timestamp":"2026-05-08T09:01:00.000Z","message":{"content":[{"type":"text","text":"Done."}],"usage":{"input_tokens":20,"output_tokens":4}}}
    """#

  @Test func `a session of Claude gives messages, tools with results, tokens and time`() throws {
    let transcript = try transcript(.claude, Self.claude, at: "-p/s1.jsonl")
    #expect(transcript.messages.map(\.role) == ["user", "assistant", "assistant"])
    #expect(transcript.messages.map(\.content) == ["Fix it", "I look.", "Done."])
    let call = try #require(transcript.messages[1].toolCalls.first)
    #expect(call["tool"] == "Read")
    #expect(call["output"] == "file text")
    #expect(transcript.model == "claude-x")
    #expect(transcript.cwd == "/p")
    #expect(transcript.gitBranch == "main")
    #expect(transcript.durationMS == 60_000)
    #expect(transcript.tokens?.input == 35)
    #expect(transcript.tokens?.output == 13)
    #expect(transcript.tokens?.cached == 5)
    #expect(transcript.badLines == 1)
  }

  @Test func `a reply that is recorded again as it grows is one message`() throws {
    let lines = #"""
      {"type":"assistant","requestId":"r","message":{"content":[{"type":"text","text":"He"}]}}
      {"type":"assistant","requestId":"r","message":{"content":[{"type":"text","text":"Hello"},{"type":"tool_use","id":"t","name":"Bash","input":{}}]}}
      {"type":"assistant","requestId":"r","message":{"content":[{"type":"text","text":"Hello"},{"type":"tool_use","id":"t","name":"Bash","input":{}}]}}
      """#
    let transcript = try transcript(.claude, lines, at: "-p/s.jsonl")
    #expect(transcript.messages.map(\.content) == ["Hello"])
    #expect(transcript.toolCallCount == 1)
  }

  @Test func `a session of Codex gives messages, tools with results and the last count of tokens`()
    throws
  {
    let lines = #"""
      {"timestamp":"2026-05-08T09:00:00.000Z","type":"session_meta","payload":{"id":"u-1","cwd":"/p","cli_version":"0.163.0","git":{"branch":"dev"}}}
      {"timestamp":"2026-05-08T09:00:00.100Z","type":"turn_context","payload":{"model":"gpt-x"}}
      {"type":"response_item","payload":{"type":"message","role":"developer","content":[{"type":"input_text","text":"rules"}]}}
      {"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>x</environment_context>"}]}}
      {"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"Fix it"}]}}
      {"type":"response_item","payload":{"type":"reasoning","summary":[]}}
      {"type":"response_item","payload":{"type":"function_call","name":"shell","call_id":"c1","arguments":"{\"command\":[\"ls\"]}"}}
      {"type":"response_item","payload":{"type":"function_call_output","call_id":"c1","output":"a b"}}
      {"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":5,"output_tokens":1}}}}
      {"timestamp":"2026-05-08T09:00:02.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":50,"cached_input_tokens":8,"output_tokens":10}}}}
      {"type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Done"}]}}
      """#
    let transcript = try transcript(
      .codex, lines,
      at: "2026/05/08/rollout-2026-05-08T09-00-00-019d5cff-9f02-7bc3-8f98-2071ba17ef0e.jsonl")
    #expect(transcript.messages.map(\.role) == ["user", "assistant", "assistant"])
    #expect(transcript.messages[1].toolCalls[0]["tool"] == "Bash")
    #expect(transcript.messages[1].toolCalls[0]["input"] == ["command": ["ls"]])
    #expect(transcript.messages[1].toolCalls[0]["output"] == "a b")
    #expect(transcript.messages[2].content == "Done")
    #expect(transcript.sessionID == "u-1")
    #expect(transcript.model == "gpt-x")
    #expect(transcript.tokens?.input == 50)
    #expect(transcript.tokens?.cached == 8)
    #expect(transcript.durationMS == 2000)
  }

  @Test func `what codex exec prints is a session as well`() throws {
    let lines = #"""
      {"type":"thread.started","thread_id":"th"}
      {"type":"item.completed","item":{"id":"1","type":"command_execution","command":"ls","aggregated_output":"one\n","exit_code":0}}
      {"type":"item.completed","item":{"id":"2","type":"agent_message","text":"done"}}
      {"type":"turn.completed","usage":{"input_tokens":22,"output_tokens":14}}
      """#
    let transcript = try transcript(.codex, lines, at: "2026/05/08/rollout-x.jsonl")
    #expect(transcript.messages[0].toolCalls[0]["output"] == "one\n")
    #expect(transcript.messages[1].content == "done")
    #expect(transcript.tokens?.output == 14)
  }

  @Test func `a session of Copilot gives messages, tools with times, tokens by model`() throws {
    let lines = #"""
      {"type":"session.start","timestamp":"2026-05-08T09:00:00.000Z","data":{"sessionId":"c-1","context":{"cwd":"/p","branch":"b"},"copilotVersion":"1.0"}}
      {"type":"user.message","data":{"content":"Fix it"}}
      {"type":"assistant.message","data":{"content":"","toolRequests":[{"toolCallId":"t1","name":"view","arguments":{"path":"a"}}]}}
      {"type":"tool.execution_start","timestamp":"2026-05-08T09:00:01.000Z","data":{"toolCallId":"t1","toolName":"view"}}
      {"type":"tool.execution_complete","timestamp":"2026-05-08T09:00:01.500Z","data":{"toolCallId":"t1","success":true,"result":{"content":"text"}}}
      {"type":"tool.execution_start","timestamp":"2026-05-08T09:00:02.000Z","data":{"toolCallId":"t2","toolName":"bash","arguments":{"command":"ls"}}}
      {"type":"assistant.message","data":{"content":"Done"}}
      {"type":"session.shutdown","timestamp":"2026-05-08T09:00:03.000Z","data":{"modelMetrics":{"a":{"usage":{"inputTokens":10,"outputTokens":1}},"b":{"usage":{"inputTokens":5,"outputTokens":2}}}}}
      """#
    let transcript = try transcript(.copilot, lines, at: "c-1/events.jsonl")
    let calls = transcript.messages.flatMap(\.toolCalls)
    #expect(calls.compactMap { $0["tool"]?.string } == ["Read", "Bash"])
    #expect(calls[0]["input"]?["file_path"] == "a")
    #expect(calls[0]["output"] == "text")
    #expect(calls[0]["duration_ms"] == 500)
    #expect(transcript.messages.last?.content == "Done")
    #expect(transcript.tokens?.input == 15)
    #expect(transcript.gitBranch == "b")
    #expect(transcript.sessionID == "c-1")
  }

  @Test func `the lines of a transcript have the members that a replay reads`() throws {
    let transcript = try transcript(.claude, Self.claude, at: "-p/s1.jsonl")
    let lines = transcript.lines()
    #expect(lines.compactMap { $0["message_index"]?.int } == [0, 1, 2])
    for line in lines {
      #expect(line["test_id"] == "s1")
      #expect(line["target"] == "claude")
      #expect(line["transcript_duration_ms"] == 60_000)
      #expect(line["transcript_token_usage"]?["input"] == 35)
      #expect(line["source"]?["session_id"] == "s1")
      #expect(line["source"]?["provider"] == "claude")
    }
    #expect(transcript.lines(testID: "my-test")[0]["test_id"] == "my-test")
  }

  @Test func `sessions are listed with the last changed first, and only those asked for`() throws {
    let one = try scratch.write("claude/-home-me-a/one.jsonl", "{}")
    try scratch.write("claude/-home-me-a/agent-x.jsonl", "{}")
    try scratch.write("claude/-home-me-a-b/two.jsonl", "{}")
    try scratch.write("claude/-home-me-a/notes.txt", "")
    #expect(FileIO.isFile(one))
    let directory = scratch.file("claude")
    #expect(Set(AgentSession.all(.claude, in: directory).map(\.id)) == ["one", "two"])
    let project = AgentSession.all(.claude, in: directory, project: "/home/me/a")
    #expect(project.map(\.id) == ["one"])
    try scratch.write("codex/2026/05/08/rollout-2026-05-08T09-00-00-a-b-c-d-e.jsonl", "{}")
    try scratch.write("codex/2026/05/09/rollout-x.jsonl", "{}")
    let codex = AgentSession.all(.codex, in: scratch.file("codex"), date: "2026-05-08")
    #expect(codex.map(\.id) == ["a-b-c-d-e"])
    #expect(AgentSession.all(.copilot, in: scratch.file("none")).isEmpty)
  }

  @Test(arguments: [
    (30_000, "0m ago"), (120_000, "2m ago"), (7_200_000, "2h ago"), (200_000_000, "2d ago"),
  ])
  func `ages read as people say them`(_ ago: Int, _ text: String) throws {
    try scratch.write("-p/s.jsonl", "{}")
    let session = try #require(AgentSession.all(.claude, in: scratch.path).first)
    let now = Timestamp(millisecondsSinceEpoch: session.updatedAt.millisecondsSinceEpoch + ago)
    #expect(session.age(at: now) == text)
  }

  @Test(
    arguments: [
      (SessionKind.claude, [:], "/h/.claude/projects"),
      (.claude, ["CLAUDE_CONFIG_DIR": "/c"], "/c/projects"), (.codex, [:], "/h/.codex/sessions"),
      (.codex, ["CODEX_HOME": "/x"], "/x/sessions"), (.copilot, [:], "/h/.copilot/session-state"),
    ] as [(SessionKind, [String: String], String)])
  func `each agent's sessions are where its own program keeps them`(
    _ kind: SessionKind, _ environment: [String: String], _ path: String
  ) {
    #expect(kind.directory(environment.merging(["HOME": "/h"]) { $1 }) == path)
  }
}
