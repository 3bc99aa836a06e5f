// Text in XML 1.0 documents.

/// Escaping for XML.
enum XMLText {
  /// A text as character data or as the value of an attribute in double quotes.
  ///
  /// Characters that XML 1.0 does not allow at all, escaped or not (its production 2, Char), become
  /// U+FFFD. Line breaks and tabs are written as references, or attributes would lose them.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\r": result += "&#13;"
      case "\t": result += "&#9;"
      default: result.unicodeScalars.append(isAllowed(scalar) ? scalar : "\u{FFFD}")
      }
    }
    return result
  }

  /// The same for character data, in which line breaks and tabs stand as they are.
  static func content(_ text: String) -> String {
    escaped(text).replacing("&#10;", with: "\n").replacing("&#9;", with: "\t")
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }
}
