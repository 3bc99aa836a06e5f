// The runner of agents with stand-ins: shell scripts that print an agent's events. The real programs
// are in Tests/AgentTests.

import Core
import EvalFiles
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(2))) struct AgentProviderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let result =
    #"{"type":"result","subtype":"success","is_error":false,"result":"fine"}"#

  /// A Claude target whose program is a script; it says its version and is logged in by a key.
  private func provider(
    _ script: String, _ more: JSONObject = [:], provider: String = "claude-cli",
    version: String = "echo '1.2.3 (stand-in)'; exit 0"
  ) throws -> any Provider {
    try directory.write(
      "agent", "#!/bin/sh\ncase $1 in --version) \(version);; esac\n\(script)\n")
    let result = makeExecutable(directory.file("agent"))
    try #require(result)
    var settings: JSONObject = ["executable": .string(directory.file("agent"))]
    for (name, value) in more { settings[name] = value }
    return try ProviderRegistry.make(
      target(provider, settings),
      options: ProviderOptions(projectDirectory: directory.path))
  }

  private func call(
    id: String = "t", timeout: Duration? = nil, environment: [String: String] = [:]
  ) -> ProviderRequest {
    var call = request(directory, id: id, prompt: "question", timeout: timeout)
    call.environment["ANTHROPIC_API_KEY"] = "sk-very-secret-value"
    call.environment["HOME"] = directory.path
    call.environment.merge(environment) { $1 }
    return call
  }

  private func failure(
    _ provider: any Provider, _ call: ProviderRequest
  ) async -> ProviderError? {
    await #expect(throws: ProviderError.self) { try await provider.invoke(call) }
  }

  @Test func `the prompt goes in by standard input, answer and version come out`() async throws {
    let provider = try provider(
      "cat > got; echo \"$@\" > args; echo '\(Self.result)'", ["model": "m", "max_turns": 3])
    let response = try await provider.invoke(call())
    #expect(response.output.answer == "fine")
    #expect(response.agentVersion == "1.2.3")
    #expect(response.transcript == Array("\(Self.result)\n".utf8))
    let got = String(decoding: try FileIO.read(directory.file("got")), as: UTF8.self)
    #expect(got == "[[ ## user_query ## ]]\n\nquestion")
    let arguments = String(decoding: try FileIO.read(directory.file("args")), as: UTF8.self)
    #expect(
      arguments
        == "-p --output-format stream-json --verbose --permission-mode acceptEdits --model m "
        + "--max-turns 3\n")
  }

  @Test func `a system prompt goes by a file that is gone afterwards`() async throws {
    let provider = try provider(
      #"while [ "$1" != --system-prompt-file ]; do shift; done; cp "$2" prompt; echo "$2" > name; echo '\#(Self.result)'"#,
      ["system_prompt": "Be brief."])
    _ = try await provider.invoke(call())
    #expect(try FileIO.read(directory.file("prompt")) == Array("Be brief.".utf8))
    let name = String(decoding: try FileIO.read(directory.file("name")), as: UTF8.self).trimmed
    #expect(!FileIO.exists(name))
  }

  @Test func `a system message of the test is not sent a second time`() async throws {
    let provider = try provider("echo \"$@\" > args; echo '\(Self.result)'")
    var call = call()
    call.systemPrompt = "part of the prompt already"
    _ = try await provider.invoke(call)
    let arguments = String(decoding: try FileIO.read(directory.file("args")), as: UTF8.self)
    #expect(!arguments.contains("system-prompt"))
  }

  @Test func `an exit code of 0 without a final event is an error`() async throws {
    let error = await failure(try provider("echo '{}'; echo why >&2; exit 0"), call())
    #expect(error?.code == .failed)
    #expect(
      error?.description == "Claude CLI exited with code 0 without a final event: why")
  }

  @Test func `a final event counts, whatever the exit code`() async throws {
    let response = try await provider("echo '\(Self.result)'; exit 9").invoke(call())
    #expect(response.output.answer == "fine")
  }

  @Test func `what comes after the limit completes nothing`() async throws {
    // It answers when it is asked to end, as one that is interrupted may.
    let provider = try provider(
      "trap 'echo \"$FINAL\"; exit 0' TERM; sleep 600 & wait",
      ["timeout_seconds": 0.2])
    let error = await failure(provider, call(environment: ["FINAL": Self.result]))
    #expect(error?.code == .timedOut)
    #expect(error?.description == "Claude CLI timed out after 0.2s")
  }

  @Test func `a stop leaves no result, whatever the agent still says`() async throws {
    let provider = try provider(
      "trap 'echo \"$FINAL\"; exit 0' TERM; : > ready; sleep 600 & wait")
    let call = call(environment: ["FINAL": Self.result])
    let task = Task { try await provider.invoke(call) }
    while !FileIO.exists(directory.file("ready")) { await Task.yield() }
    task.cancel()
    let error = await #expect(throws: ProviderError.self) { try await task.value }
    #expect(error?.isCancelled == true)
  }

  @Test func `a missing program names what to install`() async throws {
    let provider = try ProviderRegistry.make(
      target("codex", ["executable": "no-such-codex"]),
      options: ProviderOptions(projectDirectory: directory.path))
    let error = await failure(provider, call())
    #expect(error?.code == .configuration)
    #expect(error?.retryable == false)
    #expect(error?.description.contains("install Codex") == true)
    #expect(error?.description.contains("set `executable`") == true)
  }

  @Test func `a program that does not start is found before the first test`() async throws {
    let error = await failure(
      try provider("echo never > ran", version: "echo broken >&2; exit 3"), call())
    #expect(error?.code == .configuration)
    #expect(error?.description.contains("exited with 3: broken") == true)
    #expect(!FileIO.exists(directory.file("ran")))
  }

  @Test func `a missing login is found before the first test, with the remedy`() async throws {
    let provider = try provider(
      "case $1 in auth) echo '{\"loggedIn\": false}'; exit 1;; esac; : > ran")
    var call = call()
    call.environment["ANTHROPIC_API_KEY"] = nil
    let error = await failure(provider, call)
    #expect(error?.code == .authentication)
    #expect(error?.description.contains("set ANTHROPIC_API_KEY") == true)
    #expect(!FileIO.exists(directory.file("ran")))
  }

  @Test func `keys stay out of answers, transcripts, logs and errors`() async throws {
    let provider = try provider(
      #"echo "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"$ANTHROPIC_API_KEY\"}]}}"; echo '\#(Self.result)'"#
    )
    let response = try await provider.invoke(call())
    #expect(response.output.first?.text == "[ANTHROPIC_API_KEY]")
    let log = try FileIO.read(try #require(response.streamLogPath))
    for bytes in [response.transcript ?? [], log] {
      #expect(!String(decoding: bytes, as: UTF8.self).contains("very-secret"))
      #expect(String(decoding: bytes, as: UTF8.self).contains("[ANTHROPIC_API_KEY]"))
    }
    let error = await failure(try self.provider("echo $ANTHROPIC_API_KEY >&2; exit 1"), call())
    #expect(error?.description.contains("[ANTHROPIC_API_KEY]") == true)
  }

  @Test func `a stream log shows the events, and false turns it off`() async throws {
    let script = "echo '\(Self.result)'"
    let response = try await provider(script).invoke(call(id: "a/b"))
    let path = try #require(response.streamLogPath)
    #expect(path.hasPrefix(directory.file(".agentv/logs/claude-cli/")))
    #expect(Path.name(path).contains("_tgt_a_b_"))
    let text = String(decoding: try FileIO.read(path), as: UTF8.self)
    #expect(text.hasPrefix("# Claude CLI stream log\n# target: tgt\n# eval: a/b\n# attempt: 1\n"))
    #expect(text.contains("[+00:00] [result] fine\n"))
    let raw = try await provider(script, ["stream_log": "raw", "log_dir": "own"]).invoke(call())
    let rawPath = try #require(raw.streamLogPath)
    #expect(rawPath.hasPrefix(directory.file("own/")))
    #expect(
      String(decoding: try FileIO.read(rawPath), as: UTF8.self).contains(#""event":"result""#))
    for off in [JSON.bool(false), "false"] {
      let off = try await provider(script, ["stream_log": off]).invoke(call())
      #expect(off.streamLogPath == nil)
    }
    let off = try await provider(script).invoke(
      call(environment: ["AGENTV_CLAUDE_STREAM_LOGS": "0"]))
    #expect(off.streamLogPath == nil)
  }

  @Test(
    arguments: [
      ("claude-cli", ["permission_mode": "all"], "'permission_mode' must be one of acceptEdits"),
      ("codex", ["sandbox": "none"], "'sandbox' must be one of workspace-write, read-only"),
      ("claude-cli", ["max_turns": 0], "'max_turns' must be a number above 0, found 0"),
      ("codex", ["args": ["a": 1]], "'args' must be a list of texts, found object"),
      ("copilot-sdk", ["cli_url": "http://x"], "'cli_url' names a running server"),
      ("copilot-sdk", ["byok": ["type": "openai"]], "'byok.base_url' is missing"),
      ("pi-cli", ["base_url": "http://x"], "'base_url' can be passed for azure only"),
      ("claude-cli", ["stream_log": "loud"], "'stream_log' must be false, raw or summary"),
    ] as [(String, JSONObject, String)])
  func `a wrong setting is named before anything runs`(
    _ provider: String, _ settings: JSONObject, _ text: String
  ) throws {
    let error = #expect(throws: ProviderError.self) {
      try ProviderRegistry.make(target(provider, settings))
    }
    #expect(error?.code == .configuration)
    #expect(error?.description.contains("target 'tgt': \(text)") == true)
  }

  @Test func `keys of settings go by the environment, never by the command line`() async throws {
    let pi = try provider(
      #"echo "$@" > args; echo "$ANTHROPIC_API_KEY" > key; echo '{"type":"agent_end","messages":[{"role":"assistant","content":"a"}]}'"#,
      ["api_key": "from-the-target", "subprovider": "anthropic", "model": "m"],
      provider: "pi-cli")
    _ = try await pi.invoke(call())
    func text(_ name: String) throws -> String {
      String(decoding: try FileIO.read(directory.file(name)), as: UTF8.self).trimmed
    }
    #expect(
      try text("args") == "--provider anthropic --model m --mode json --print --no-session")
    #expect(try text("key") == "from-the-target")
    let copilot = try provider(
      #"echo "$@" > args; env > env; echo '{"type":"result","exitCode":0}'"#,
      [
        "github_token": "ghp_token_value",
        "byok": ["type": "openai", "base_url": "http://b", "api_key": "byok-secret-key"],
      ], provider: "copilot-sdk")
    _ = try await copilot.invoke(call())
    #expect(try text("args") == "--output-format json --allow-all-tools")
    for line in [
      "COPILOT_GITHUB_TOKEN=ghp_token_value", "COPILOT_PROVIDER_BASE_URL=http://b",
      "COPILOT_PROVIDER_API_KEY=byok-secret-key", "COPILOT_PROVIDER_TYPE=openai",
    ] { #expect(try text("env").contains(line)) }
  }

  @Test func `a sandbox among the user's arguments replaces ours`() async throws {
    let event = #"{"type":"turn.completed"}"#
    for (more, expected) in [
      ([:], "exec --json --color never --skip-git-repo-check --sandbox workspace-write -"),
      (
        ["args": ["-s", "read-only"], "model": "m"],
        "exec --json --color never --skip-git-repo-check --model m -s read-only -"
      ),
    ] as [(JSONObject, String)] {
      let codex = try provider("echo \"$@\" > args; echo '\(event)'", more, provider: "codex")
      _ = try await codex.invoke(call(environment: ["OPENAI_API_KEY": "x"]))
      let text = String(decoding: try FileIO.read(directory.file("args")), as: UTF8.self)
      #expect(text.trimmed == expected)
    }
  }

  @Test func `what an agent leaves running is gone with its test, unless it may stay`()
    async throws
  {
    let script =
      "setsid sh -c 'echo $$ > pid; exec sleep 600' >/dev/null 2>&1 & while ! [ -s pid ]; do :; done; echo '\(Self.result)'"
    _ = try await provider(script).invoke(call())
    #expect(!isAlive())
    try FileIO.remove(directory.file("pid"))
    _ = try await provider(script, ["keep_processes": true]).invoke(call())
    #expect(isAlive())
    endKept()
  }

  private var pid: Int32? {
    (try? FileIO.read(directory.file("pid"))).flatMap {
      Int32(String(decoding: $0, as: UTF8.self).trimmed)
    }
  }

  private func isAlive() -> Bool {
    guard let pid, let stat = try? FileIO.read("/proc/\(pid)/stat") else { return false }
    return !String(decoding: stat, as: UTF8.self).contains(") Z ")
  }

  private func endKept() { if let pid { endProcess(pid) } }
}
