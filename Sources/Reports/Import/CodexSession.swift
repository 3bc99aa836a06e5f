// Sessions of Codex: ~/.codex/sessions/<year>/<month>/<day>/rollout-<time>-<id>.jsonl, and what
// `codex exec --json` prints (reference: providers B3).

import Core

/// Reads a session of Codex, event by event.
struct CodexSession {
  private(set) var transcript = AgentTranscript(provider: "codex")
  private var pending = PendingCalls()

  mutating func take(_ event: JSON) {
    transcript.note(event["timestamp"]?.string)
    let payload = event["payload"] ?? [:]
    switch event["type"]?.string {
    case "session_meta":
      transcript.sessionID = payload["id"]?.string ?? transcript.sessionID
      transcript.cwd = payload["cwd"]?.string
      transcript.version = payload["cli_version"]?.string
      transcript.model = transcript.model ?? payload["model"]?.string
      transcript.gitBranch = payload["git"]?["branch"]?.string
    case "turn_context":
      transcript.model = transcript.model ?? payload["model"]?.string
      transcript.cwd = transcript.cwd ?? payload["cwd"]?.string
    case "response_item": item(payload)
    case "event_msg":
      if let total = payload["info"]?["total_token_usage"] { count(total) }
    case "thread.started": transcript.sessionID = event["thread_id"]?.string ?? ""
    case "item.completed": execItem(event["item"] ?? [:])
    case "turn.completed": if let usage = event["usage"] { count(usage) }
    default: break
    }
  }

  private mutating func count(_ usage: JSON) {
    guard let input = usage["input_tokens"]?.int else { return }
    transcript.tokens = (
      input, usage["output_tokens"]?.int ?? 0, usage["cached_input_tokens"]?.int
    )
  }

  private mutating func item(_ item: JSON) {
    switch item["type"]?.string {
    case "message":
      let role = item["role"]?.string ?? ""
      let text = (item["content"]?.array ?? []).compactMap { $0["text"]?.string }
        .joined(separator: "\n")
      // Codex puts facts about the machine in front of what the user says.
      guard role == "user" || role == "assistant", !text.isEmpty,
        !text.hasPrefix("<environment_context>"), !text.hasPrefix("<user_instructions>")
      else { return }
      transcript.messages.append(.init(role: role, content: text))
    case "function_call", "custom_tool_call", "local_shell_call":
      call(
        item["name"]?.string ?? item["type"]?.string ?? "unknown", id: item["call_id"]?.string,
        input: Self.arguments(item["arguments"] ?? item["input"] ?? item["action"]))
    case "function_call_output", "custom_tool_call_output":
      pending.finish(
        item["call_id"]?.string, output: item["output"] ?? .null, of: &transcript.messages)
    default: break
    }
  }

  private mutating func execItem(_ item: JSON) {
    let id = item["id"]?.string
    switch item["type"]?.string {
    case "agent_message":
      transcript.messages.append(.init(role: "assistant", content: item["text"]?.string))
    case "command_execution":
      call("command_execution", id: id, input: ["command": item["command"] ?? ""])
      pending.finish(id, output: item["aggregated_output"] ?? "", of: &transcript.messages)
    case "file_change":
      call("file_change", id: id, input: ["changes": item["changes"] ?? []])
    case "mcp_tool_call":
      let name = "mcp:\(item["server"]?.string ?? "")/\(item["tool"]?.string ?? "")"
      call(name, id: id, input: item["arguments"])
      pending.finish(id, output: item["result"] ?? item["error"] ?? .null, of: &transcript.messages)
    default: break
    }
  }

  private mutating func call(_ name: String, id: String?, input: JSON?) {
    let normalized = ToolNames.normalized(name, input: input)
    transcript.messages.append(.init(role: "assistant", content: nil))
    pending.add(
      normalized.name, id: id, input: normalized.input, to: transcript.messages.count - 1,
      of: &transcript.messages)
  }

  /// Arguments come as JSON in a string, or as text.
  private static func arguments(_ value: JSON?) -> JSON? {
    guard let text = value?.string else { return value }
    return (try? JSON.parse(text)) ?? value
  }
}
