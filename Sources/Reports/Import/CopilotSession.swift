// Sessions of Copilot CLI: ~/.copilot/session-state/<id>/events.jsonl, and what
// `copilot -p --output-format json` prints (reference: providers A3 copilot-log, B3).

import Core

/// Reads a session of Copilot, event by event.
struct CopilotSession {
  private(set) var transcript = AgentTranscript(provider: "copilot")
  private var pending = PendingCalls()
  private var started: [String: Timestamp] = [:]

  mutating func take(_ event: JSON) {
    transcript.note(event["timestamp"]?.string)
    let data = event["data"] ?? [:]
    switch event["type"]?.string {
    case "session.start":
      transcript.sessionID = data["sessionId"]?.string ?? transcript.sessionID
      transcript.cwd = data["context"]?["cwd"]?.string ?? data["cwd"]?.string
      transcript.gitBranch = data["context"]?["branch"]?.string
      transcript.version = data["copilotVersion"]?.string ?? data["version"]?.string
      transcript.model = data["selectedModel"]?.string ?? data["model"]?.string
    case "session.model_change": transcript.model = data["newModel"]?.string ?? transcript.model
    case "user.message":
      if let text = data["content"]?.string, !text.isEmpty {
        transcript.messages.append(.init(role: "user", content: text))
      }
    case "assistant.message": assistant(data)
    case "skill.invoked": skill(data)
    case "tool.execution_start": start(data, event["timestamp"]?.string)
    case "tool.execution_complete", "tool.execution_end": end(data, event["timestamp"]?.string)
    case "session.shutdown": shutdown(data)
    default: break
    }
  }

  private mutating func assistant(_ data: JSON) {
    let text = data["content"]?.string ?? ""
    let requests = data["toolRequests"]?.array ?? []
    guard !text.isEmpty || !requests.isEmpty else { return }
    transcript.messages.append(.init(role: "assistant", content: text.isEmpty ? nil : text))
    for request in requests {
      add(
        request["name"]?.string ?? "unknown", id: request["toolCallId"]?.string,
        input: request["arguments"])
    }
  }

  private mutating func add(_ name: String, id: String?, input: JSON?) {
    let normalized = ToolNames.normalized(name, input: input)
    pending.add(
      normalized.name, id: id, input: normalized.input, to: transcript.messages.count - 1,
      of: &transcript.messages)
  }

  private mutating func skill(_ data: JSON) {
    transcript.messages.append(.init(role: "assistant", content: nil))
    add("skill", id: nil, input: ["skill": data["name"] ?? data["skill"] ?? ""])
  }

  private mutating func start(_ data: JSON, _ time: String?) {
    guard let id = data["toolCallId"]?.string else { return }
    started[id] = time.flatMap(Timestamp.init)
    if pending.contains(id) { return }
    // A tool that no message asked for, as older versions record them.
    transcript.messages.append(.init(role: "assistant", content: nil))
    add(data["toolName"]?.string ?? "unknown", id: id, input: data["arguments"])
  }

  private mutating func end(_ data: JSON, _ time: String?) {
    guard let id = data["toolCallId"]?.string else { return }
    let output = data["result"]?["content"] ?? data["result"] ?? data["error"] ?? .null
    var duration: Int?
    if let begin = started[id], let end = time.flatMap(Timestamp.init) {
      duration = max(0, end.millisecondsSinceEpoch - begin.millisecondsSinceEpoch)
    }
    pending.finish(id, output: output, durationMS: duration, of: &transcript.messages)
  }

  private mutating func shutdown(_ data: JSON) {
    let metrics = data["modelMetrics"]?.object ?? [:]
    var sum = (input: 0, output: 0)
    for metric in metrics {
      sum.input += metric.value["usage"]?["inputTokens"]?.int ?? 0
      sum.output += metric.value["usage"]?["outputTokens"]?.int ?? 0
    }
    if !metrics.isEmpty { transcript.tokens = (sum.input, sum.output, nil) }
  }
}
