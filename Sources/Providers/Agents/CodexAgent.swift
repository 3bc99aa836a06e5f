// Codex: `codex exec --json`, the prompt on standard input.

import Core
import EvalFiles
import Supervisor

/// `codex exec --json`.
struct CodexAgent: Agent {
  /// What its shell commands may touch; it enforces this itself.
  static let sandboxes = ["workspace-write", "read-only", "danger-full-access"]

  let settings: AgentSettings
  private let sandbox: String?

  let traits = AgentTraits(
    name: "Codex", logName: "codex", logSwitch: "AGENTV_CODEX_STREAM_LOGS",
    installation: "install Codex (https://developers.openai.com/codex/cli)",
    // On SIGINT it ends the group of its tool; on SIGTERM it would leave the tool's children.
    stop: StopPolicy(signal: 2, target: .leader))

  init(_ target: ResolvedTarget) throws(ProviderError) {
    settings = try AgentSettings(target, executable: "codex")
    let chosen = try settings.own.word("sandbox", of: Self.sandboxes)
    // A sandbox among the user's own arguments goes before ours; given twice it is refused.
    let own = settings.arguments.contains { argument in
      argument == "-s" || argument == "--sandbox" || argument.hasPrefix("--sandbox=")
        || argument == "--dangerously-bypass-approvals-and-sandbox"
    }
    sandbox = own ? nil : chosen ?? Self.sandboxes[0]
  }

  func launch(_ call: AgentCall) -> AgentLaunch {
    var arguments = ["exec", "--json", "--color", "never", "--skip-git-repo-check"]
    if let sandbox { arguments += ["--sandbox", sandbox] }
    if let model = settings.model { arguments += ["--model", model] }
    arguments += settings.arguments
    let prompt = [call.systemPrompt, call.prompt].compactMap { $0 }.joined(separator: "\n\n")
    return AgentLaunch(
      arguments: arguments + ["-"], input: prompt, environment: call.request.environment)
  }

  func makeReader() -> any AgentReader { CodexReader() }

  func loginProblem(
    _ environment: [String: String], ask: ([String]) async -> ProcessResult?
  ) async -> String? {
    let keys = ["OPENAI_API_KEY", "CODEX_API_KEY"]
    if keys.contains(where: { environment[$0]?.isEmpty == false }) { return nil }
    // Another provider of models has keys of its own.
    let words = settings.arguments.joined(separator: " ")
    if ["model_provider", "--oss", "--profile", "-p "].contains(where: words.contains) {
      return nil
    }
    let home = environment["CODEX_HOME"] ?? Path.join(environment["HOME"] ?? "/", ".codex")
    if let bytes = try? FileIO.read("\(home)/config.toml", limitBytes: 1 << 20),
      String(decoding: bytes, as: UTF8.self).contains("model_provider")
    {
      return nil
    }
    guard let result = await ask(["login", "status"]), !result.exit.isSuccess,
      (result.stdout.text + result.stderr.text).contains("Not logged in")
    else { return nil }
    return "Codex is not logged in: run `\(settings.command[0]) login`, or set OPENAI_API_KEY"
  }
}

/// Reads the events of `codex exec --json`.
struct CodexReader: AgentReader {
  private(set) var record = AgentRecord()
  private(set) var outcome: AgentOutcome?
  private var lastError: String?

  mutating func read(_ event: JSON, at instant: AgentInstant) -> AgentLogLine? {
    let item = event["item"]
    switch event["type"]?.string {
    case "thread.started":
      return AgentLogLine(
        event: "thread.started", summary: event["thread_id"]?.string ?? "")
    case "item.started":
      guard let item, let tool = Self.tool(item) else { return nil }
      record.startTool(item["id"]?.string ?? "", tool.name, tool.input, at: instant)
      return AgentLogLine(
        event: "tool", summary: "\(tool.name) \(tool.input.plain)")
    case "item.completed": return item.flatMap { completed($0, at: instant) }
    case "turn.completed":
      record.tokenUsage = event["usage"].map { usage in
        func count(_ name: String) -> Int? { usage[name]?.int }
        return TokenUsage(
          input: count("input_tokens") ?? 0, output: count("output_tokens") ?? 0,
          cached: count("cached_input_tokens"),
          reasoning: count("reasoning_output_tokens") ?? count("reasoning_tokens"))
      }
      outcome = .answered
      return AgentLogLine(event: "turn.completed", summary: event["usage"]?.plain ?? "")
    case "turn.failed":
      let message = event["error"]?["message"]?.string ?? lastError ?? "the turn failed"
      outcome = .failed(Self.error(message))
      return AgentLogLine(event: "turn.failed", summary: message)
    case "error":
      // Not final: it tries again by itself.
      lastError = event["message"]?.string
      return AgentLogLine(event: "error", summary: lastError ?? "")
    default: return nil
    }
  }

  private mutating func completed(_ item: JSON, at instant: AgentInstant) -> AgentLogLine? {
    switch item["type"]?.string {
    case "agent_message":
      let text = item["text"]?.string ?? ""
      record.say(text)
      return AgentLogLine(event: "message", summary: text)
    case "error":
      let message = item["message"]?.string ?? "error"
      record.warnings.append("Codex: \(message)")
      return AgentLogLine(event: "warning", summary: message)
    default:
      guard let tool = Self.tool(item) else { return nil }
      let id = item["id"]?.string ?? ""
      if !record.hasOpenTool(id) {
        record.startTool(id, tool.name, tool.input, at: instant)
      }
      record.endTool(id, output: tool.output, at: instant)
      return AgentLogLine(
        event: "tool_result", summary: "\(tool.name) \(tool.output?.plain ?? "")")
    }
  }

  /// The tool call that an item stands for; `nil` for an item of another kind.
  private static func tool(_ item: JSON) -> (name: String, input: JSON, output: JSON?)? {
    switch item["type"]?.string {
    case "command_execution":
      var output: JSONObject = [:]
      output["output"] = item["aggregated_output"]
      output["exit_code"] = item["exit_code"]
      output["status"] = item["status"]
      return ("command_execution", ["command": item["command"] ?? ""], .object(output))
    case "file_change":
      return ("file_change", ["changes": item["changes"] ?? []], item["status"])
    case "mcp_tool_call":
      let server = item["server"]?.string ?? ""
      let tool = item["tool"]?.string ?? ""
      return ("mcp:\(server)/\(tool)", item["arguments"] ?? [:], item["result"] ?? item["error"])
    case "web_search": return ("web_search", ["query": item["query"] ?? ""], nil)
    default: return nil
    }
  }

  /// The error for a message.
  ///
  /// Of an answer with status 400 Codex gives the body, which is JSON; of others, words.
  private static func error(_ message: String) -> ProviderError {
    guard let json = try? JSON.parse(Array(message.utf8)), json.object != nil else {
      return AgentFailure.error("Codex", message)
    }
    let inner = json["error"]?["message"]?.string ?? json["message"]?.string ?? message
    return AgentFailure.error("Codex", inner, status: json["status"]?.int ?? 400)
  }
}
