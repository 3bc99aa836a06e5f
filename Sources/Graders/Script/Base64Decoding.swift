// Images out of messages.

/// Base64 (RFC 4648, section 4), for images out of messages.
enum Base64Decoding {
  /// The bytes; nil for text that is no base64.
  static func decode(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 4 * 3)
    var value: UInt32 = 0
    var bits: UInt32 = 0
    for byte in text.utf8 where byte != 0x3D && byte != 0x0A && byte != 0x0D {
      let six: UInt8
      switch byte {
      case 0x41...0x5A: six = byte - 0x41
      case 0x61...0x7A: six = byte - 0x61 + 26
      case 0x30...0x39: six = byte - 0x30 + 52
      case 0x2B: six = 62
      case 0x2F: six = 63
      default: return nil
      }
      value = value << 6 | UInt32(six)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: value >> bits))
      }
    }
    return bytes
  }
}
