// Escapes and sets of JavaScript patterns (ECMA-262, section 22.2.1).

extension RegexTranslator {
  mutating func escape() throws(RegexSyntaxError) {
    guard let scalar = peek() else { throw RegexSyntaxError(reason: "\\ at end of pattern") }
    switch scalar {
    case "b", "B":
      index += 1
      let (yes, no) = ("[\(Self.word)]", "[^\(Self.word)]")
      output +=
        scalar == "b"
        ? "(?:(?<!\(yes))(?=\(yes))|(?<=\(yes))(?!\(yes)))"
        : "(?:(?<=\(yes))(?=\(yes))|(?<!\(yes))(?:(?=\(no))|\\z))"
      isRepeatable = false
    case "k" where isUnicode || !names.isEmpty:
      index += 1
      guard take("<") else { throw RegexSyntaxError(reason: "Invalid named reference") }
      let name = try groupName()
      guard let replacement = names[name] else {
        throw RegexSyntaxError(reason: "Invalid named capture referenced: '\(name)'")
      }
      write("\\k<\(replacement)>")
    case "1"..."9":
      let start = index
      var number = 0
      while let digit = peek(), let value = Int(String(digit)), number < 1000 {
        number = number * 10 + value
        index += 1
      }
      if number <= groupCount {
        write("(?:\\\(number))")
      } else if isUnicode {
        throw RegexSyntaxError(reason: "Invalid escape")
      } else {
        index = start
        write(Self.code(octal()))
      }
    default:
      if let content = classEscape() {
        write("[\(content)]")
      } else {
        write(Self.code(try characterEscape()))
      }
    }
  }

  /// Octal escapes of old, at most \377; an 8 or 9 stands for itself.
  private mutating func octal() -> UInt32 {
    var value: UInt32 = 0
    var count = 0
    while count < 3, let digit = peek(), let number = UInt32(String(digit), radix: 8),
      value * 8 + number <= 255
    {
      value = value * 8 + number
      count += 1
      index += 1
    }
    if count == 0, let scalar = peek() {
      index += 1
      return scalar.value
    }
    return value
  }

  /// The content of a set for \d \w \s \p and their opposites; nil for other escapes.
  private mutating func classEscape() -> String? {
    guard let scalar = peek() else { return nil }
    switch scalar {
    case "d", "w", "s", "D", "W", "S":
      index += 1
      let content =
        switch String(scalar).lowercased() {
        case "d": Self.digits
        case "w": Self.word
        default: Self.space
        }
      return scalar.value < 0x60 ? "[^\(content)]" : content
    case "p", "P":
      guard isUnicode, peek(1) == "{",
        let end = scalars[index...].firstIndex(of: "}")
      else { return nil }
      var text = "\\"
      text.unicodeScalars.append(contentsOf: scalars[index...end])
      index = end + 1
      return text
    default: return nil
    }
  }

  private mutating func characterEscape() throws(RegexSyntaxError) -> UInt32 {
    let scalar = scalars[index]
    index += 1
    switch scalar {
    case "t": return 0x09
    case "n": return 0x0A
    case "v": return 0x0B
    case "f": return 0x0C
    case "r": return 0x0D
    case "0"..."7":
      index -= 1
      return octal()
    case "c":
      if let letter = peek(), (0x41...0x5A).contains(letter.value & ~0x20) {
        index += 1
        return letter.value & 0x1F
      }
      index -= 1
      return 0x5C
    case "x": return hexadecimal(2) ?? scalar.value
    case "u": return unicodeEscape() ?? scalar.value
    default:
      let isLetter =
        (0x41...0x5A).contains(scalar.value & ~0x20) || (0x30...0x39).contains(scalar.value)
      if isUnicode, isLetter { throw RegexSyntaxError(reason: "Invalid escape") }
      return scalar.value
    }
  }

  private mutating func unicodeEscape() -> UInt32? {
    if isUnicode, peek() == "{", let end = scalars[index...].firstIndex(of: "}") {
      var digits = ""
      digits.unicodeScalars.append(contentsOf: scalars[(index + 1)..<end])
      guard let value = UInt32(digits, radix: 16), value <= 0x10FFFF else { return nil }
      index = end + 1
      return value
    }
    guard let high = hexadecimal(4) else { return nil }
    let mark = index
    if (0xD800..<0xDC00).contains(high), take("\\u"), let low = hexadecimal(4),
      (0xDC00..<0xE000).contains(low)
    {
      return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }
    index = mark
    return high
  }

  private mutating func hexadecimal(_ count: Int) -> UInt32? {
    guard index + count <= scalars.count else { return nil }
    var digits = ""
    digits.unicodeScalars.append(contentsOf: scalars[index..<index + count])
    guard digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else { return nil }
    index += count
    return value
  }

  // MARK: Sets

  mutating func set() throws(RegexSyntaxError) {
    let isInverted = take("^")
    var content = ""
    while let scalar = peek(), scalar != "]" {
      let first = try setItem()
      guard case .character(let low) = first, peek() == "-", let after = peek(1), after != "]"
      else {
        content += first.text
        continue
      }
      index += 1
      let second = try setItem()
      guard case .character(let high) = second else {
        content += Self.code(low) + Self.code(0x2D) + second.text
        continue
      }
      guard low <= high else {
        throw RegexSyntaxError(reason: "Range out of order in character class")
      }
      content += "\(Self.code(low))-\(Self.code(high))"
    }
    guard take("]") else { throw RegexSyntaxError(reason: "Unterminated character class") }
    if content.isEmpty {
      write(isInverted ? "(?s:.)" : "(?!)")
    } else {
      write("[\(isInverted ? "^" : "")\(content)]")
    }
  }

  private enum SetItem {
    case character(UInt32)
    case content(String)

    var text: String {
      switch self {
      case .character(let value): RegexTranslator.code(value)
      case .content(let text): text
      }
    }
  }

  private mutating func setItem() throws(RegexSyntaxError) -> SetItem {
    let scalar = scalars[index]
    index += 1
    guard scalar == "\\" else { return .character(scalar.value) }
    guard let next = peek() else { throw RegexSyntaxError(reason: "\\ at end of pattern") }
    if next == "b" {
      index += 1
      return .character(0x08)
    }
    if let content = classEscape() { return .content(content) }
    return .character(try characterEscape())
  }
}
