// Claude Code: headless, the prompt on standard input, its stream of JSON events on standard output.

import Core
import EvalFiles
import Supervisor

/// `claude -p --output-format stream-json`.
struct ClaudeAgent: Agent {
  /// How it decides about tools that nobody is there to allow.
  ///
  /// The default lets it change files below its directory and refuses everything else, which it then
  /// reports: see docs/reference/agents.md.
  static let permissionModes = [
    "acceptEdits", "default", "plan", "bypassPermissions", "dontAsk", "auto",
  ]

  let settings: AgentSettings
  private let permissionMode: String
  private let allowedTools: [String]
  private let disallowedTools: [String]
  private let maxTurns: Int?
  private let maxBudgetUSD: Double?

  let traits = AgentTraits(
    name: "Claude CLI", logName: "claude-cli", logSwitch: "AGENTV_CLAUDE_STREAM_LOGS",
    installation: "install Claude Code (https://code.claude.com/docs)",
    // It ends its own tools on SIGTERM, which takes almost two seconds when they resist.
    stop: StopPolicy(target: .leader))

  init(_ target: ResolvedTarget, environment: [String: String]) throws(ProviderError) {
    settings = try AgentSettings(
      target, executable: Self.mirror(target, environment) ?? "claude")
    let own = settings.own
    permissionMode =
      try own.word("permission_mode", of: Self.permissionModes) ?? Self.permissionModes[0]
    allowedTools = try own.list("allowed_tools") ?? []
    disallowedTools = try own.list("disallowed_tools") ?? []
    maxTurns = try own.positive("max_turns").map { Int($0.rounded(.up)) }
    maxBudgetUSD = try own.positive("max_budget_usd")
  }

  /// The program of a `cc-mirror` variant, which its own file names.
  private static func mirror(
    _ target: ResolvedTarget, _ environment: [String: String]
  ) throws(ProviderError) -> String? {
    guard target.writtenProvider.lowercased() == "cc-mirror" else { return nil }
    let read = AgentSettingReader(target: target)
    if try read.text("executable", "command", "binary") != nil { return nil }
    let variant = try read.text("variant") ?? target.name
    let file = Path.join(environment["HOME"] ?? "/", ".cc-mirror/\(variant)/variant.json")
    guard let bytes = try? FileIO.read(file, limitBytes: 1 << 20),
      let path = (try? JSON.parse(bytes))?["binaryPath"]?.string
    else {
      throw read.problem(
        "variant",
        "'\(variant)' has no readable \(file) with a binaryPath; create the variant "
          + "with cc-mirror, or set `executable`")
    }
    return path
  }

  func launch(_ call: AgentCall) -> AgentLaunch {
    var arguments = [
      "-p", "--output-format", "stream-json", "--verbose", "--permission-mode", permissionMode,
    ]
    if let model = settings.model { arguments += ["--model", model] }
    if let maxTurns { arguments += ["--max-turns", "\(maxTurns)"] }
    if let maxBudgetUSD { arguments += ["--max-budget-usd", "\(maxBudgetUSD)"] }
    if !allowedTools.isEmpty {
      arguments += ["--allowedTools", allowedTools.joined(separator: ",")]
    }
    if !disallowedTools.isEmpty {
      arguments += ["--disallowedTools", disallowedTools.joined(separator: ",")]
    }
    var files: [String: String] = [:]
    if let systemPrompt = call.systemPrompt {
      let file = Path.join(call.temporaryDirectory, "system-prompt.md")
      files[file] = systemPrompt
      arguments += ["--system-prompt-file", file]
    }
    var environment = call.request.environment
    // Set when we run inside of Claude Code ourselves; the agent under test is another one.
    environment["CLAUDECODE"] = nil
    environment["CLAUDE_CODE_ENTRYPOINT"] = nil
    // An update in the middle of a run would change what is tested.
    if environment["DISABLE_AUTOUPDATER"] == nil { environment["DISABLE_AUTOUPDATER"] = "1" }
    return AgentLaunch(
      arguments: arguments + settings.arguments, input: call.prompt, environment: environment,
      files: files)
  }

  func makeReader() -> any AgentReader { ClaudeReader() }

  func loginProblem(
    _ environment: [String: String], ask: ([String]) async -> ProcessResult?
  ) async -> String? {
    let elsewhere = [
      "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN",
      "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY",
    ]
    if elsewhere.contains(where: { environment[$0]?.isEmpty == false }) { return nil }
    let configuration =
      environment["CLAUDE_CONFIG_DIR"] ?? Path.join(environment["HOME"] ?? "/", ".claude")
    // A script of the user's gives the key; only a call shows whether it works.
    if let bytes = try? FileIO.read("\(configuration)/settings.json", limitBytes: 1 << 20),
      String(decoding: bytes, as: UTF8.self).contains("apiKeyHelper")
    {
      return nil
    }
    guard let result = await ask(["auth", "status"]),
      let status = try? JSON.parse(result.stdout.bytes), status["loggedIn"]?.bool == false
    else { return nil }
    return "Claude Code is not logged in: run `\(settings.command[0])` once and log in, or set "
      + "ANTHROPIC_API_KEY"
  }
}

/// Reads the events of Claude Code.
struct ClaudeReader: AgentReader {
  private(set) var record = AgentRecord()
  private(set) var outcome: AgentOutcome?
  private var messageID: String?

  mutating func read(_ event: JSON, at instant: AgentInstant) -> AgentLogLine? {
    switch event["type"]?.string {
    case "system": return system(event)
    case "assistant": return assistant(event, at: instant)
    case "user": return results(event, at: instant)
    case "result": return result(event)
    default: return nil
    }
  }

  private mutating func system(_ event: JSON) -> AgentLogLine? {
    switch event["subtype"]?.string {
    case "init":
      record.version = event["claude_code_version"]?.string
      return AgentLogLine(
        event: "system", summary: "session started, model \(event["model"]?.string ?? "unknown")")
    case "api_retry":
      return AgentLogLine(
        event: "retry",
        summary: "\(event["error"]?.string ?? "error") \(event["error_status"]?.plain ?? ""), "
          + "attempt \(event["attempt"]?.plain ?? "?")")
    default: return nil
    }
  }

  private mutating func assistant(_ event: JSON, at instant: AgentInstant) -> AgentLogLine? {
    // Messages of agents below it belong to its tool calls.
    if event["parent_tool_use_id"]?.string != nil { return nil }
    let message = event["message"]
    let blocks = message?["content"]?.array ?? []
    // The blocks of one message come in events of their own.
    let id = message?["id"]?.string
    if id == nil || id != messageID { record.beginMessage() }
    messageID = id
    var summaries: [String] = []
    for block in blocks {
      switch block["type"]?.string {
      case "text":
        let text = block["text"]?.string ?? ""
        record.continueMessage(text)
        summaries.append(text)
      case "tool_use":
        let name = block["name"]?.string ?? "unknown"
        record.startTool(
          block["id"]?.string ?? "", name, block["input"], at: instant)
        summaries.append("\(name) \(block["input"]?.plain ?? "")")
      default: break
      }
    }
    if summaries.isEmpty { return nil }
    return AgentLogLine(event: "assistant", summary: summaries.joined(separator: " | "))
  }

  private mutating func results(_ event: JSON, at instant: AgentInstant) -> AgentLogLine? {
    var summaries: [String] = []
    for block in event["message"]?["content"]?.array ?? [] where block["type"] == "tool_result" {
      let output = block["content"].map(Self.flattened)
      record.endTool(block["tool_use_id"]?.string ?? "", output: output, at: instant)
      summaries.append((block["is_error"] == true ? "error: " : "") + (output?.plain ?? ""))
    }
    if summaries.isEmpty { return nil }
    return AgentLogLine(event: "tool_result", summary: summaries.joined(separator: " | "))
  }

  /// Text blocks as one text; anything else as it is.
  private static func flattened(_ content: JSON) -> JSON {
    guard let blocks = content.array, !blocks.isEmpty else { return content }
    let texts = blocks.compactMap { $0["text"]?.string }
    return texts.count == blocks.count ? .string(texts.joined(separator: "\n")) : content
  }

  private mutating func result(_ event: JSON) -> AgentLogLine? {
    record.costUSD = event["total_cost_usd"]?.double
    record.durationMS = event["duration_ms"]?.int
    if let usage = event["usage"] {
      func count(_ name: String) -> Int { usage[name]?.int ?? 0 }
      record.tokenUsage = TokenUsage(
        input: count("input_tokens") + count("cache_read_input_tokens")
          + count("cache_creation_input_tokens"),
        output: count("output_tokens"), cached: usage["cache_read_input_tokens"]?.int,
        reasoning: usage["reasoning_tokens"]?.int)
    }
    let denials = event["permission_denials"]?.array ?? []
    if !denials.isEmpty {
      let names = Set(denials.compactMap { $0["tool_name"]?.string }).sorted()
      record.warnings.append(
        "\(denials.count) call(s) of \(names.joined(separator: ", ")) were refused; allow them with "
          + "`allowed_tools` or another `permission_mode` of the target")
    }
    let subtype = event["subtype"]?.string ?? ""
    guard event["is_error"]?.bool == false, subtype == "success" else {
      outcome = .failed(Self.error(event, subtype))
      return AgentLogLine(event: "result", summary: "error: \(subtype)")
    }
    outcome = .answered
    // The result is the answer, also when it came as something other than a message.
    if let text = event["result"]?.string, record.messages.answer != text, !text.isEmpty {
      record.say(text)
    }
    return AgentLogLine(event: "result", summary: event["result"]?.string ?? subtype)
  }

  private static func error(_ event: JSON, _ subtype: String) -> ProviderError {
    let messages = (event["errors"]?.array ?? []).compactMap(\.string)
    let text = event["result"]?.string ?? messages.joined(separator: "; ")
    let detail = text.isEmpty ? subtype : text
    switch subtype {
    case "error_max_turns":
      return ProviderError(
        .configuration,
        "Claude CLI reached its limit of turns before it was done; raise `max_turns`")
    case "error_max_budget_usd":
      return ProviderError(
        .configuration,
        "Claude CLI reached its budget before it was done; raise `max_budget_usd`")
    default:
      return AgentFailure.error("Claude CLI", detail, status: event["api_error_status"]?.int)
    }
  }

  func failure(stderr: String) -> ProviderError? {
    guard stderr.contains("--dangerously-skip-permissions cannot be used with root") else {
      return nil
    }
    return ProviderError(
      .configuration,
      "Claude CLI refuses permission_mode bypassPermissions for root; use `allowed_tools`, or set "
        + "IS_SANDBOX=1 where it is one")
  }
}
