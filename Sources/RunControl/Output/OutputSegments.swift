// The holder's index of console.log: which bytes came from which stream. Pure.

/// One of the two outputs of a run.
public enum OutputStreamName: String, Sendable, Hashable, CaseIterable {
  /// Descriptor 1.
  case stdout
  /// Descriptor 2.
  case stderr
}

/// A run of bytes of console.log from one stream.
public struct OutputSegment: Sendable, Hashable {
  /// Where the bytes came from.
  public var stream: OutputStreamName
  /// Place of the first byte in console.log.
  public var offset: Int
  /// Number of bytes.
  public var length: Int

  /// A segment.
  public init(stream: OutputStreamName, offset: Int, length: Int) {
    self.stream = stream
    self.offset = offset
    self.length = length
  }
}

/// The reading of `segments` files.
public enum OutputSegments {
  /// Whole lines of a `segments` file, and how many bytes they took; a torn last line stays for the
  /// next time and a line that means nothing is passed over.
  public static func parse(_ bytes: [UInt8]) -> (segments: [OutputSegment], consumed: Int) {
    guard let last = bytes.lastIndex(of: 0x0A) else { return ([], 0) }
    var segments: [OutputSegment] = []
    for line in bytes[..<last].split(separator: 0x0A) {
      let parts = line.split(separator: 0x20)
      guard parts.count == 3, let offset = number(parts[1]), let length = number(parts[2]),
        length > 0, let kind = parts[0].first
      else { continue }
      let stream: OutputStreamName = kind == UInt8(ascii: "e") ? .stderr : .stdout
      // Neighbours of one stream are one piece: fewer reads, fewer events.
      if let previous = segments.last, previous.stream == stream,
        previous.offset + previous.length == offset
      {
        segments[segments.count - 1].length += length
      } else {
        segments.append(OutputSegment(stream: stream, offset: offset, length: length))
      }
    }
    return (segments, last + 1)
  }

  /// The newest segments that together hold at most `limit` bytes, and what is left out before them.
  ///
  /// The oldest one kept is cut at its front; the bytes left out are counted for each stream.
  public static func newest(
    _ segments: [OutputSegment], limit: Int
  ) -> (kept: [OutputSegment], skipped: [OutputStreamName: Int]) {
    var room = limit
    var kept: [OutputSegment] = []
    var skipped: [OutputStreamName: Int] = [:]
    for var segment in segments.reversed() {
      let cut = max(0, segment.length - room)
      if cut > 0 { skipped[segment.stream, default: 0] += cut }
      segment.offset += cut
      segment.length -= cut
      room -= segment.length
      if segment.length > 0 { kept.append(segment) }
    }
    return (kept.reversed(), skipped)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    Int(String(decoding: digits, as: UTF8.self))
  }
}
