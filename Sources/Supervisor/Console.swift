// What a run printed, on disk: readable while it grows, bounded whatever the run prints.

import Core

/// Appends a run's output to `console.log`, and to `segments` whose it was and where it is.
///
/// A job may add `headLimitBytes`; of what comes after that only the last `tailLimitBytes` are kept
/// and written at the end, after a line that says how much is missing. A disk that is full loses
/// output, never the run.
struct Console: ~Copyable {
  /// A whole run's log is a few MiB; this is for one that runs wild.
  static let headLimitBytes = 64 << 20
  static let tailLimitBytes = 64 << 10

  private let log: AppendFile
  private let segments: AppendFile
  private let headLimit: Int
  private let tailLimit: Int
  /// Where the next byte goes.
  private var offset: Int
  private(set) var writtenBytes = 0
  private(set) var cutBytes = 0
  private var isFull = false
  private var tail: [(stream: OutputStream, bytes: [UInt8])] = []
  private var tailBytes = 0

  init(
    log: String, segments: String, headLimitBytes: Int = Console.headLimitBytes,
    tailLimitBytes: Int = Console.tailLimitBytes
  ) throws(FileError) {
    let logFile = try AppendFile(log)
    let segmentsFile = try AppendFile(segments)
    offset = try logFile.size()
    self.log = logFile
    self.segments = segmentsFile
    headLimit = headLimitBytes
    tailLimit = tailLimitBytes
  }

  mutating func append(_ stream: OutputStream, _ bytes: [UInt8]) {
    guard !isFull else { return keepTail(stream, bytes) }
    let room = headLimit - writtenBytes
    if bytes.count <= room { return write(stream, bytes) }
    isFull = true
    write(stream, Array(bytes.prefix(room)))
    keepTail(stream, Array(bytes.dropFirst(room)))
  }

  /// Writes what was kept of the end.
  mutating func finish() {
    guard isFull else { return }
    if cutBytes > 0 {
      let notice = "\n[agentv: \(cutBytes) bytes of output left out here]\n"
      write(.stderr, Array(notice.utf8))
    }
    for (stream, bytes) in tail { write(stream, bytes) }
    tail = []
  }

  private mutating func keepTail(_ stream: OutputStream, _ bytes: [UInt8]) {
    tail.append((stream, bytes.suffix(tailLimit)))
    cutBytes += bytes.count - min(bytes.count, tailLimit)
    tailBytes += min(bytes.count, tailLimit)
    while tailBytes > tailLimit, let first = tail.first {
      let surplus = tailBytes - tailLimit
      if first.bytes.count <= surplus {
        tail.removeFirst()
      } else {
        tail[0].bytes.removeFirst(surplus)
      }
      let gone = min(first.bytes.count, surplus)
      cutBytes += gone
      tailBytes -= gone
    }
  }

  private mutating func write(_ stream: OutputStream, _ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    do throws(FileError) {
      try log.append(bytes)
      let letter = stream == .stdout ? "o" : "e"
      // After the log: a reader that sees the segment finds its bytes.
      try? segments.append(Array("\(letter) \(offset) \(bytes.count)\n".utf8))
      offset += bytes.count
      writtenBytes += bytes.count
    } catch {
      // A part of it may be in the file; the next segment starts after that.
      cutBytes += bytes.count
      offset = (try? log.size()) ?? offset
    }
  }
}
