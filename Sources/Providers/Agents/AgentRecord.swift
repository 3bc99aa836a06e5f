// What an agent did in one call, put together from its events.

import Core
import EvalFiles

/// Messages, tool calls and figures of a call.
struct AgentRecord: Sendable {
  private(set) var messages: [Message] = []
  var tokenUsage: TokenUsage?
  var costUSD: Double?
  var durationMS: Int?
  /// Version of the program, if its events tell it.
  var version: String?
  var warnings: [String] = []

  private struct Place: Sendable {
    var message: Int
    var call: Int
    var began: AgentInstant
  }
  private var open: [String: Place] = [:]

  /// Adds an assistant message.
  mutating func say(_ text: String) {
    messages.append(Message(role: "assistant", text: text))
  }

  /// Adds text to the last message, or makes one.
  mutating func continueMessage(_ text: String) {
    guard let last = messages.indices.last, messages[last].role == "assistant" else {
      return say(text)
    }
    let before = messages[last].text.map { $0.isEmpty ? "" : "\($0)\n" } ?? ""
    messages[last].content = .text(before + text)
  }

  /// Adds a message that so far only calls tools.
  mutating func beginMessage() { messages.append(Message(role: "assistant", content: nil)) }

  /// Notes that a tool was called, in the last message.
  mutating func startTool(_ id: String, _ name: String, _ input: JSON?, at instant: AgentInstant) {
    if messages.last?.role != "assistant" { beginMessage() }
    let index = messages.count - 1
    let tool = ToolNames.normalized(name, input: input)
    messages[index].toolCalls.append(
      ToolCall(
        tool: tool.name, input: tool.input, id: id, startTime: instant.time.description))
    open[id] = Place(
      message: index, call: messages[index].toolCalls.count - 1, began: instant)
  }

  /// Whether a call with this id was noted and has not ended.
  func hasOpenTool(_ id: String) -> Bool { open[id] != nil }

  /// The program began to run a tool that it had asked for before.
  mutating func runTool(_ id: String, at instant: AgentInstant) {
    guard let place = open[id] else { return }
    open[id]?.began = instant
    messages[place.message].toolCalls[place.call].startTime = instant.time.description
  }

  /// Notes what a tool returned.
  mutating func endTool(_ id: String, output: JSON?, at instant: AgentInstant) {
    guard let place = open.removeValue(forKey: id) else { return }
    let elapsed = place.began.clock.duration(to: instant.clock)
    messages[place.message].toolCalls[place.call].output = output
    messages[place.message].toolCalls[place.call].endTime = instant.time.description
    messages[place.message].toolCalls[place.call].durationMS = Double(elapsed.milliseconds)
  }

  /// Replaces the messages by those that the agent itself gave at its end, keeping what is known of
  /// their tool calls.
  mutating func replaceMessages(_ new: [Message]) {
    var known: [String: ToolCall] = [:]
    for call in messages.flatMap(\.toolCalls) { if let id = call.id { known[id] = call } }
    messages = new.map { message in
      var message = message
      message.toolCalls = message.toolCalls.map { call in
        guard let id = call.id, let old = known[id] else { return call }
        var merged = old
        merged.output = old.output ?? call.output
        return merged
      }
      return message
    }
    open = [:]
  }
}

extension JSON {
  /// A text as it is, anything else as JSON.
  var plain: String { string ?? text }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
