/// Resolution of plain scalars by the YAML 1.2 core schema (YAML 1.2.2, section 10.3.2).
///
/// `yes`, `on`, `0777`, `1_000` and dates are strings there, which is why Yams' YAML 1.1 rules are
/// not used.
enum YAMLScalar {
  /// The value of a plain, untagged scalar.
  static func resolve(_ text: String) -> SourceNode.Value {
    guard let first = text.utf8.first else { return .null }
    switch first {
    case 0x7E, 0x6E, 0x4E:  // ~ n N
      if text == "~" || text == "null" || text == "Null" || text == "NULL" { return .null }
    case 0x74, 0x54:  // t T
      if text == "true" || text == "True" || text == "TRUE" { return .bool(true) }
    case 0x66, 0x46:  // f F
      if text == "false" || text == "False" || text == "FALSE" { return .bool(false) }
    case 0x30...0x39, 0x2B, 0x2D, 0x2E:  // digits + - .
      if let number = number(text) { return number }
    default: break
    }
    return .string(text)
  }

  private static func number(_ text: String) -> SourceNode.Value? {
    let bytes = Array(text.utf8)
    if bytes.count > 2, bytes[0] == 0x30, bytes[1] == 0x6F || bytes[1] == 0x78 {
      guard bytes[2] != 0x2B, bytes[2] != 0x2D else { return nil }
      return Int(text.dropFirst(2), radix: bytes[1] == 0x6F ? 8 : 16).map { .int($0) }
    }
    var index = bytes[0] == 0x2B || bytes[0] == 0x2D ? 1 : 0
    let sign = index == 1 && bytes[0] == 0x2D ? -1.0 : 1.0
    switch String(decoding: bytes[index...], as: UTF8.self) {
    case ".inf", ".Inf", ".INF": return .double(sign * .infinity)
    case ".nan", ".NaN", ".NAN": return index == 0 ? .double(Double.nan) : nil
    default: break
    }
    func digits() -> Int {
      let start = index
      while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
      return index - start
    }
    let whole = digits()
    var isInteger = true
    var fraction = 0
    if index < bytes.count, bytes[index] == 0x2E {
      isInteger = false
      index += 1
      fraction = digits()
    }
    guard whole > 0 || fraction > 0 else { return nil }
    if index < bytes.count, bytes[index] == 0x65 || bytes[index] == 0x45 {
      isInteger = false
      index += 1
      if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
      guard digits() > 0 else { return nil }
    }
    guard index == bytes.count else { return nil }
    if isInteger, let value = Int(text) { return .int(value) }
    var decimal = text.hasSuffix(".") ? text + "0" : text
    if let dot = decimal.firstIndex(of: "."),
      decimal[dot...].dropFirst().first.map(isExponent) == true
    {
      decimal.insert("0", at: decimal.index(after: dot))
    }
    return Double(decimal).map { .double($0) }
  }

  private static func isExponent(_ character: Character) -> Bool {
    character == "e" || character == "E"
  }
}
