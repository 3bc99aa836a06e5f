import Core
import EvalFiles
import TestSupport
import Testing

@testable import Providers

/// A target of a kind with settings.
func target(_ provider: String, _ settings: JSONObject = [:]) -> ResolvedTarget {
  ResolvedTarget(requested: "req", name: "tgt", provider: provider, settings: settings)
}

/// A call for a test in a directory.
func request(
  _ directory: TemporaryDirectory, id: String = "t", prompt: String = "hello",
  files: [String] = [], attempt: Int = 0, timeout: Duration? = nil
) -> ProviderRequest {
  let blocks: [JSON] =
    files.map { ["type": "file", "resolvedPath": .string($0), "path": "p", "text": "x"] }
  let test = EvalTest(
    id: id, suite: "s", input: [Message(role: "user", content: .blocks(blocks))],
    directory: directory.path)
  return ProviderRequest(
    test: test, prompt: prompt, attempt: attempt,
    environment: ["PATH": "/usr/bin:/bin", "TMPDIR": directory.path], timeout: timeout)
}

@Suite(.timeLimit(.minutes(1))) struct MockProviderTests {
  @Test func `a mock answers what its target says, and something without`() async throws {
    let directory = try TemporaryDirectory()
    let own = try ProviderRegistry.make(target("mock", ["response": "hi"]))
    #expect(
      try await own.invoke(request(directory)).output == [Message(role: "assistant", text: "hi")])
    let plain = try ProviderRegistry.make(target("mock"))
    let response = try await plain.invoke(request(directory))
    #expect(response.output.answer.hasPrefix("{\"answer\":\"Mock provider response."))
    #expect(response.metrics == TargetMetrics())
  }

  @Test func `a dry run's delay can be cancelled`() async throws {
    let directory = try TemporaryDirectory()
    let provider = try ProviderRegistry.make(
      target("mock"), options: ProviderOptions(dryRunDelayMS: 3_600_000...3_600_000))
    let call = request(directory)
    let task = Task { try await provider.invoke(call) }
    task.cancel()
    let error = await #expect(throws: ProviderError.self) { try await task.value }
    #expect(error?.isCancelled == true)
  }

  @Test func `a dry run's delay ends at the time limit`() async throws {
    let provider = try ProviderRegistry.make(
      target("mock"), options: ProviderOptions(dryRunDelayMS: 3_600_000...3_600_001))
    let call = request(try TemporaryDirectory(), timeout: .milliseconds(5))
    let error = await #expect(throws: ProviderError.self) { try await provider.invoke(call) }
    #expect(error?.code == .timedOut)
  }
}

@Suite struct ProviderRegistryTests {
  @Test(arguments: ["bedrock", "vertex"])
  func `a provider of a later version is refused by name`(name: String) {
    let error = #expect(throws: ProviderError.self) { try ProviderRegistry.make(target(name)) }
    #expect(error?.code == .unavailable)
    #expect(error?.retryable == false)
    #expect(
      error?.description.hasPrefix(
        "target 'req' uses the provider '\(name)', which is not available in this version") == true)
  }

  @Test func `any other name is run as a command`() throws {
    let provider = try ProviderRegistry.make(target("own"))
    #expect(
      (provider as? CLIProvider)?.configuration.command
        == "bun run .agentv/providers/own.ts {PROMPT}")
    let given = try ProviderRegistry.make(target("own", ["command": "x {PROMPT}"]))
    #expect((given as? CLIProvider)?.configuration.command == "x {PROMPT}")
  }

  @Test(
    arguments: [
      ([:], "'command' is missing"),
      (["command": "  "], "'command' is missing"),
      (["command": 5], "'command' must be a text, found number"),
      (
        ["command": "x {PROMT}"],
        "'command' includes unsupported placeholder '{PROMT}'. Supported placeholders: PROMPT, PROMPT_FILE, EVAL_ID, ATTEMPT, FILES, OUTPUT_FILE"
      ),
      (
        ["command": "x", "timeout_seconds": 0],
        "'timeout_seconds' must be a number of seconds above 0, found 0"
      ),
      (["command": "x", "timeout_seconds": "soon"], "'timeout_seconds' must be"),
      (["command": "x", "verbose": 3], "'verbose' must be true or false, found 3"),
      (
        ["command": "x", "healthcheck": [:]],
        "'healthcheck' must have either 'url' (HTTP) or 'command' (command)"
      ),
      (["command": "x", "healthcheck": ["url": "ftp://x"]], "must begin with http:// or https://"),
      (
        ["command": "x", "healthcheck": ["command": "{X}"]],
        "'healthcheck.command' includes unsupported placeholder"
      ),
      (["command": "x", "cwd": []], "'cwd' must be a text, found array"),
    ] as [(JSONObject, String)])
  func `settings that make no sense are refused with their name`(settings: JSONObject, text: String)
  {
    let error = #expect(throws: ProviderError.self) {
      try ProviderRegistry.make(target("cli", settings))
    }
    #expect(error?.code == .configuration)
    #expect(error?.description.hasPrefix("target 'tgt': ") == true)
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
  }

  @Test func `a command in an unset variable names the variable`() {
    var target = target("cli")
    target.unsetVariables = ["command": "CMD"]
    let error = #expect(throws: ProviderError.self) { try ProviderRegistry.make(target) }
    #expect(
      error?.description
        == "target 'tgt': 'command' is the environment variable CMD, which is not set; export it or "
        + "put it into a .env file")
  }

  @Test func `numbers and flags may be texts`() throws {
    let provider = try ProviderRegistry.make(
      target(
        "cli",
        [
          "command": "x", "timeout_seconds": "1.5", "cli_verbose": "1",
          "keep_output_files": "false",
          "attachments_format": "@{basename}",
        ]))
    let configuration = try #require((provider as? CLIProvider)?.configuration)
    #expect(configuration.timeout == .milliseconds(1500))
    #expect(configuration.isVerbose)
    #expect(!configuration.keepsTemporaryFiles)
    #expect(configuration.filesFormat == "@{basename}")
  }
}

@Suite struct CLITemplateTests {
  @Test(arguments: [
    ("a", "'a'"), ("", "''"), ("it's", "'it'\"'\"'s'"), ("$(x) `y` \\", "'$(x) `y` \\'"),
    ("a\nb", "'a\nb'"),
  ])
  func `values are quoted for the shell`(text: String, quoted: String) {
    #expect(CLITemplate.quoted(text) == quoted)
  }

  @Test func `only upper-case names in braces are placeholders, values are not read again`() {
    let template = "x {PROMPT} {lower} ${HOME} {} {A B} {UNKNOWN} {PROMPT"
    #expect(CLITemplate.placeholders(in: template) == ["PROMPT", "HOME", "UNKNOWN"])
    #expect(
      CLITemplate.render(template, ["PROMPT": "'{EVAL_ID}'", "EVAL_ID": "no"])
        == "x '{EVAL_ID}' {lower} ${HOME} {} {A B} {UNKNOWN} {PROMPT")
  }

  @Test func `files are put into their format`() {
    #expect(
      CLITemplate.files(["/a/b c", "/d"], format: "--file {path} ({basename})")
        == "--file '/a/b c' ('b c') --file '/d' ('d')")
    #expect(CLITemplate.files([], format: "{path}") == "")
  }
}

@Suite struct CLIAnswerTests {
  private func parse(_ text: String) -> ProviderResponse { CLIAnswer.parse(Array(text.utf8)) }

  @Test(arguments: [
    ("plain text\n", "plain text\n"), ("{\"text\": \"t\"}", "t"), ("{\"text\": 5}", "5"),
    ("{\"output\": [{\"role\": \"assistant\", \"content\": \"a\"}], \"text\": \"t\"}", "a"),
    ("{\"output\": [], \"text\": \"t\"}", "t"),
    ("{\"output_messages\": [{\"role\": \"assistant\", \"content\": \"old\"}]}", "old"),
    ("{\"output\": [{\"role\": \"user\", \"content\": \"u\"}]}", ""),
    ("{\"output\": \"x\"}", "{\"output\": \"x\"}"), ("{\"other\": 1}", "{\"other\": 1}"),
    ("{\"text\": \"t\", \"cost_usd\": \"1\"}", "{\"text\": \"t\", \"cost_usd\": \"1\"}"),
    (
      "{\"text\": \"t\", \"token_usage\": {\"input\": 1}}",
      "{\"text\": \"t\", \"token_usage\": {\"input\": 1}}"
    ),
    ("[1]", "[1]"), ("{\"text\": ", "{\"text\": "), ("", ""),
  ])
  func `an answer is an object of the known shape or plain text`(content: String, answer: String) {
    #expect(parse(content).output.answer == answer)
  }

  @Test func `metrics and tool calls are taken over`() {
    let response = parse(
      #"{"output": [{"role": "assistant", "content": "a", "tool_calls": [{"tool": "T", "input": {"x": 1}, "duration_ms": 3}]}], "#
        + #""token_usage": {"input": 5, "output": 6, "cached": 2}, "cost_usd": 0.5, "duration_ms": 12.4}"#
    )
    #expect(response.output[0].toolCalls == [ToolCall(tool: "T", input: ["x": 1], durationMS: 3)])
    #expect(
      response.metrics
        == TargetMetrics(
          tokenUsage: TokenUsage(input: 5, output: 6, cached: 2), costUSD: 0.5, durationMS: 12))
  }

  @Test func `negative metrics are dropped with a warning`() {
    let response = parse(#"{"text": "t", "cost_usd": -1, "duration_ms": -2}"#)
    #expect(response.output.answer == "t")
    #expect(response.metrics == TargetMetrics())
    #expect(
      response.warnings == [
        "ignoring negative cost_usd value (-1)", "ignoring negative duration_ms value (-2)",
      ])
  }
}

@Suite struct ProviderErrorTests {
  @Test(arguments: [
    (ProviderError.Code.timedOut, true), (.failed, true), (.badAnswer, true), (.transport, true),
    (.rateLimited, true), (.serverError, true), (.cancelled, false), (.configuration, false),
    (.unavailable, false), (.authentication, false), (.badRequest, false), (.refused, false),
  ])
  func `only what can pass is tried again`(code: ProviderError.Code, passes: Bool) {
    #expect(ProviderError(code, "x").retryable == passes)
  }
}
