// A part of a run's output, exactly: what a client has missed. Blocking: lives on a worker.

import Core
import RunControl

struct OutputRange: Sendable {
  /// More than this is not replayed; a snapshot has the newest part.
  static let limitBytes = 1 << 20

  let segmentsPath: String
  let consolePath: String
  /// Of each stream the places in console.log between which its bytes are wanted.
  var places: [OutputStreamName: Range<Int>]
  /// Of each stream the bytes at the end that do not make a character yet.
  var carriedBytes: [OutputStreamName: Int]

  /// The texts, stream by stream; `nil` when there are too many or the files cannot be read.
  func read() -> [OutputText]? {
    guard places.values.contains(where: { !$0.isEmpty }) else { return [] }
    var wanted: [OutputStreamName: [OutputSegment]] = [:]
    var total = 0
    var offset = 0
    while let bytes = try? FileIO.read(
      segmentsPath, offset: offset, count: OutputTail.segmentStepBytes), !bytes.isEmpty
    {
      let (segments, consumed) = OutputSegments.parse(bytes)
      for segment in segments {
        guard let place = places[segment.stream] else { continue }
        let start = max(segment.offset, place.lowerBound)
        let end = min(segment.offset + segment.length, place.upperBound)
        guard start < end else { continue }
        wanted[segment.stream, default: []].append(
          OutputSegment(stream: segment.stream, offset: start, length: end - start))
        total += end - start
      }
      offset += consumed
      if consumed == 0 || total > Self.limitBytes { break }
    }
    guard total <= Self.limitBytes else { return nil }
    var texts: [OutputText] = []
    for stream in OutputStreamName.allCases {
      guard let found = read(wanted[stream] ?? [], of: stream) else { return nil }
      texts += found
    }
    return texts
  }

  private func read(_ segments: [OutputSegment], of stream: OutputStreamName) -> [OutputText]? {
    var decoder = OutputDecoder(stream: stream, tailLimit: 0)
    var left = segments.reduce(0) { $0 + $1.length } - (carriedBytes[stream] ?? 0)
    var texts: [OutputText] = []
    for segment in segments where left > 0 {
      // What the server carries on is told with what completes it.
      let length = min(segment.length, left)
      left -= length
      guard
        let bytes = try? FileIO.read(consolePath, offset: segment.offset, count: length),
        bytes.count == length
      else { return nil }
      guard var text = decoder.decode(bytes, offset: segment.offset) else { continue }
      while text.text.utf8.count > OutputFollower.eventBytes {
        let (head, rest) = text.split(at: OutputFollower.eventBytes)
        texts.append(head)
        text = rest
      }
      texts.append(text)
    }
    // Only when the run has ended in the middle of a character.
    if let last = segments.last, let text = decoder.finish(at: last.offset + last.length) {
      texts.append(text)
    }
    return texts
  }
}
