// Serialises JSON values: compact for rows and events, indented by two for files people open.

extension JSON {
  /// The value as one line of UTF-8 without spaces between tokens.
  public func serialized() -> [UInt8] {
    var writer = JSONWriter(pretty: false)
    writer.write(self, indent: 0)
    return writer.bytes
  }

  /// Appends the value as one line, as `serialized` gives it.
  public func append(to bytes: inout [UInt8]) {
    var writer = JSONWriter(pretty: false)
    swap(&writer.bytes, &bytes)
    writer.write(self, indent: 0)
    swap(&writer.bytes, &bytes)
  }

  /// The value indented by two spaces, without a final newline.
  public func pretty() -> [UInt8] {
    var writer = JSONWriter(pretty: true)
    writer.write(self, indent: 0)
    return writer.bytes
  }

  /// The compact form as a string.
  public var text: String { String(decoding: serialized(), as: UTF8.self) }
  /// The indented form as a string.
  public var prettyText: String { String(decoding: pretty(), as: UTF8.self) }
}

private struct JSONWriter {
  let pretty: Bool
  var bytes: [UInt8] = []

  mutating func write(_ value: JSON, indent: Int) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    case .int(let number): bytes.append(contentsOf: String(number).utf8)
    case .double(let number): bytes.append(contentsOf: Self.number(number).utf8)
    case .string(let text): string(text)
    case .array(let elements):
      container("[", "]", isEmpty: elements.isEmpty, indent: indent) { writer in
        for (index, element) in elements.enumerated() {
          writer.separator(first: index == 0, indent: indent + 1)
          writer.write(element, indent: indent + 1)
        }
      }
    case .object(let object):
      container("{", "}", isEmpty: object.isEmpty, indent: indent) { writer in
        for (index, member) in object.members.enumerated() {
          writer.separator(first: index == 0, indent: indent + 1)
          writer.string(member.name)
          writer.bytes.append(contentsOf: (writer.pretty ? ": " : ":").utf8)
          writer.write(member.value, indent: indent + 1)
        }
      }
    }
  }

  private mutating func container(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, isEmpty: Bool, indent: Int,
    _ content: (inout JSONWriter) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    content(&self)
    if pretty, !isEmpty { newline(indent) }
    bytes.append(UInt8(ascii: close))
  }

  private mutating func separator(first: Bool, indent: Int) {
    if !first { bytes.append(UInt8(ascii: ",")) }
    if pretty { newline(indent) }
  }

  private mutating func newline(_ indent: Int) {
    bytes.append(0x0A)
    for _ in 0..<indent * 2 { bytes.append(0x20) }
  }

  /// A number as JSON text.
  ///
  /// JSON has no NaN or infinity; like JavaScript, they are written as `null`. Whole numbers are
  /// written without `.0`, so a score of 1 reads `1` as upstream writes it.
  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value.rounded() == value, abs(value) < 1e15 { return String(Int(value)) }
    return value.description
  }

  private mutating func string(_ text: String) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { buffer in
      var start = 0
      for index in 0..<buffer.count {
        let byte = buffer[index]
        if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
        bytes.append(contentsOf: buffer[start..<index])
        start = index + 1
        escape(byte)
      }
      bytes.append(contentsOf: buffer[start..<buffer.count])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    default:
      let digits = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    }
  }
}
