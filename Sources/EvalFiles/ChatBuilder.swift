// The messages of a test for targets that take a list of messages.

import Core

/// A prompt as instructions and messages.
public struct ChatPrompt: Sendable, Hashable {
  /// The leading system messages as one text; `nil` when there are none.
  public var system: String?
  /// What follows, with the roles `user` and `assistant` only, of text and images; empty when there are
  /// no instructions and one single user message of text, which the prompt then is.
  public var messages: [Message]
}

extension EvalTest {
  /// The input as instructions and messages.
  ///
  /// Later system messages and those of tools become messages of the assistant that begin with a
  /// line such as `@[Tool]:`, because models take no others there.
  /// - Parameter style: how files appear in the texts.
  /// - Returns: instructions and messages.
  public func chat(style: PromptStyle) -> ChatPrompt {
    let leading = input.prefix { $0.role == "system" }
    let rest = input.dropFirst(leading.count)
    let system = leading.map { $0.promptText(style: style) }.filter { !$0.isEmpty }
      .joined(separator: "\n\n")
    var chat = ChatPrompt(system: system.isEmpty ? nil : system, messages: [])
    if chat.system == nil, rest.count == 1, let only = rest.first, only.role == "user",
      only.images.isEmpty
    {
      return chat
    }
    for message in rest {
      let images = message.images
      var text = message.promptText(style: style)
      if text.isEmpty, images.isEmpty { continue }
      let isForeign = message.role != "user" && message.role != "assistant"
      if isForeign {
        let label = message.role.prefix(1).uppercased() + message.role.dropFirst()
        text = "@[\(label)]:\n\(text)"
      }
      let role = isForeign ? "assistant" : message.role
      chat.messages.append(
        images.isEmpty
          ? Message(role: role, text: text)
          : Message(role: role, content: .blocks(Self.blocks(text) + images)))
    }
    return chat
  }

  private static func blocks(_ text: String) -> [JSON] {
    text.isEmpty ? [] : [["type": "text", "value": .string(text)]]
  }
}

extension Message {
  /// Image blocks that the loader has read.
  fileprivate var images: [JSON] {
    guard case .blocks(let blocks)? = content else { return [] }
    return blocks.filter { $0["type"] == "image" && $0["source"]?.string != nil }
  }
}
