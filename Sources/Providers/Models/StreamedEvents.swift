// Server-sent events of an answer (WHATWG HTML, 9.2.6), as far as the APIs of models use them.

import Core

/// Cuts a stream into the data of its events.
struct StreamedEvents: Sendable {
  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var endedInReturn = false
  /// Whether a line was taken: a byte order mark counts before the first one only.
  private var hasBegun = false

  init() {}

  /// Takes bytes.
  /// - Returns: the data of the events that they complete.
  mutating func take(_ bytes: [UInt8]) -> [[UInt8]] {
    var events: [[UInt8]] = []
    for byte in bytes {
      let isPair = endedInReturn && byte == 0x0A
      endedInReturn = byte == 0x0D
      if isPair { continue }
      guard byte == 0x0A || byte == 0x0D else {
        line.append(byte)
        continue
      }
      if line.isEmpty {
        hasBegun = true
        if let event = finish() { events.append(event) }
      } else {
        takeLine()
      }
    }
    return events
  }

  /// The last event of a stream that ends without a blank line, if there is one.
  mutating func finish() -> [UInt8]? {
    if !line.isEmpty { takeLine() }
    guard hasData else { return nil }
    defer {
      data.removeAll(keepingCapacity: true)
      hasData = false
    }
    return data
  }

  private mutating func takeLine() {
    if !hasBegun, line.starts(with: Self.byteOrderMark) { line.removeFirst(3) }
    hasBegun = true
    defer { line.removeAll(keepingCapacity: true) }
    // Only data counts: what an event is stands in its JSON as well.
    guard line.starts(with: Array("data:".utf8)) || line == Array("data".utf8) else { return }
    if hasData { data.append(0x0A) }
    hasData = true
    var value = line.dropFirst(5)
    if value.first == 0x20 { value = value.dropFirst() }
    data.append(contentsOf: value)
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
