import CShims

/// Compresses a body, whole or as it is made (RFC 1952).
///
/// A value: each piece is compressed by itself into blocks of one stream, so nothing has to be kept in
/// C between two pieces. Uses the processor: not on the loop thread.
public struct Gzip: Sendable {
  /// Bodies below this gain nothing: they fit one packet as they are.
  public static let minimumBytes = 1024
  /// Fast, and still a tenth of JSON's size.
  static let level: Int32 = 1
  /// Compressed in one call; keeps the sizes of C far from their limits.
  static let stepBytes = 1 << 24

  private var crc: UInt32 = 0
  private var size: UInt32 = 0
  private var isStarted = false

  /// A stream that holds nothing yet.
  public init() {}

  /// Whether a request accepts the coding (RFC 9110 §12.5.3).
  /// - Parameter header: its `Accept-Encoding`.
  /// - Returns: whether `gzip`, or any coding, is accepted and not with weight 0.
  public static func isAccepted(_ header: String?) -> Bool {
    guard let header else { return false }
    for part in header.split(separator: ",") {
      let words = part.split(separator: ";")
      guard let name = words.first.map(trimmed)?.lowercased(), name == "gzip" || name == "*" else {
        continue
      }
      let weight = words.dropFirst().map(trimmed).first { $0.lowercased().hasPrefix("q=") }
      return weight.map { Double($0.dropFirst(2)) ?? 0 > 0 } ?? true
    }
    return false
  }

  private static func trimmed(_ text: Substring) -> String {
    String(
      text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  /// A whole body.
  public static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var gzip = Gzip()
    return gzip.add(bytes) + gzip.finish()
  }

  /// The next bytes of the compressed body.
  /// - Parameter bytes: the next bytes of the body.
  /// - Returns: what to send, the header in front of the first.
  public mutating func add(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    if !isStarted {
      isStarted = true
      // No name, no time, unknown system.
      output = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    }
    var start = 0
    while start < bytes.count {
      let count = min(Self.stepBytes, bytes.count - start)
      output += deflate(bytes, start, count)
      start += count
    }
    return output
  }

  private mutating func deflate(_ bytes: [UInt8], _ start: Int, _ count: Int) -> [UInt8] {
    let capacity = agentv_deflate_bound(count)
    size = size &+ UInt32(truncatingIfNeeded: count)
    return bytes.withUnsafeBufferPointer { input in
      guard let base = input.baseAddress?.advanced(by: start) else { return [] }
      crc = agentv_crc32(crc, base, count)
      let blocks = [UInt8](unsafeUninitializedCapacity: capacity) { output, written in
        written = agentv_deflate(base, count, output.baseAddress, capacity, Self.level)
      }
      if !blocks.isEmpty { return blocks }
      // zlib has no memory: stored blocks say the same (RFC 1951 §3.2.4).
      return Self.stored(input[start..<(start + count)])
    }
  }

  private static func stored(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
    var output: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(65535)
      rest = rest.dropFirst(65535)
      let count = UInt16(part.count)
      output += [
        0, UInt8(count & 0xFF), UInt8(count >> 8), UInt8(~count & 0xFF), UInt8(~count >> 8),
      ]
      output += part
    }
    return output
  }

  /// What ends the body.
  public func finish() -> [UInt8] {
    var output: [UInt8] = isStarted ? [] : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    output += [3, 0]  // an empty last block
    for value in [crc, size] {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        output.append(UInt8(value >> shift & 0xFF))
      }
    }
    return output
  }
}
