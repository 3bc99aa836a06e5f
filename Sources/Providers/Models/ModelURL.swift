// The addresses of the models' services, from what settings say.

import Core

/// Base URLs, without a slash at the end.
enum ModelURL {
  /// OpenAI's form: ends in `/v1`.
  static func openAI(_ text: String?) -> String {
    let base = cleaned(text ?? "https://api.openai.com/v1")
    return base.hasSuffix("/v1") ? base : base + "/v1"
  }

  static func openRouter(_ text: String?) -> String {
    cleaned(text ?? "https://openrouter.ai/api/v1")
  }

  static func anthropic(_ text: String?) -> String {
    let base = cleaned(text ?? "https://api.anthropic.com")
    return base.hasSuffix("/v1") ? base : base + "/v1"
  }

  static func gemini(_ text: String?) -> String {
    let base = cleaned(text ?? "https://generativelanguage.googleapis.com")
    return base.hasSuffix("/v1beta") || base.hasSuffix("/v1") ? base : base + "/v1beta"
  }

  /// Azure's: a resource's name, or its URL with or without the path of the API.
  static func azure(_ text: String) -> String {
    let base =
      text.contains("://") ? cleaned(text) : "https://\(text).openai.azure.com"
    if base.hasSuffix("/openai/v1") { return base }
    return base.hasSuffix("/openai") ? base + "/v1" : base + "/openai/v1"
  }

  /// The host of a URL.
  static func host(_ url: String) -> String {
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let authority = rest.prefix { !"/?#".contains($0) }
    let host = authority.split(separator: "@").last ?? ""
    return String(host.prefix { $0 != ":" }).lowercased()
  }

  /// A text as part of a path or query.
  static func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
      if isPlain {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let hex = String(byte, radix: 16, uppercase: true)
        result += "%" + (hex.count == 1 ? "0" : "") + hex
      }
    }
    return result
  }

  private static func cleaned(_ text: String) -> String {
    var text = text[...]
    while text.last == "/" { text.removeLast() }
    return String(text)
  }
}
