// Events of each agent as they are printed, and what they come to. Shapes as seen from the real
// programs; pi's from its documentation.

import Core
import EvalFiles
import Testing

@testable import Providers

/// Feeds lines to a reader.
private func read(_ reader: any AgentReader, _ lines: [String]) throws -> any AgentReader {
  var reader = reader
  for line in lines { _ = reader.read(try JSON.parse(Array(line.utf8)), at: .now()) }
  return reader
}

private func failure(_ reader: any AgentReader) -> ProviderError? {
  if case .failed(let error)? = reader.outcome { error } else { nil }
}

@Suite struct ClaudeReaderTests {
  private let tool = [
    #"{"type":"system","subtype":"init","model":"m","claude_code_version":"2.1.330"}"#,
    #"{"type":"assistant","message":{"id":"m1","content":[{"type":"text","text":"I run it"}]}}"#,
    #"{"type":"assistant","message":{"id":"m1","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]}}"#,
    #"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"one"}]}]}}"#,
    #"{"type":"assistant","message":{"id":"m2","content":[{"type":"text","text":"done"}]}}"#,
  ]
  private func result(_ more: String) -> String {
    #"{"duration_ms":9,"total_cost_usd":0.5,"usage":{"input_tokens":3,"cache_read_input_tokens":4,"cache_creation_input_tokens":5,"output_tokens":7},\#(more),"type":"result"}"#
  }

  @Test func `messages, tools, figures and version are read`() throws {
    let reader = try read(
      ClaudeReader(), tool + [result(#""subtype":"success","is_error":false,"result":"done""#)])
    #expect(reader.outcome == .answered)
    let record = reader.record
    #expect(record.messages.map(\.text) == ["I run it", "done"])
    let call = try #require(record.messages[0].toolCalls.first)
    #expect((call.tool, call.output) == ("Bash", "one"))
    #expect(call.input == ["command": "ls"])
    #expect(call.durationMS != nil && call.startTime != nil && call.endTime != nil)
    #expect(record.tokenUsage == TokenUsage(input: 12, output: 7, cached: 4))
    #expect((record.costUSD, record.durationMS, record.version) == (0.5, 9, "2.1.330"))
  }

  @Test func `without a result there is no end`() throws {
    #expect(try read(ClaudeReader(), tool).outcome == nil)
  }

  @Test(arguments: [
    (
      #""subtype":"success","is_error":true,"api_error_status":401,"result":"Invalid key""#,
      ProviderError.Code.authentication, "Claude CLI: Invalid key"
    ),
    (
      #""subtype":"success","is_error":true,"api_error_status":529,"result":"Overloaded""#,
      .serverError, "Overloaded"
    ),
    (
      #""subtype":"success","is_error":true,"api_error_status":400,"result":"bad""#, .badRequest,
      "bad"
    ),
    (#""subtype":"error_max_turns","is_error":true"#, .configuration, "raise `max_turns`"),
    (
      #""subtype":"error_max_budget_usd","is_error":true"#, .configuration,
      "raise `max_budget_usd`"
    ),
    (
      #""subtype":"error_during_execution","is_error":true,"errors":["it broke"]"#, .failed,
      "it broke"
    ),
  ])
  func `an error in the result is an error, whatever the exit code`(
    _ more: String, _ code: ProviderError.Code, _ text: String
  ) throws {
    let error = try #require(failure(try read(ClaudeReader(), tool + [result(more)])))
    #expect(error.code == code)
    #expect(error.description.contains(text))
  }

  @Test func `refused tools are a warning with the remedy`() throws {
    let reader = try read(
      ClaudeReader(),
      [
        result(
          #""subtype":"success","is_error":false,"result":"x","permission_denials":[{"tool_name":"Bash"},{"tool_name":"Bash"}]"#
        )
      ])
    #expect(reader.outcome == .answered)
    #expect(reader.record.messages.answer == "x")
    #expect(reader.record.warnings.first?.contains("2 call(s) of Bash were refused") == true)
  }

  @Test func `messages of an agent below are part of its tool call`() throws {
    let reader = try read(
      ClaudeReader(),
      [
        #"{"type":"assistant","parent_tool_use_id":"t1","message":{"id":"x","content":[{"type":"text","text":"inner"}]}}"#
      ])
    #expect(reader.record.messages.isEmpty)
  }
}

@Suite struct CodexReaderTests {
  @Test func `items become messages and tool calls, and the turn's end completes`() throws {
    let reader = try read(
      CodexReader(),
      [
        #"{"type":"thread.started","thread_id":"x"}"#,
        #"{"type":"item.completed","item":{"id":"item_0","type":"error","message":"Model metadata not found"}}"#,
        #"{"type":"item.started","item":{"id":"item_1","type":"command_execution","command":"ls","aggregated_output":"","exit_code":null,"status":"in_progress"}}"#,
        #"{"type":"item.completed","item":{"id":"item_1","type":"command_execution","command":"ls","aggregated_output":"one\n","exit_code":0,"status":"completed"}}"#,
        #"{"type":"item.completed","item":{"id":"item_2","type":"file_change","changes":[{"path":"a","kind":"add"}],"status":"completed"}}"#,
        #"{"type":"item.completed","item":{"id":"item_3","type":"mcp_tool_call","server":"s","tool":"t","arguments":{"a":1},"result":"r"}}"#,
        #"{"type":"error","message":"Reconnecting... 1/5"}"#,
        #"{"type":"item.completed","item":{"id":"item_4","type":"agent_message","text":"done"}}"#,
        #"{"type":"turn.completed","usage":{"input_tokens":22,"cached_input_tokens":2,"output_tokens":14,"reasoning_output_tokens":3}}"#,
      ])
    #expect(reader.outcome == .answered)
    let record = reader.record
    #expect(record.messages.answer == "done")
    let calls = record.messages.flatMap(\.toolCalls)
    #expect(calls.map(\.tool) == ["Bash", "Edit", "Skill"])
    #expect(calls[0].output?["output"] == "one\n")
    #expect(calls[2].input?["skill"] == "s/t")
    #expect(
      record.tokenUsage == TokenUsage(input: 22, output: 14, cached: 2, reasoning: 3))
    #expect(record.warnings == ["Codex: Model metadata not found"])
  }

  @Test(arguments: [
    ("unexpected status 401 Unauthorized: no", ProviderError.Code.authentication),
    ("exceeded retry limit, last status: 429 Too Many Requests", .rateLimited),
    ("stream disconnected before completion", .transport),
    (#"{\"error\":{\"message\":\"bad model\"},\"status\":400}"#, .badRequest),
    ("it broke", .failed),
  ])
  func `a failed turn tells what can pass`(_ message: String, _ code: ProviderError.Code) throws {
    let reader = try read(
      CodexReader(), [#"{"type":"turn.failed","error":{"message":"\#(message)"}}"#])
    #expect(failure(reader)?.code == code)
  }

  @Test func `a reported error is no end`() throws {
    let reader = try read(CodexReader(), [#"{"type":"error","message":"Reconnecting... 1/5"}"#])
    #expect(reader.outcome == nil)
  }
}

@Suite struct CopilotReaderTests {
  private let turns = [
    #"{"type":"assistant.message","data":{"content":"","toolRequests":[{"toolCallId":"c","name":"bash","arguments":{"command":"ls"}}],"outputTokens":7}}"#,
    #"{"type":"tool.execution_start","data":{"toolCallId":"c","toolName":"bash","arguments":{"command":"ls"}}}"#,
    #"{"type":"tool.execution_complete","data":{"toolCallId":"c","success":true,"result":{"content":"one"}}}"#,
    #"{"type":"assistant.message","data":{"content":"done","toolRequests":[]}}"#,
  ]

  @Test func `one call is one call, with its result`() throws {
    let reader = try read(
      CopilotReader(),
      turns + [#"{"type":"result","exitCode":0,"usage":{"sessionDurationMs":12}}"#])
    #expect(reader.outcome == .answered)
    #expect(reader.record.messages.answer == "done")
    let calls = reader.record.messages.flatMap(\.toolCalls)
    #expect(calls.map(\.tool) == ["Bash"])
    #expect(calls[0].output == "one")
    #expect(reader.record.durationMS == 12)
    #expect(reader.record.tokenUsage == nil)
  }

  @Test func `a result after an abort completes nothing, although its exit code is 0`() throws {
    let reader = try read(
      CopilotReader(),
      turns + [
        #"{"type":"abort","data":{"reason":"user_initiated"}}"#,
        #"{"type":"result","exitCode":0}"#,
      ])
    #expect(failure(reader)?.description == "Copilot CLI was interrupted")
  }

  @Test func `a failed call of the model decides over another try`() throws {
    let reader = try read(
      CopilotReader(),
      [
        #"{"type":"model.call_failure","data":{"statusCode":401}}"#,
        #"{"type":"session.error","data":{"errorType":"query","message":"no such key"}}"#,
        #"{"type":"result","exitCode":1}"#,
      ])
    #expect(failure(reader)?.code == .authentication)
    #expect(failure(reader)?.description == "Copilot CLI: no such key")
  }

  @Test func `a missing login names the ways to log in`() {
    let error = CopilotReader().failure(stderr: "Error: No authentication information found.")
    #expect(error?.code == .authentication)
    #expect(CopilotReader().failure(stderr: "other") == nil)
  }
}

@Suite struct PiReaderTests {
  private let answer =
    #"{"role":"assistant","content":[{"type":"text","text":"done"},{"type":"toolCall","id":"c","name":"bash","arguments":{"command":"ls"}}],"usage":{"input":3,"output":4,"cacheRead":1,"cost":{"total":0.25}},"stopReason":"stop"}"#

  @Test func `messages come from the end, results from the events`() throws {
    let reader = try read(
      PiReader(),
      [
        #"{"type":"tool_execution_start","toolCallId":"c","toolName":"bash","args":{"command":"ls"}}"#,
        #"{"type":"tool_execution_end","toolCallId":"c","result":{"content":[{"type":"text","text":"one"}]}}"#,
        #"{"type":"agent_end","messages":[{"role":"user","content":"q"},\#(answer)]}"#,
      ])
    #expect(reader.outcome == .answered)
    #expect(reader.record.messages.answer == "done")
    let call = try #require(reader.record.messages.flatMap(\.toolCalls).first)
    #expect((call.tool, call.output) == ("Bash", "one"))
    #expect(reader.record.tokenUsage == TokenUsage(input: 3, output: 4, cached: 1))
    #expect(reader.record.costUSD == 0.25)
  }

  @Test(arguments: [
    (
      #"{"role":"assistant","content":[],"stopReason":"error","errorMessage":"401 status 401"}"#,
      ProviderError.Code.authentication
    ),
    (#"{"role":"assistant","content":[],"stopReason":"stop"}"#, .badAnswer),
  ])
  func `an end without an answer is an error, although pi exits 0`(
    _ message: String, _ code: ProviderError.Code
  ) throws {
    let reader = try read(PiReader(), [#"{"type":"agent_end","messages":[\#(message)]}"#])
    #expect(failure(reader)?.code == code)
  }
}

@Suite struct AgentTextTests {
  @Test func `the document lists the files and then asks`() {
    #expect(AgentPrompt.document("Q", files: []) == "[[ ## user_query ## ]]\n\nQ")
    #expect(
      AgentPrompt.document("Q", files: ["/a/b.txt", "/c"]) == """
        Read all input files:
        * [b.txt](file:///a/b.txt)
        * [c](file:///c).
        If any file is missing, fail with ERROR: missing-file <filename> and stop.
        Then apply system_instructions on the user query below.

        [[ ## user_query ## ]]

        Q
        """)
  }

  @Test(arguments: [
    ("2.1.330 (Claude Code)\n", "2.1.330"), ("WARNING: x\ncodex-cli 0.163.0", "0.163.0"),
    ("GitHub Copilot CLI 1.0.64-0.\nRun 'copilot update'", "1.0.64-0"), ("v0.58.3", "0.58.3"),
    ("none", nil),
  ])
  func `a version is the first word that looks like one`(_ text: String, _ version: String?) {
    #expect(AgentHealth.version(in: text) == version)
  }

  @Test func `lines are put together from pieces`() {
    var splitter = LineSplitter()
    #expect(splitter.append(Array("{\"a\":".utf8)).isEmpty)
    let lines = splitter.append(Array("1}\r\n\n{}\n{\"b\"".utf8))
    #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["{\"a\":1}", "{}"])
    #expect(splitter.end() == Array("{\"b\"".utf8))
    #expect(splitter.end() == nil)
  }

  @Test func `values of secret variables never stay, other ones do`() {
    let redactor = SecretRedactor(
      [
        "OPENAI_API_KEY": "sk-0123456789", "GH_TOKEN": "ghp_abcdefgh", "HOME": "/home/someone",
        "SHORT_KEY": "abc", "KEYBOARD": "qwertyuiop",
      ], settings: ["api_key": "from-settings"])
    let text = "sk-0123456789 ghp_abcdefgh /home/someone abc qwertyuiop from-settings"
    #expect(
      redactor.redacted(text)
        == "[OPENAI_API_KEY] [GH_TOKEN] /home/someone abc qwertyuiop [api_key]")
  }

  @Test(arguments: [
    ("bash", "Bash"), ("view", "Read"), ("Viewing a file", "Read"), ("create", "Write"),
    ("command_execution", "Bash"), ("file_change", "Edit"), ("Bash", "Bash"), ("other", "other"),
  ])
  func `tools have one name whoever calls them`(_ name: String, _ common: String) {
    #expect(ToolNames.normalized(name, input: nil).name == common)
  }

  @Test func `a path that was read has one name as well`() {
    #expect(
      ToolNames.normalized("view", input: ["path": "/x"]).input
        == ["path": "/x", "file_path": "/x"])
    #expect(
      ToolNames.normalized("Using skill: s", input: nil).input == ["skill": "s"])
  }
}
