// A session that Copilot has recorded: `events.jsonl` in its directory.

import Core
import EvalFiles

/// What happened in a session.
struct CopilotSession: Sendable {
  /// Largest record that is read, in bytes.
  static let fileLimitBytes = 256 << 20

  /// Messages of the assistant, with their tool calls.
  private(set) var messages: [Message] = []
  private(set) var metrics = TargetMetrics()
  /// Directory that the session worked in, if it says so.
  private(set) var workingDirectory: String?
  /// Lines that are no event, such as a torn last one.
  private(set) var badLines = 0

  /// Message and position in it by the id of a tool call.
  private var calls: [String: (message: Int, call: Int)] = [:]
  private var began: Timestamp?
  private var ended: Timestamp?

  /// Reads the lines of a record; those that are none are passed over.
  init(_ bytes: [UInt8]) {
    for line in bytes.split(separator: 0x0A) {
      guard let event = try? JSON.parse(line), let type = event["type"]?.string else {
        badLines += 1
        continue
      }
      take(type, event["data"] ?? .null, event["timestamp"]?.string)
    }
    if let began, let ended {
      metrics.durationMS = max(0, ended.millisecondsSinceEpoch - began.millisecondsSinceEpoch)
    }
    metrics.startTime = began?.description
    metrics.endTime = ended?.description
  }

  private mutating func take(_ type: String, _ data: JSON, _ time: String?) {
    let stamp = time.flatMap { Timestamp($0) }
    began = began ?? stamp
    ended = stamp ?? ended
    switch type {
    case "session.start":
      workingDirectory = (data["context"]?["cwd"] ?? data["cwd"])?.string
    case "assistant.message":
      let text = data["content"]?.string ?? ""
      let requests = data["toolRequests"]?.array ?? []
      // Turns that only think are recorded as empty messages.
      if text.isEmpty, requests.isEmpty { return }
      messages.append(
        Message(role: "assistant", content: text.isEmpty ? nil : .text(text)))
      for request in requests {
        add(request["name"]?.string, request["arguments"], request["toolCallId"]?.string, nil)
      }
    case "skill.invoked":
      let input = data["name"].map { name -> JSON in ["skill": name] }
      add("Skill", input, nil, time)
    case "tool.execution_start":
      let id = data["toolCallId"]?.string
      if let id, let place = calls[id] {
        messages[place.message].toolCalls[place.call].startTime = time
      } else {
        add(data["toolName"]?.string, data["arguments"], id, time)
      }
    case "tool.execution_complete":
      guard let place = data["toolCallId"]?.string.flatMap({ calls[$0] }) else { return }
      complete(&messages[place.message].toolCalls[place.call], data, time)
    case "session.shutdown": count(data)
    default: break
    }
  }

  private mutating func add(_ name: String?, _ input: JSON?, _ id: String?, _ time: String?) {
    guard let name else { return }
    if messages.isEmpty { messages.append(Message(role: "assistant", content: nil)) }
    let last = messages.count - 1
    let (tool, shaped) = CopilotTools.normalized(name, input)
    messages[last].toolCalls.append(
      ToolCall(tool: tool, input: shaped, id: id, startTime: time))
    if let id { calls[id] = (last, messages[last].toolCalls.count - 1) }
  }

  private func complete(_ call: inout ToolCall, _ data: JSON, _ time: String?) {
    call.output = data["result"]?["content"] ?? data["result"] ?? data["error"]
    call.endTime = time
    if let start = call.startTime.flatMap({ Timestamp($0) }),
      let end = time.flatMap({ Timestamp($0) })
    {
      call.durationMS = Double(end.millisecondsSinceEpoch - start.millisecondsSinceEpoch)
    }
  }

  private mutating func count(_ data: JSON) {
    guard let models = data["modelMetrics"]?.object, !models.isEmpty else { return }
    var usage = TokenUsage(input: 0, output: 0)
    for (_, model) in models {
      usage.input += model["usage"]?["inputTokens"]?.tokens ?? 0
      usage.output += model["usage"]?["outputTokens"]?.tokens ?? 0
      if let cached = model["usage"]?["cacheReadTokens"]?.tokens, cached > 0 {
        usage.cached = (usage.cached ?? 0) + cached
      }
    }
    metrics.tokenUsage = usage
  }
}

/// Copilot's tools under the names that graders know.
enum CopilotTools {
  private static let names = [
    "skill": "Skill", "Read File": "Read", "readFile": "Read", "readTextFile": "Read",
    "view": "Read", "Write File": "Write", "writeTextFile": "Write", "create": "Write",
    "editFile": "Edit", "Edit File": "Edit", "edit": "Edit", "runTerminalCommand": "Bash",
    "bash": "Bash",
  ]

  /// The name, and the input with what graders look for in it.
  static func normalized(_ name: String, _ input: JSON?) -> (String, JSON?) {
    let skill = "Using skill: "
    if name.hasPrefix(skill) {
      return ("Skill", ["skill": .string(String(name.dropFirst(skill.count)))])
    }
    let tool = names[name] ?? (name.hasPrefix("Viewing ") ? "Read" : name)
    guard tool == "Read", var object = input?.object, object["file_path"] == nil,
      let path = object["path"] ?? object["filePath"]
    else { return (tool, input) }
    object["file_path"] = path
    return (tool, .object(object))
  }
}
