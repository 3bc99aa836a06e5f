// What is said to a model, before any API's own form.

import Core
import EvalFiles

/// Messages with roles, and how to answer them.
struct ModelConversation: Sendable, Hashable {
  /// Instructions of calls that bring none.
  static let defaultSystem =
    "You are a careful assistant. Follow all provided instructions and do not fabricate results."

  /// A part of a message.
  enum Part: Sendable, Hashable {
    case text(String)
    /// An image, base64.
    case image(mediaType: String, data: String)
  }

  /// A message of the user or of the model.
  struct Turn: Sendable, Hashable {
    var isUser: Bool
    var parts: [Part]

    /// The texts, joined by newlines.
    var text: String {
      parts.compactMap { part in if case .text(let text) = part { text } else { nil } }
        .joined(separator: "\n")
    }
    /// Whether there is nothing but text.
    var isPlain: Bool {
      parts.allSatisfy { part in if case .text = part { true } else { false } }
    }
  }

  var system: String
  var turns: [Turn]
  /// Sampling temperature.
  var temperature: Double?
  /// Most tokens to answer with.
  var maxOutputTokens: Int?

  /// The conversation of a call.
  ///
  /// System messages of the list go before the request's own instructions, those before the default.
  init(_ request: ProviderRequest, temperature: Double?, maxOutputTokens: Int?) {
    let instructions = request.chat.filter { $0.role == "system" }
      .compactMap { $0.text?.trimmed }.filter { !$0.isEmpty }
    let own = request.systemPrompt?.trimmed ?? ""
    system =
      instructions.isEmpty
      ? own.isEmpty ? Self.defaultSystem : own : instructions.joined(separator: "\n\n")
    turns = request.chat.filter { $0.role != "system" }.compactMap(Self.turn)
    if turns.isEmpty { turns = [Turn(isUser: true, parts: [.text(request.prompt.trimmed)])] }
    self.temperature = request.temperature ?? temperature
    self.maxOutputTokens = request.maxOutputTokens ?? maxOutputTokens
  }

  private static func turn(_ message: Message) -> Turn? {
    var parts: [Part] = []
    if case .blocks(let blocks)? = message.content {
      for block in blocks {
        if block["type"] == "image" {
          if let image = image(block) { parts.append(image) }
        } else if let text = (block["value"] ?? block["text"])?.string, !text.isEmpty {
          parts.append(.text(text))
        }
      }
    } else if let text = message.text, !text.trimmed.isEmpty {
      parts.append(.text(text))
    }
    // Messages without content are an error to every API.
    return parts.isEmpty ? nil : Turn(isUser: message.role == "user", parts: parts)
  }

  /// An image from its data URL.
  private static func image(_ block: JSON) -> Part? {
    guard let source = block["source"]?.string, source.hasPrefix("data:"),
      let comma = source.firstIndex(of: ",")
    else { return nil }
    let head = source[..<comma].dropFirst("data:".count)
    let type = head.prefix { $0 != ";" }
    return .image(
      mediaType: block["media_type"]?.string ?? String(type),
      data: String(source[source.index(after: comma)...]))
  }
}
