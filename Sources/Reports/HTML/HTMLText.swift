// Text in HTML, and data in its script elements.

import Core

/// Escaping for HTML.
enum HTMLText {
  /// A text as content or as an attribute in double quotes.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // U+0000 ends some parsers' patience; in HTML it is an error anyway.
      case "\0": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// JSON that can stand in a script element: no `<` that could end it or open a comment (HTML,
  /// 4.12.1.3 "Restrictions for contents of script elements"), no `&` or `>` for XHTML's sake, and
  /// no line separators that old readers of JavaScript would trip over.
  static func data(_ json: JSON) -> [UInt8] {
    let bytes = json.serialized()
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 32)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "<"): result += Array("\\u003c".utf8)
      case UInt8(ascii: ">"): result += Array("\\u003e".utf8)
      case UInt8(ascii: "&"): result += Array("\\u0026".utf8)
      case 0xE2
      where index + 2 < bytes.count && bytes[index + 1] == 0x80
        && (bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9):
        result += Array((bytes[index + 2] == 0xA8 ? "\\u2028" : "\\u2029").utf8)
        index += 2
      default: result.append(byte)
      }
      index += 1
    }
    return result
  }
}
