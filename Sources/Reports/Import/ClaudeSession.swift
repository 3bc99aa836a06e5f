// Sessions of Claude Code, and its stream-json output: ~/.claude/projects/<project>/<id>.jsonl
// (reference: providers B3).

import Core

/// Reads a session of Claude Code, event by event.
struct ClaudeSession {
  private(set) var transcript = AgentTranscript(provider: "claude")
  private var pending = PendingCalls()
  /// The message that further events of one reply belong to.
  private var reply: (id: String, index: Int)?
  private var usage: [String: JSON] = [:]
  private var order: [String] = []

  mutating func take(_ event: JSON) {
    transcript.note(event["timestamp"]?.string)
    // Sub-agents have conversations of their own.
    guard event["isSidechain"]?.bool != true, event["parent_tool_use_id"]?.string == nil else {
      return
    }
    if transcript.sessionID.isEmpty {
      transcript.sessionID = (event["sessionId"] ?? event["session_id"])?.string ?? ""
    }
    transcript.cwd = transcript.cwd ?? event["cwd"]?.string
    transcript.gitBranch = transcript.gitBranch ?? event["gitBranch"]?.string
    let version = event["version"] ?? event["claude_code_version"]
    transcript.version = transcript.version ?? version?.string
    switch event["type"]?.string {
    case "user": user(event)
    case "assistant": assistant(event)
    default: break
    }
  }

  private mutating func user(_ event: JSON) {
    guard event["isMeta"]?.bool != true, let content = event["message"]?["content"] else { return }
    reply = nil
    for block in content.array ?? [] where block["type"]?.string == "tool_result" {
      pending.finish(
        block["tool_use_id"]?.string, output: .string(MessageText.text(of: block["content"])),
        of: &transcript.messages)
    }
    let texts = content.array?.filter { $0["type"]?.string == "text" }
    let text =
      content.string ?? texts?.compactMap { $0["text"]?.string }.joined(separator: "\n") ?? ""
    if !text.isEmpty { transcript.messages.append(.init(role: "user", content: text)) }
  }

  private mutating func assistant(_ event: JSON) {
    guard let message = event["message"] else { return }
    transcript.model = transcript.model ?? message["model"]?.string
    let id = event["requestId"]?.string ?? message["id"]?.string ?? event["uuid"]?.string ?? ""
    if let numbers = message["usage"], !id.isEmpty {
      // The numbers grow while a reply is streamed: the last ones are the reply's.
      if usage[id] == nil { order.append(id) }
      usage[id] = numbers
    }
    let blocks = message["content"]?.array ?? []
    let isWorthIt = blocks.contains {
      $0["type"]?.string == "tool_use" || !($0["text"]?.string ?? "").isEmpty
    }
    guard isWorthIt else { return }
    let index: Int
    if let reply, reply.id == id, !id.isEmpty {
      index = reply.index
    } else {
      index = transcript.messages.count
      transcript.messages.append(.init(role: "assistant", content: nil))
      reply = (id, index)
    }
    for block in blocks { add(block, to: index) }
  }

  /// Adds a block of a reply: each event has some of them, or all so far.
  private mutating func add(_ block: JSON, to index: Int) {
    switch block["type"]?.string {
    case "text":
      let text = block["text"]?.string ?? ""
      let known = transcript.messages[index].content ?? ""
      if text.isEmpty || known == text || known.hasSuffix("\n" + text) { return }
      transcript.messages[index].content =
        known.isEmpty || text.hasPrefix(known) ? text : known + "\n" + text
    case "tool_use":
      let id = block["id"]?.string
      if let id, pending.contains(id) { return }
      pending.add(
        block["name"]?.string ?? "unknown", id: id, input: block["input"], to: index,
        of: &transcript.messages)
    default: break
    }
  }

  /// The transcript with its sums.
  mutating func finish() -> AgentTranscript {
    if !order.isEmpty {
      var sum = (input: 0, output: 0, cached: 0)
      for numbers in order.compactMap({ usage[$0] }) {
        let cached = numbers["cache_read_input_tokens"]?.int ?? 0
        sum.input +=
          (numbers["input_tokens"]?.int ?? 0) + cached
          + (numbers["cache_creation_input_tokens"]?.int ?? 0)
        sum.output += numbers["output_tokens"]?.int ?? 0
        sum.cached += cached
      }
      transcript.tokens = (sum.input, sum.output, sum.cached == 0 ? nil : sum.cached)
    }
    return transcript
  }
}
