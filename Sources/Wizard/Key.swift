// Keys from the bytes that a terminal sends. Pure.

/// A key of the keyboard, as far as the wizard has a use for it.
public enum Key: Sendable, Hashable {
  case up, down, left, right, home, end, pageUp, pageDown
  case enter, space, escape, backspace, interrupt
  /// A letter, digit or other character.
  case character(Character)
}

/// Decodes keys; keeps what may be the beginning of one.
public struct KeyDecoder: Sendable {
  private var rest: [UInt8] = []

  /// A decoder at the beginning of the input.
  public init() {}

  /// Whether the last bytes may be the beginning of a longer key.
  public var isWaiting: Bool { !rest.isEmpty }

  /// The keys that these bytes complete.
  public mutating func decode(_ bytes: [UInt8]) -> [Key] {
    rest += bytes
    var keys: [Key] = []
    while !rest.isEmpty, let (key, count) = Self.next(rest) {
      rest.removeFirst(count)
      if let key { keys.append(key) }
    }
    return keys
  }

  /// What the waiting bytes mean when nothing follows: a lone escape is the key of that name.
  public mutating func finish() -> [Key] {
    let isEscape = rest.first == 0x1B
    rest = []
    return isEscape ? [.escape] : []
  }

  /// The first key and its length; a key of `nil` has no use; `nil` when more bytes are needed.
  private static func next(_ bytes: [UInt8]) -> (Key?, Int)? {
    switch bytes[0] {
    case 0x1B: return escape(bytes)
    case 0x0D, 0x0A: return (.enter, 1)
    case 0x20: return (.space, 1)
    case 0x7F, 0x08: return (.backspace, 1)
    case 0x03, 0x04: return (.interrupt, 1)
    case 0x10: return (.up, 1)
    case 0x0E: return (.down, 1)
    case 0..<0x20: return (nil, 1)
    default: return character(bytes)
    }
  }

  /// Control sequences of the cursor keys (ECMA-48 CSI, and SS3 of application mode).
  private static func escape(_ bytes: [UInt8]) -> (Key?, Int)? {
    guard bytes.count > 1 else { return nil }
    guard bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O") else {
      return (.escape, 1)
    }
    // Parameters, then one final byte.
    guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
      return bytes.count > 16 ? (nil, bytes.count) : nil
    }
    let parameters = String(decoding: bytes[2..<end], as: UTF8.self)
    let key: Key? =
      switch (Character(Unicode.Scalar(bytes[end])), parameters) {
      case ("A", _): .up
      case ("B", _): .down
      case ("C", _): .right
      case ("D", _): .left
      case ("H", _), ("~", "1"), ("~", "7"): .home
      case ("F", _), ("~", "4"), ("~", "8"): .end
      case ("~", "5"): .pageUp
      case ("~", "6"): .pageDown
      default: nil
      }
    return (key, end + 1)
  }

  private static func character(_ bytes: [UInt8]) -> (Key?, Int)? {
    let length = bytes[0] < 0x80 ? 1 : bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : 2
    guard bytes[0] < 0x80 || (0xC2...0xF4).contains(bytes[0]) else { return (nil, 1) }
    guard bytes.count >= length else { return nil }
    guard let text = String(validating: bytes[..<length], as: UTF8.self), let first = text.first
    else { return (nil, 1) }
    return (.character(first), length)
  }
}
