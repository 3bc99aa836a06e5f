// What messages say and which tools they call, in either spelling of the fields.

public import Core

/// Texts of messages.
public enum MessageText {
  /// A message's content as one text: blocks of text joined, other blocks as JSON.
  public static func text(of content: JSON?) -> String {
    switch content {
    case .string(let text): text
    case .array(let blocks):
      blocks.map { $0["value"]?.string ?? $0["text"]?.string ?? $0.string ?? $0.text }
        .joined(separator: "\n")
    case .null, nil: ""
    case .some(let value): value.text
    }
  }

  /// The answer: the content of the last assistant message that has any; empty when there is none.
  public static func answer(_ messages: JSON?) -> String {
    let last = messages?.array?.last {
      $0["role"]?.string == "assistant" && !($0["content"]?.isNull ?? true)
    }
    return text(of: last?["content"])
  }
}

/// One call of a tool in a result.
public struct ToolCallDigest: Sendable, Hashable {
  /// Name of the tool.
  public var name: String
  /// The call's id.
  public var id: String?
  /// Arguments.
  public var input: JSON?
  /// What came back.
  public var output: JSON?
  /// Begin, milliseconds since the epoch.
  public var start: Int?
  /// End, milliseconds since the epoch.
  public var end: Int?
  /// Duration, milliseconds.
  public var durationMS: Int?

  /// The tool calls of messages, in order.
  public static func all(in messages: JSON?) -> [ToolCallDigest] {
    (messages?.array ?? []).flatMap { message in
      ((message["tool_calls"] ?? message["toolCalls"])?.array ?? []).compactMap(Self.init(json:))
    }
  }

  init?(json: JSON) {
    guard let name = json["tool"]?.string ?? json["name"]?.string else { return nil }
    func time(_ snake: String, _ camel: String) -> Int? {
      (json[snake] ?? json[camel])?.string.flatMap(Timestamp.init)?.millisecondsSinceEpoch
    }
    self.name = name
    id = json["id"]?.string
    input = json["input"]
    output = json["output"]
    start = time("start_time", "startTime")
    end = time("end_time", "endTime")
    let measured: Int? = if let start, let end { end - start } else { nil }
    let told = (json["duration_ms"] ?? json["durationMs"])?.double
    durationMS = told.flatMap { Int(exactly: $0.rounded()) } ?? measured
  }
}
