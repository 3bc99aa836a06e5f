// A strict RFC 8259 parser over bytes. Written here because the order of members must survive and
// because reading 100,000 rows must not go through boxed dictionaries.

/// Why a text is not JSON.
public struct JSONParseError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  public let message: String
  /// Position in the text, in bytes from its start.
  public let offset: Int

  /// The reason and its place, for people.
  public var description: String { "\(message) at byte \(offset)" }
}

extension JSON {
  /// Deepest nesting accepted; deeper input is refused rather than allowed to exhaust the stack.
  public static let maximumDepth = 512

  /// Parses one JSON text.
  ///
  /// Invalid UTF-8 inside strings is replaced by U+FFFD; a repeated member name keeps the last
  /// value, as JavaScript does.
  /// - Parameter bytes: the text, with optional white space around it.
  /// - Returns: its value.
  /// - Throws: `JSONParseError` naming the byte at which the text stops being JSON.
  public static func parse(_ bytes: some Collection<UInt8>) throws(JSONParseError) -> JSON {
    try parse(array: Array(bytes))
  }

  /// Parses one JSON text held in a string.
  /// - Throws: `JSONParseError` naming the byte at which the text stops being JSON.
  public static func parse(_ text: String) throws(JSONParseError) -> JSON {
    try parse(array: Array(text.utf8))
  }

  private static func parse(array: [UInt8]) throws(JSONParseError) -> JSON {
    var parser = JSONParser(bytes: array)
    parser.skipSpace()
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == array.count else {
      throw parser.failure("unexpected text after the value")
    }
    return value
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  func failure(_ message: String) -> JSONParseError {
    JSONParseError(message: message, offset: position)
  }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  mutating func value(depth: Int) throws(JSONParseError) -> JSON {
    guard depth < JSON.maximumDepth else {
      throw failure("nesting deeper than \(JSON.maximumDepth) levels")
    }
    guard position < bytes.count else { throw failure("unexpected end of text") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"):
      try word("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try word("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    default: return try number()
    }
  }

  private mutating func word(_ text: StaticString) throws(JSONParseError) {
    let length = text.utf8CodeUnitCount
    guard position + length <= bytes.count,
      String(decoding: bytes[position..<position + length], as: UTF8.self) == text.description
    else { throw failure("expected a value") }
    position += length
  }

  /// Up to so many members are looked through, which costs less than a table of them.
  private static let searchedMembers = 32

  private mutating func object(depth: Int) throws(JSONParseError) -> JSON {
    position += 1
    var object = JSONObject()
    // Of a large object, where each name is: looking through all of them for each would take hours for
    // some megabytes of names.
    var places: [String: Int] = [:]
    skipSpace()
    if consume(UInt8(ascii: "}")) { return .object(object) }
    while true {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw failure("expected a member name in double quotes")
      }
      let name = try string()
      skipSpace()
      guard consume(UInt8(ascii: ":")) else { throw failure("expected ':' after a member name") }
      skipSpace()
      let value = try value(depth: depth + 1)
      if object.count < Self.searchedMembers {
        object[name] = value
      } else {
        if places.isEmpty { places = object.places }
        if let place = places[name] {
          object.replaceUnchecked(place, value)
        } else {
          places[name] = object.count
          object.appendUnchecked(name, value)
        }
      }
      skipSpace()
      if consume(UInt8(ascii: ",")) { continue }
      if consume(UInt8(ascii: "}")) { return .object(object) }
      throw failure("expected ',' or '}' in an object")
    }
  }

  private mutating func array(depth: Int) throws(JSONParseError) -> JSON {
    position += 1
    var elements: [JSON] = []
    skipSpace()
    if consume(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      skipSpace()
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if consume(UInt8(ascii: ",")) { continue }
      if consume(UInt8(ascii: "]")) { return .array(elements) }
      throw failure("expected ',' or ']' in an array")
    }
  }

  private mutating func consume(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func string() throws(JSONParseError) -> String {
    position += 1
    let start = position
    // Most strings have no escape: one pass to the closing quote, one copy.
    while position < bytes.count, bytes[position] != UInt8(ascii: "\""),
      bytes[position] != UInt8(ascii: "\\"), bytes[position] >= 0x20
    {
      position += 1
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      position += 1
      return text
    }
    var collected = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: collected, as: UTF8.self)
      case UInt8(ascii: "\\"):
        position += 1
        try escape(into: &collected)
      case 0..<0x20: throw failure("unescaped control character in a string")
      default:
        collected.append(byte)
        position += 1
      }
    }
    throw failure("string without closing quote")
  }

  private mutating func escape(into collected: inout [UInt8]) throws(JSONParseError) {
    guard position < bytes.count else { throw failure("string without closing quote") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): collected.append(byte)
    case UInt8(ascii: "b"): collected.append(0x08)
    case UInt8(ascii: "f"): collected.append(0x0C)
    case UInt8(ascii: "n"): collected.append(0x0A)
    case UInt8(ascii: "r"): collected.append(0x0D)
    case UInt8(ascii: "t"): collected.append(0x09)
    case UInt8(ascii: "u"):
      var scalar = try hexadecimal()
      if (0xD800..<0xDC00).contains(scalar), position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      {
        let mark = position
        position += 2
        let low = try hexadecimal()
        if (0xDC00..<0xE000).contains(low) {
          scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
        } else {
          position = mark
        }
      }
      collected.append(contentsOf: String(Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")).utf8)
    default:
      position -= 1
      throw failure("unknown escape in a string")
    }
  }

  private mutating func hexadecimal() throws(JSONParseError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw failure("\\u needs four hexadecimal digits") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw failure("\\u needs four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func number() throws(JSONParseError) -> JSON {
    let start = position
    var isInteger = true
    _ = consume(UInt8(ascii: "-"))
    guard position < bytes.count, isDigit(bytes[position]) else {
      position = start
      throw failure("expected a value")
    }
    if !consume(UInt8(ascii: "0")) { skipDigits() }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      guard position < bytes.count, isDigit(bytes[position]) else {
        throw failure("expected a digit after the decimal point")
      }
      skipDigits()
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if !consume(UInt8(ascii: "+")) { _ = consume(UInt8(ascii: "-")) }
      guard position < bytes.count, isDigit(bytes[position]) else {
        throw failure("expected a digit in the exponent")
      }
      skipDigits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw failure("number \(text) is out of range")
    }
    return .double(value)
  }

  private mutating func skipDigits() {
    while position < bytes.count, isDigit(bytes[position]) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
