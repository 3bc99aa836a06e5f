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
  static let digits = "0-9"
  static let word = "A-Za-z0-9_"
  static let space =
    "\\t\\n\\u000B\\f\\r\\u0020\\u00A0\\uFEFF\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000"
  private static let lineEnds = "\\n\\r\\u2028\\u2029"

  let scalars: [Unicode.Scalar]
  var index = 0
  var output = ""
  var names: [String: String] = [:]
  var groupCount = 0
  var isUnicode = false
  private var isMultiline = false
  private var dotMatchesAll = false
  /// Whether the last thing written can be repeated.
  var isRepeatable = false

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

  mutating func write(_ text: String) {
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

  static func code(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return value > 0xFFFF
      ? "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    index + offset < scalars.count ? scalars[index + offset] : nil
  }

  mutating func take(_ text: String) -> Bool {
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

  mutating func groupName() throws(RegexSyntaxError) -> String {
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
}
