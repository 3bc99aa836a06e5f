// Reads what a run's holder has added to console.log since the last look. Blocking: lives on a
// worker.

import Core
import RunControl

/// Bytes of one stream.
struct OutputPiece: Sendable, Hashable {
  var stream: OutputStreamName
  var offset: Int
  var bytes: [UInt8]
  /// Bytes left out before it.
  var skippedBytes: Int
}

/// Where the last look at a job's output ended.
struct OutputTail: Sendable {
  /// Handed out at one look.
  ///
  /// Of more than this the newest part is taken and the rest is left to
  /// readers of the file: a flood must not fill the streams of every browser.
  static let stepBytes = 64 << 10
  /// Read of the index of segments at one look: a line takes about 16 bytes.
  static let segmentStepBytes = 64 << 10

  /// `segments` in the job's directory, written by the holder after the bytes it tells of.
  let segmentsPath: String
  let consolePath: String
  private var offset = 0

  init(segmentsPath: String, consolePath: String) {
    self.segmentsPath = segmentsPath
    self.consolePath = consolePath
  }

  /// Reads what is new.
  mutating func read() -> [OutputPiece] {
    var segments: [OutputSegment] = []
    while let bytes = try? FileIO.read(
      segmentsPath, offset: offset, count: Self.segmentStepBytes), !bytes.isEmpty
    {
      let (parsed, consumed) = OutputSegments.parse(bytes)
      segments += parsed
      offset += consumed
      if consumed == 0 || bytes.count < Self.segmentStepBytes { break }
    }
    var (kept, skipped) = OutputSegments.newest(segments, limit: Self.stepBytes)
    var pieces: [OutputPiece] = []
    for segment in kept {
      guard
        let bytes = try? FileIO.read(
          consolePath, offset: segment.offset, count: segment.length), !bytes.isEmpty
      else { continue }
      pieces.append(
        OutputPiece(
          stream: segment.stream, offset: segment.offset, bytes: bytes,
          skippedBytes: skipped.removeValue(forKey: segment.stream) ?? 0))
    }
    return pieces
  }
}
