// Reads the output of a run from console.log, piece by piece, with the holder's index of whose it is.
// Blocking: lives on a worker.

import Core
public import RunArtifacts

/// A piece of a run's output.
public struct LogPiece: Sendable, Hashable {
  /// Where it came from.
  public var stream: OutputStreamName
  /// Place of its first byte in console.log.
  public var offset: Int
  /// The bytes.
  public var bytes: [UInt8]
}

/// Where the reading of a run's output is.
public struct LogTail: Sendable {
  /// Handed out at one look.
  public static let stepBytes = 1 << 20

  private let directory: RunDirectory
  /// The only job whose output is wanted; `nil` for all of the run.
  private let jobID: String?
  private let streams: Set<OutputStreamName>
  /// Place in each job's `segments`.
  private var read: [String: Int] = [:]
  /// What is to be handed out.
  private var pending: [OutputSegment] = []

  /// The output of a run from its beginning.
  /// - Parameters:
  ///   - directory: the run.
  ///   - jobID: only what this job printed; `nil` for all jobs.
  ///   - streams: which of the two outputs.
  public init(_ directory: RunDirectory, jobID: String?, streams: Set<OutputStreamName>) {
    self.directory = directory
    self.jobID = jobID
    self.streams = streams
  }

  /// Whether the run has output on disk: only what a holder holds is kept.
  public var exists: Bool { FileIO.isFile(directory.file(RunFile.console)) }

  /// The next pieces in the order in which they were printed; none when there is nothing new.
  public mutating func next() -> [LogPiece] {
    refill()
    var pieces: [LogPiece] = []
    var room = Self.stepBytes
    while room > 0, var segment = pending.first {
      pending.removeFirst()
      if segment.length > room {
        var rest = segment
        rest.offset += room
        rest.length -= room
        pending.insert(rest, at: 0)
        segment.length = room
      }
      room -= segment.length
      guard let bytes = bytes(of: segment), !bytes.isEmpty else { continue }
      pieces.append(LogPiece(stream: segment.stream, offset: segment.offset, bytes: bytes))
    }
    return pieces
  }

  /// Passes over everything but the last lines.
  /// - Parameter lines: how many; a last one without newline counts.
  public mutating func skip(toLast lines: Int) {
    refill()
    var kept: [OutputSegment] = []
    // The newline at the very end closes the last line, so one more is counted.
    var missing = lines + 1
    var isEnd = true
    while missing > 0, let segment = pending.popLast() {
      guard let bytes = bytes(of: segment) else { continue }
      if isEnd, let last = bytes.last {
        isEnd = false
        if last != 0x0A { missing -= 1 }
        if lines == 0 { break }
      }
      var start = bytes.endIndex
      while start > 0 {
        if bytes[start - 1] == 0x0A {
          missing -= 1
          if missing == 0 { break }
        }
        start -= 1
      }
      var part = segment
      part.offset += start
      part.length = bytes.count - start
      if part.length > 0 { kept.append(part) }
    }
    pending = kept.reversed()
  }

  private func bytes(of segment: OutputSegment) -> [UInt8]? {
    try? FileIO.read(
      directory.file(RunFile.console), offset: segment.offset, count: segment.length)
  }

  private mutating func refill() {
    let root = directory.file(RunFile.jobs)
    let jobs = jobID.map { [$0] } ?? ((try? FileIO.list(root)) ?? [])
    var new: [OutputSegment] = []
    for job in jobs {
      let path = Path.join(root, "\(job)/segments")
      let start = read[job, default: 0]
      let size = FileIO.status(path)?.size ?? 0
      guard size > start,
        let bytes = try? FileIO.read(path, offset: start, count: size - start)
      else { continue }
      let (segments, consumed) = OutputSegments.parse(bytes)
      read[job] = start + consumed
      new += segments.filter { streams.contains($0.stream) }
    }
    pending += new.sorted { $0.offset < $1.offset }
  }
}
