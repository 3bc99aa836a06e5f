// The text that a target is sent.

import Core

/// How a provider wants files to appear in the prompt.
public enum PromptStyle: Sendable, Hashable {
  /// `<file: path="ABSOLUTE">`: agents read the file themselves.
  case agent
  /// `<file path="DISPLAY">` around the file's text: models cannot read files.
  case llm
}

extension EvalTest {
  /// The text sent to a target.
  ///
  /// Messages get role markers such as `@[User]:` when there is an assistant or tool message, or
  /// more than one message with something to see.
  /// - Parameter style: how files appear in it.
  /// - Returns: the text.
  public func prompt(style: PromptStyle) -> String {
    if input.count == 1, input[0].role != "assistant", input[0].role != "tool",
      case .text(let text)? = input[0].content
    {
      return text.trimmed
    }
    let parts = input.map { PromptPart(message: $0, style: style) }
    let marked =
      input.contains { $0.role == "assistant" || $0.role == "tool" }
      || parts.count(where: \.isVisible) > 1
    guard marked else {
      return parts.flatMap(\.texts).map(\.trimmed).filter { !$0.isEmpty }
        .joined(separator: "\n\n")
    }
    return parts.filter { $0.isVisible && !$0.texts.isEmpty }
      .map { "@[\($0.label)]:\n\($0.texts.joined(separator: "\n"))" }
      .joined(separator: "\n\n")
  }
}

extension Message {
  /// The text of one message in a prompt, without its role.
  func promptText(style: PromptStyle) -> String {
    PromptPart(message: self, style: style).texts.joined(separator: "\n").trimmed
  }
}

/// One message as it appears in a prompt.
private struct PromptPart {
  let label: String
  let texts: [String]
  let isVisible: Bool

  init(message: Message, style: PromptStyle) {
    label = message.role.prefix(1).uppercased() + message.role.dropFirst()
    switch message.content {
    case .text(let text):
      texts = text.isEmpty ? [] : [text]
      isVisible = !text.trimmed.isEmpty
    case .object(let object):
      texts = [JSON.object(object).prettyText]
      isVisible = true
    case .blocks(let blocks):
      texts = blocks.compactMap { Self.text($0, style) }.filter { !$0.isEmpty }
      isVisible = blocks.contains { block in
        switch block["type"]?.string {
        case "text": block["value"]?.string?.trimmed.isEmpty == false
        case "file": block["text"]?.string?.trimmed.isEmpty == false
        default: false
        }
      }
    case nil:
      texts = []
      isVisible = false
    }
  }

  private static func text(_ block: JSON, _ style: PromptStyle) -> String? {
    switch (block["type"]?.string, style) {
    case ("text", _): return block["value"]?.string
    case ("file", .agent):
      guard let path = (block["resolvedPath"] ?? block["path"])?.string else { return nil }
      return "<file: path=\"\(path)\">"
    case ("file", .llm):
      guard let path = block["path"]?.string, let text = block["text"]?.string, !text.isEmpty
      else { return nil }
      return "<file path=\"\(path)\">\n\(text.trimmed)\n</file>"
    default: return nil
    }
  }
}
