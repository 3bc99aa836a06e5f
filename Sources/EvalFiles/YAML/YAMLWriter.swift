// Values as YAML in block style, for the settings that are written back.

public import Core

extension YAMLFile {
  /// The YAML text of a value, with a final newline.
  ///
  /// Every text that is not plainly a word is written in double quotes as JSON writes it, which YAML
  /// reads the same (YAML 1.2 §7.3.1).
  public static func text(_ value: JSON) -> String {
    var writer = YAMLWriter()
    writer.write(value, indent: 0)
    return writer.text
  }
}

private struct YAMLWriter {
  var text = ""

  mutating func write(_ value: JSON, indent: Int) {
    switch value {
    case .object(let object) where !object.isEmpty:
      for (name, value) in object {
        text += pad(indent) + scalar(.string(name)) + ":"
        member(value, indent: indent)
      }
    case .array(let values) where !values.isEmpty:
      for value in values { element(value, indent: indent) }
    default: text += pad(indent) + scalar(value) + "\n"
    }
  }

  /// A value behind its name.
  private mutating func member(_ value: JSON, indent: Int) {
    if isBlock(value) {
      text += "\n"
      write(value, indent: indent + 2)
    } else {
      text += " \(scalar(value))\n"
    }
  }

  private mutating func element(_ value: JSON, indent: Int) {
    guard case .object(let object) = value, !object.isEmpty else {
      text += pad(indent) + "-"
      member(value, indent: indent)
      return
    }
    var isFirst = true
    for (name, value) in object {
      text += isFirst ? pad(indent) + "- " : pad(indent + 2)
      text += scalar(.string(name)) + ":"
      member(value, indent: indent + 2)
      isFirst = false
    }
  }

  private func isBlock(_ value: JSON) -> Bool {
    switch value {
    case .object(let object): !object.isEmpty
    case .array(let values): !values.isEmpty
    default: false
    }
  }

  private func pad(_ count: Int) -> String { String(repeating: " ", count: count) }

  private func scalar(_ value: JSON) -> String {
    guard case .string(let text) = value else { return value.text }
    // Plain only what no version of YAML reads as anything else.
    let isWord =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F
          || byte == 0x2D || byte == 0x2F || byte == 0x2E
      }
      && text.utf8.contains { (0x61...0x7A).contains($0 | 0x20) }
    guard isWord, let first = text.utf8.first,
      (0x61...0x7A).contains(first | 0x20) || first == 0x2F,
      YAMLScalar.resolve(text) == .string(text),
      !["y", "n", "yes", "no", "on", "off"].contains(text.lowercased())
    else { return value.text }
    return text
  }
}
