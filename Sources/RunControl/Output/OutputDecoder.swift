// Text of one output stream from chunks that may cut a character in two. Pure.

public import Core

/// A piece of a run's output as the `output` event tells it.
public struct OutputText: Sendable, Hashable {
  /// Where it came from.
  public var stream: OutputStreamName
  /// Place of its first byte in console.log.
  public var offset: Int
  /// Place behind its last byte.
  public var end: Int
  /// UTF-8 made valid; control sequences of terminals are kept.
  public var text: String
  /// Bytes of the log left out before it because there was too much of it.
  public var skippedBytes: Int

  /// The data of the `output` event.
  public var json: JSON {
    var object: JSONObject = [
      "stream": .string(stream.rawValue), "offset": .int(offset), "end": .int(end),
      "text": .string(text),
    ]
    if skippedBytes > 0 { object["skipped_bytes"] = .int(skippedBytes) }
    return .object(object)
  }
}

/// Decodes the chunks of one stream and keeps its tail.
public struct OutputDecoder: Sendable {
  /// The stream.
  public let stream: OutputStreamName
  /// Characters kept for snapshots and for the status route, in UTF-16 units as that route counts.
  public let tailLimit: Int
  private(set) var tail = ""
  private var carried: [UInt8] = []
  /// Bytes at the end that do not make a character yet.
  public var carriedBytes: Int { carried.count }

  /// A decoder at the beginning of a stream.
  public init(stream: OutputStreamName, tailLimit: Int) {
    self.stream = stream
    self.tailLimit = tailLimit
  }

  /// Decodes a chunk; `nil` when it completes no character.
  public mutating func decode(_ bytes: [UInt8], offset: Int, skippedBytes: Int = 0) -> OutputText? {
    // Behind a gap the rest of a cut character can never come.
    var whole = skippedBytes > 0 ? bytes : carried + bytes
    let start = skippedBytes > 0 ? offset : offset - carried.count
    let cut = Self.incompleteSuffix(whole)
    carried = Array(whole.suffix(cut))
    whole.removeLast(cut)
    guard !whole.isEmpty || skippedBytes > 0 else { return nil }
    let text = String(decoding: whole, as: UTF8.self)
    keep(text)
    return OutputText(
      stream: stream, offset: max(0, start), end: offset + bytes.count - cut, text: text,
      skippedBytes: skippedBytes)
  }

  /// What a cut character at the very end comes to.
  public mutating func finish(at offset: Int) -> OutputText? {
    guard !carried.isEmpty else { return nil }
    let text = String(decoding: carried, as: UTF8.self)
    let start = max(0, offset - carried.count)
    carried = []
    keep(text)
    return OutputText(stream: stream, offset: start, end: offset, text: text, skippedBytes: 0)
  }

  private mutating func keep(_ text: String) {
    tail += text
    // Cut rarely: each cut copies the tail.
    if tail.utf16.count > 2 * tailLimit { tail = Self.last(tailLimit, of: tail) }
  }

  /// The last characters of the stream.
  public var visibleTail: String { Self.last(tailLimit, of: tail) }

  /// The end of a text, at most so many UTF-16 units of it.
  public static func last(_ limit: Int, of text: String) -> String {
    let count = text.utf16.count
    guard count > limit else { return text }
    let start = text.utf16.index(text.utf16.startIndex, offsetBy: count - limit)
    // A cut inside a surrogate pair moves to the next whole character.
    return String(text[(start.samePosition(in: text) ?? text.utf16.index(after: start))...])
  }

  /// Length of an unfinished character at the end (Unicode 16, table 3-7).
  static func incompleteSuffix(_ bytes: [UInt8]) -> Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte & 0xC0 == 0x80 { continue }
      let length = byte >= 0xF0 && byte < 0xF5 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
      return byte < 0xF5 && length > back ? back : 0
    }
    return 0
  }
}
