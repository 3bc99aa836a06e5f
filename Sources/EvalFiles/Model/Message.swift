// Messages as eval files write them and as targets return them.

public import Core

/// One message of a conversation.
public struct Message: Sendable, Hashable {
  /// `system`, `user`, `assistant` or `tool`; whatever a target wrote for its own messages.
  public var role: String
  /// What it says; `nil` for a message that only calls tools.
  public var content: MessageContent?
  /// Name of the speaker, if given.
  public var name: String?
  /// Tools it calls, in order.
  public var toolCalls: [ToolCall]
  /// Fields beyond the known ones, kept as they were.
  public var extra: JSONObject

  /// A message.
  public init(
    role: String, content: MessageContent?, name: String? = nil, toolCalls: [ToolCall] = [],
    extra: JSONObject = [:]
  ) {
    self.role = role
    self.content = content
    self.name = name
    self.toolCalls = toolCalls
    self.extra = extra
  }

  /// A message of plain text.
  public init(role: String, text: String) {
    self.init(role: role, content: .text(text))
  }

  /// The content as one text: blocks of text joined by newlines, other content as JSON; `nil` when
  /// there is no content.
  public var text: String? { content?.text }

  /// The message as rows and script graders see it, with snake_case names.
  public var json: JSON {
    var object: JSONObject = ["role": .string(role)]
    if let content { object["content"] = content.json }
    if let name { object["name"] = .string(name) }
    if !toolCalls.isEmpty { object["tool_calls"] = .array(toolCalls.map(\.json)) }
    for (key, value) in extra { object[key] = value }
    return .object(object)
  }

  /// Reads a message in either spelling of its fields; `nil` when it is none: no known role, or
  /// neither content nor tool calls.
  /// - Parameters:
  ///   - json: the message.
  ///   - anyRole: whether roles beyond the four of eval files are accepted, as from targets.
  public init?(json: JSON, anyRole: Bool = false) {
    guard let object = json.object, let role = object["role"]?.string,
      anyRole || Self.roles.contains(role)
    else { return nil }
    let calls = (object["tool_calls"] ?? object["toolCalls"])?.array ?? []
    let content: MessageContent?
    switch object["content"] {
    case nil, .null: content = nil
    case .some(let value):
      guard let parsed = MessageContent(json: value) else { return nil }
      content = parsed
    }
    guard content != nil || !calls.isEmpty || anyRole else { return nil }
    self.init(
      role: role, content: content, name: object["name"]?.string,
      toolCalls: calls.compactMap(ToolCall.init(json:)))
    for (key, value) in object where !Self.knownKeys.contains(key) { extra[key] = value }
  }

  /// The roles of eval files.
  public static let roles: Set<String> = ["system", "user", "assistant", "tool"]
  private static let knownKeys: Set<String> = [
    "role", "content", "name", "tool_calls", "toolCalls",
  ]
}

/// What a message says.
public enum MessageContent: Sendable, Hashable {
  /// Plain text.
  case text(String)
  /// Content blocks: objects with a `type`, in order.
  case blocks([JSON])
  /// A structured value of the author's own.
  case object(JSONObject)

  /// Reads content; `nil` for what can be none (numbers, booleans, `null`).
  ///
  /// Plain strings in a list become text blocks, empty ones are dropped.
  public init?(json: JSON) {
    switch json {
    case .string(let text): self = .text(text)
    case .object(let object): self = .object(object)
    case .array(let items):
      self = .blocks(
        items.compactMap { item in
          guard case .string(let text) = item else { return item }
          return text.isEmpty ? nil : ["type": "text", "value": .string(text)]
        })
    default: return nil
    }
  }

  /// The content as one text: blocks of text joined by newlines, other content as JSON.
  public var text: String {
    switch self {
    case .text(let text): return text
    case .object(let object): return JSON.object(object).prettyText
    case .blocks(let blocks):
      let texts = blocks.compactMap { block -> String? in
        if let text = block["text"]?.string { return text }
        return block["value"]?.string
      }
      return texts.isEmpty && !blocks.isEmpty
        ? JSON.array(blocks).prettyText : texts.joined(separator: "\n")
    }
  }

  /// The content as JSON.
  public var json: JSON {
    switch self {
    case .text(let text): .string(text)
    case .blocks(let blocks): .array(blocks)
    case .object(let object): .object(object)
    }
  }
}

/// One call of a tool by a target.
public struct ToolCall: Sendable, Hashable {
  /// Name of the tool.
  public var tool: String
  /// Its arguments.
  public var input: JSON?
  /// What it returned.
  public var output: JSON?
  /// The call's id.
  public var id: String?
  /// When it began, ISO 8601.
  public var startTime: String?
  /// When it ended, ISO 8601.
  public var endTime: String?
  /// How long it took, in milliseconds.
  public var durationMS: Double?

  /// A call.
  public init(
    tool: String, input: JSON? = nil, output: JSON? = nil, id: String? = nil,
    startTime: String? = nil, endTime: String? = nil, durationMS: Double? = nil
  ) {
    self.tool = tool
    self.input = input
    self.output = output
    self.id = id
    self.startTime = startTime
    self.endTime = endTime
    self.durationMS = durationMS
  }

  /// Reads a call in either spelling of its fields; `nil` without the tool's name.
  public init?(json: JSON) {
    guard let tool = json["tool"]?.string else { return nil }
    self.init(
      tool: tool, input: json["input"], output: json["output"], id: json["id"]?.string,
      startTime: (json["start_time"] ?? json["startTime"])?.string,
      endTime: (json["end_time"] ?? json["endTime"])?.string,
      durationMS: (json["duration_ms"] ?? json["durationMs"])?.double)
  }

  /// The call with snake_case names.
  public var json: JSON {
    var object: JSONObject = ["tool": .string(tool)]
    object["input"] = input
    object["output"] = output
    object["id"] = id.map(JSON.string)
    object["start_time"] = startTime.map(JSON.string)
    object["end_time"] = endTime.map(JSON.string)
    object["duration_ms"] = durationMS.map(JSON.double)
    return .object(object)
  }
}

extension [Message] {
  /// The answer: the content of the last assistant message that has any; empty when there is none.
  public var answer: String {
    last { $0.role == "assistant" && $0.content != nil }?.text ?? ""
  }
}
