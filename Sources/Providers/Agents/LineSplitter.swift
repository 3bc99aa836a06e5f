// Lines out of chunks: an agent's event may come in pieces, and several in one.

import Core

/// Cuts a stream of bytes into lines.
struct LineSplitter: Sendable {
  /// A longer line is no event of any agent; what is above is dropped.
  static let limitBytes = 64 << 20

  private var rest: [UInt8] = []
  private(set) var droppedBytes = 0

  /// Takes a chunk.
  /// - Returns: the lines that it completes, without their ends.
  mutating func append(_ bytes: [UInt8]) -> [[UInt8]] {
    guard let last = bytes.lastIndex(of: 0x0A) else {
      keep(bytes[...])
      return []
    }
    var lines: [[UInt8]] = []
    for part in bytes[..<last].split(separator: 0x0A, omittingEmptySubsequences: false) {
      keep(part)
      lines.append(take())
    }
    keep(bytes[(last + 1)...])
    return lines.filter { !$0.isEmpty }
  }

  /// What came after the last line end.
  mutating func end() -> [UInt8]? {
    let line = take()
    return line.isEmpty ? nil : line
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    let room = Self.limitBytes - rest.count
    rest += bytes.prefix(max(0, room))
    droppedBytes += max(0, bytes.count - max(0, room))
  }

  private mutating func take() -> [UInt8] {
    defer { rest = [] }
    return rest.last == 0x0D ? rest.dropLast() : rest
  }
}
