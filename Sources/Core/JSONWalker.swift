// Walks over JSON objects without building their values: for lists and counts over many rows, of
// which few members are needed, and for passing members on as they are.

/// A strict reader of objects in a buffer.
///
/// It accepts what `JSON.parse` accepts but for invalid UTF-8, which it refuses: the ranges it gives
/// can be copied into another JSON text as they are.
public struct JSONWalker: Sendable {
  /// The buffer.
  public let bytes: [UInt8]
  private var position = 0
  private var end = 0
  /// All bytes of strings, or-ed: tells whether there is anything but ASCII.
  private var stringBits: UInt8 = 0

  /// A walker over a buffer.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Walks over the members of one object.
  /// - Parameters:
  ///   - range: where the object is; white space around it is fine.
  ///   - member: gets each name, without its quotes and not unescaped, and each value, as ranges of
  ///     the buffer.
  /// - Returns: whether the range holds one valid object; otherwise some members were given all the
  ///   same.
  public mutating func object(
    in range: Range<Int>, _ member: (_ name: Range<Int>, _ value: Range<Int>) -> Void
  ) -> Bool {
    position = range.lowerBound
    end = range.upperBound
    stringBits = 0
    skipSpace()
    guard take(UInt8(ascii: "{")), members(depth: 0, member) else { return false }
    skipSpace()
    guard position == end else { return false }
    return stringBits < 0x80 || String(validating: bytes[range], as: UTF8.self) != nil
  }

  private mutating func members(
    depth: Int, _ member: (Range<Int>, Range<Int>) -> Void
  ) -> Bool {
    skipSpace()
    if take(UInt8(ascii: "}")) { return true }
    while true {
      skipSpace()
      let name = position + 1
      guard string() else { return false }
      let nameEnd = position - 1
      skipSpace()
      guard take(UInt8(ascii: ":")) else { return false }
      skipSpace()
      let start = position
      guard value(depth: depth + 1) else { return false }
      member(name..<nameEnd, start..<position)
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      return take(UInt8(ascii: "}"))
    }
  }

  private mutating func elements(depth: Int) -> Bool {
    skipSpace()
    if take(UInt8(ascii: "]")) { return true }
    while true {
      skipSpace()
      guard value(depth: depth + 1) else { return false }
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      return take(UInt8(ascii: "]"))
    }
  }

  private mutating func value(depth: Int) -> Bool {
    guard depth < JSON.maximumDepth, position < end else { return false }
    switch bytes[position] {
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "{"):
      position += 1
      return members(depth: depth) { _, _ in }
    case UInt8(ascii: "["):
      position += 1
      return elements(depth: depth)
    case UInt8(ascii: "t"): return word("true")
    case UInt8(ascii: "f"): return word("false")
    case UInt8(ascii: "n"): return word("null")
    default: return number()
    }
  }

  private mutating func string() -> Bool {
    guard take(UInt8(ascii: "\"")) else { return false }
    while position < end {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"): guard escape() else { return false }
      case 0..<0x20: return false
      default: stringBits |= byte
      }
    }
    return false
  }

  private mutating func escape() -> Bool {
    guard position < end else { return false }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return true
    case UInt8(ascii: "u"):
      guard position + 4 <= end else { return false }
      for place in position..<position + 4 where !Self.isHexadecimal(bytes[place]) { return false }
      position += 4
      return true
    default: return false
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6
  }

  private mutating func word(_ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard position + length <= end,
      text.description.utf8.elementsEqual(bytes[position..<position + length])
    else { return false }
    position += length
    return true
  }

  private mutating func number() -> Bool {
    let start = position
    _ = take(UInt8(ascii: "-"))
    let first = position
    guard digits() else { return false }
    // No leading zeros.
    if bytes[first] == UInt8(ascii: "0"), position > first + 1 { return false }
    var isFraction = false
    if take(UInt8(ascii: ".")) {
      guard digits() else { return false }
      isFraction = true
    }
    if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() else { return false }
      isFraction = true
    }
    // Beyond what a double holds, which only a long text or an exponent can be.
    guard isFraction || position - start > 300 else { return true }
    return Double(String(decoding: bytes[start..<position], as: UTF8.self))?.isFinite ?? false
  }

  private mutating func digits() -> Bool {
    let start = position
    while position < end, bytes[position] &- 0x30 < 10 { position += 1 }
    return position > start
  }

  private mutating func skipSpace() {
    while position < end {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < end, bytes[position] == byte else { return false }
    position += 1
    return true
  }
}
