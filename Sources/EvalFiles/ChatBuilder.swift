// The messages of a test for targets that take a list of messages.

import Core

/// A prompt as instructions and messages.
public struct ChatPrompt: Sendable, Hashable {
  /// The leading system messages as one text; `nil` when there are none.
  public var system: String?
  /// What follows, with the roles `user` and `assistant` only; empty when there are no instructions
  /// and one single user message, which the prompt then is.
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
    if chat.system == nil, rest.count == 1, rest.first?.role == "user" { return chat }
    for message in rest {
      let text = message.promptText(style: style)
      if text.isEmpty { continue }
      switch message.role {
      case "user", "assistant": chat.messages.append(Message(role: message.role, text: text))
      default:
        let label = message.role.prefix(1).uppercased() + message.role.dropFirst()
        chat.messages.append(Message(role: "assistant", text: "@[\(label)]:\n\(text)"))
      }
    }
    return chat
  }
}
