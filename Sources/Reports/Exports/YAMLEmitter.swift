// YAML that reads back equal: block style for people, double quotes wherever a plain scalar could
// mean something else (YAML 1.2.2, 7.3; quoted for 1.1 readers as well).

public import Core

/// Writes JSON values as YAML.
public enum YAMLEmitter {
  /// A value as one document without its `---`, ending with a newline.
  public static func text(_ value: JSON) -> String {
    var emitter = Emitter()
    switch value {
    case .object(let object) where !object.isEmpty: emitter.mapping(object, indent: 0)
    case .array(let elements) where !elements.isEmpty: emitter.sequence(elements, indent: 0)
    default: emitter.inline(value, indent: 0)
    }
    return emitter.text
  }

  private struct Emitter {
    var text = ""

    /// The members of an object, each on lines of its own; the first line is already indented.
    mutating func mapping(_ object: JSONObject, indent: Int) {
      for (index, member) in object.members.enumerated() {
        if index > 0 { space(indent) }
        text += key(member.name) + ":"
        value(member.value, indent: indent)
      }
    }

    mutating func sequence(_ elements: [JSON], indent: Int) {
      for (index, element) in elements.enumerated() {
        if index > 0 { space(indent) }
        text += "-"
        switch element {
        case .object(let object) where !object.isEmpty:
          text += " "
          mapping(object, indent: indent + 2)
        case .array(let inner) where !inner.isEmpty:
          text += " "
          sequence(inner, indent: indent + 2)
        default:
          text += " "
          inline(element, indent: indent)
        }
      }
    }

    private mutating func value(_ value: JSON, indent: Int) {
      switch value {
      case .object(let object) where !object.isEmpty:
        text += "\n"
        space(indent + 2)
        mapping(object, indent: indent + 2)
      case .array(let elements) where !elements.isEmpty:
        text += "\n"
        space(indent + 2)
        sequence(elements, indent: indent + 2)
      default:
        text += " "
        inline(value, indent: indent)
      }
    }

    /// What fits behind a key or a dash, and the end of its line.
    mutating func inline(_ value: JSON, indent: Int) {
      if case .string(let string) = value, let block = block(string, indent: indent + 2) {
        text += block
        return
      }
      switch value {
      case .string(let string): text += scalar(string)
      default: text += value.text
      }
      text += "\n"
    }

    private mutating func space(_ count: Int) { text += String(repeating: " ", count: count) }

    private func key(_ name: String) -> String {
      // A long key would need the explicit form ("? key").
      name.utf8.count <= 120 && isPlain(name) ? name : quoted(name)
    }

    private func scalar(_ string: String) -> String {
      isPlain(string) ? string : quoted(string)
    }

    /// Whether a text can stand without quotes: a word of letters first, nothing that any YAML
    /// version gives a meaning to.
    private func isPlain(_ string: String) -> Bool {
      guard let first = string.utf8.first, isLetter(first) || first == UInt8(ascii: "_"),
        string.utf8.last != UInt8(ascii: " "), string.utf8.count <= 200,
        !words.contains(string.lowercased())
      else { return false }
      return string.utf8.allSatisfy { byte in
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || " _-./()+".utf8.contains(byte)
      }
    }

    private func isLetter(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte >= 0x41
    }

    private var words: Set<String> {
      ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
    }

    /// A text of several lines as a literal block; `nil` when it has to be quoted.
    private func block(_ string: String, indent: Int) -> String? {
      guard string.contains("\n"), let first = string.unicodeScalars.first,
        // A first line that begins with space would set the indentation.
        first != " ", first != "\n", first != "\t",
        string.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\t" || isPrintable($0) })
      else { return nil }
      // With a final newline "|" keeps exactly one; more of them need "|+".
      let chomp = string.hasSuffix("\n\n") ? "|+" : string.hasSuffix("\n") ? "|" : "|-"
      let body = string.hasSuffix("\n") ? String(string.dropLast()) : string
      let space = String(repeating: " ", count: indent)
      let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.isEmpty ? "" : space + line
      }
      // A line of nothing but spaces is content only when it is longer than the indentation.
      if lines.contains(where: { !$0.isEmpty && $0.allSatisfy { $0 == " " || $0 == "\t" } }) {
        return nil
      }
      return chomp + "\n" + lines.joined(separator: "\n") + "\n"
    }

    private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.value {
      case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
        0x10000...0x10FFFF:
        true
      default: false
      }
    }

    /// A text in double quotes: JSON's escapes, which YAML shares, and `\u` for what YAML does not
    /// print.
    private func quoted(_ string: String) -> String {
      var result = ""
      for scalar in JSON.string(string).text.unicodeScalars {
        if isPrintable(scalar) {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
      }
      return result
    }
  }
}
