/// FNV-1a, 64 bits: quick, the same in every process, and no protection against somebody who looks
/// for two texts with one value.
public enum Fingerprint {
  /// The fingerprint of some bytes.
  public static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return value
  }

  /// The fingerprint of a text's UTF-8.
  public static func of(_ text: String) -> UInt64 { of(text.utf8) }
}
