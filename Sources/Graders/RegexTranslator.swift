// From the syntax of JavaScript's RegExp (ECMA-262, section 22.2) to that of ICU.
//
// What differs: classes such as \w are ASCII in JavaScript, ^ $ . know other line ends, names of
// groups may hold _ and $, a bracket needs no escape inside a set, unknown escapes are literal,
// possessive quantifiers do not exist. What stays different: a back reference to a group that did
// not take part matches nothing (JavaScript: the empty text), look-behind must be bounded, and a
// character outside of the basic plane counts as one also without the flag `u`.

/// Why a pattern is none.
struct RegexSyntaxError: Error {
  let reason: String
}

/// Translates one pattern.
struct RegexTranslator {
  private static let digits = "0-9"
  private static let word = "A-Za-z0-9_"
  private static let space =
    "\\t\\n\\u000B\\f\\r\\u0020\\u00A0\\uFEFF\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000"
  private static let lineEnds = "\\n\\r\\u2028\\u2029"

  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var output = ""
  private var names: [String: String] = [:]
  private var groupCount = 0
  private var isUnicode = false
  private var isMultiline = false
  private var dotMatchesAll = false
  /// Whether the last thing written can be repeated.
  private var isRepeatable = false

  init(pattern: String) { scalars = Array(pattern.unicodeScalars) }

  /// The pattern in ICU's syntax; the flag `i` is left to ICU's option.
  mutating func translate(flags: String) throws(RegexSyntaxError) -> String {
    guard Set(flags).count == flags.count, flags.allSatisfy({ "dgimsuvy".contains($0) }),
      !(flags.contains("u") && flags.contains("v"))
    else { throw RegexSyntaxError(reason: "Invalid flags '\(flags)'; known are d g i m s u v y") }
    isUnicode = flags.contains("u") || flags.contains("v")
    isMultiline = flags.contains("m")
    dotMatchesAll = flags.contains("s")
    countGroups()
    var open: [Bool] = []
    while index < scalars.count {
      try element(&open)
    }
    guard open.isEmpty else { throw RegexSyntaxError(reason: "Unterminated group") }
    return flags.contains("y") ? "\\A(?:\(output))" : output
  }

  private mutating func element(_ open: inout [Bool]) throws(RegexSyntaxError) {
    let scalar = scalars[index]
    index += 1
    switch scalar {
    case "(":
      open.append(try group())
      isRepeatable = false
    case ")":
      guard let repeatable = open.popLast() else {
        throw RegexSyntaxError(reason: "Unmatched ')'")
      }
      output += ")"
      isRepeatable = repeatable
    case "|":
      output += "|"
      isRepeatable = false
    case "^":
      output += isMultiline ? "(?:\\A|(?<=[\(Self.lineEnds)]))" : "\\A"
      isRepeatable = false
    case "$":
      output += isMultiline ? "(?=[\(Self.lineEnds)]|\\z)" : "\\z"
      isRepeatable = false
    case ".": write(dotMatchesAll ? "(?s:.)" : "[^\(Self.lineEnds)]")
    case "[": try set()
    case "\\": try escape()
    case "*", "+", "?": try quantifier(String(scalar))
    case "{":
      if let text = bounds() {
        try quantifier(text)
      } else if isUnicode {
        throw RegexSyntaxError(reason: "Incomplete quantifier")
      } else {
        write("\\{")
      }
    case "}", "]":
      if isUnicode { throw RegexSyntaxError(reason: "Lone quantifier brackets") }
      write("\\\(scalar)")
    default: write(Self.literal(scalar))
    }
  }

  private mutating func write(_ text: String) {
    output += text
    isRepeatable = true
  }

  /// A character as ICU takes it literally, inside of sets and outside.
  private static func literal(_ scalar: Unicode.Scalar) -> String {
    let isPlain =
      scalar.value > 0x7F || (0x30...0x39).contains(scalar.value)
      || (0x41...0x5A).contains(scalar.value & ~0x20)
    if isPlain, !scalar.properties.isPatternWhitespace { return String(scalar) }
    return code(scalar.value)
  }

  private static func code(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return value > 0xFFFF
      ? "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    index + offset < scalars.count ? scalars[index + offset] : nil
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard index + wanted.count <= scalars.count,
      scalars[index..<index + wanted.count].elementsEqual(wanted)
    else { return false }
    index += wanted.count
    return true
  }

  // MARK: Groups and quantifiers

  private mutating func countGroups() {
    var inSet = false
    var position = 0
    while position < scalars.count {
      switch scalars[position] {
      case "\\": position += 1
      case "[": inSet = true
      case "]": inSet = false
      case "(" where !inSet:
        let next = position + 1 < scalars.count ? scalars[position + 1] : ")"
        let mark = position + 2 < scalars.count ? scalars[position + 2] : ")"
        let after = position + 3 < scalars.count ? scalars[position + 3] : ")"
        if next != "?" || (mark == "<" && after != "=" && after != "!") { groupCount += 1 }
      default: break
      }
      position += 1
    }
  }

  /// Writes the start of a group; whether it may be repeated once it is closed.
  private mutating func group() throws(RegexSyntaxError) -> Bool {
    for start in ["?:", "?=", "?!", "?<=", "?<!", "?i:", "?-i:"] where take(start) {
      output += "(" + start
      return !start.hasPrefix("?<")
    }
    if take("?<") {
      let name = try groupName()
      guard names[name] == nil else {
        throw RegexSyntaxError(reason: "Duplicate capture group name '\(name)'")
      }
      let replacement = "g\(names.count)"
      names[name] = replacement
      output += "(?<\(replacement)>"
      return true
    }
    if peek() == "?" { throw RegexSyntaxError(reason: "Invalid group") }
    output += "("
    return true
  }

  private mutating func groupName() throws(RegexSyntaxError) -> String {
    var name = ""
    while let scalar = peek(), scalar != ">" {
      name.unicodeScalars.append(scalar)
      index += 1
    }
    guard take(">"), !name.isEmpty else {
      throw RegexSyntaxError(reason: "Invalid capture group name")
    }
    return name
  }

  private mutating func quantifier(_ text: String) throws(RegexSyntaxError) {
    guard isRepeatable else { throw RegexSyntaxError(reason: "Nothing to repeat") }
    output += text
    if take("?") { output += "?" }
    isRepeatable = false
  }

  /// Reads `n}`, `n,}` or `n,m}` after a brace; nil leaves everything as it was.
  private mutating func bounds() -> String? {
    let start = index
    var text = "{"
    while let scalar = peek(), scalar != "}" {
      guard scalar == "," || (0x30...0x39).contains(scalar.value) else { break }
      text.unicodeScalars.append(scalar)
      index += 1
    }
    let parts = text.dropFirst().split(separator: ",", omittingEmptySubsequences: false)
    guard take("}"), (1...2).contains(parts.count), !parts[0].isEmpty else {
      index = start
      return nil
    }
    return text + "}"
  }

  // MARK: Escapes

  private mutating func escape() throws(RegexSyntaxError) {
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

  private mutating func set() throws(RegexSyntaxError) {
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
