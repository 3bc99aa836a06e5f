// What was read of large indexes, kept while somebody looks at them: a run that is being written is not
// read from its beginning for each page that opens it.

public import Core
import Synchronization

/// One run as it was last read; `KeptScans` brings it up to date and lends it.
public struct KeptRun: Sendable {
  /// What stands at both ends of the part that was read, to notice that an index was written anew.
  private struct Prints: Sendable, Equatable {
    static let bytes = 4096

    var first: [UInt8]
    var last: [UInt8]

    init?(_ path: String, end: Int) {
      let count = min(Self.bytes, end)
      guard let first = try? FileIO.read(path, offset: 0, count: count),
        let last = try? FileIO.read(path, offset: end - count, count: count),
        first.count == count, last.count == count
      else { return nil }
      self.first = first
      self.last = last
    }
  }

  /// The rows that count.
  public private(set) var scan = IndexScan()
  private(set) var totals = RunTotals()
  private var columns = ResultColumns()
  private var growing = GrowingScan()
  private var replacedCount = 0
  private var status: FileStatus?
  private var prints: Prints?

  init() {}

  /// Number of rows that it holds in memory.
  var count: Int { growing.count }
  /// Bytes of the index that were read for this look.
  private(set) var readBytes = 0

  /// The columns of all rows, serialised (`ResultColumns`).
  public mutating func columnsJSON() -> [UInt8] {
    guard growing.isPlain else { return ResultColumns.json(scan, order: nil) }
    columns.add(scan)
    return columns.json
  }

  /// Reads what came since, or all when it is another index than before.
  mutating func update(_ path: String) throws(FileError) {
    let now = FileIO.status(path)
    if !isContinued(path, now) { self = KeptRun() }
    let begin = growing.wholeBytes
    // Alone, so that its rows grow in place.
    scan = IndexScan()
    do {
      try growing.extend(path)
    } catch {
      self = KeptRun()
      throw error
    }
    let after = FileIO.status(path)
    if after?.inode != now?.inode {
      // Replaced meanwhile: what was read may be of both.
      self = KeptRun()
      try growing.extend(path)
    } else {
      status = now
      prints = Prints(path, end: growing.wholeBytes)
    }
    scan = growing.finished()
    readBytes = scan.sizeBytes - begin
    if !growing.isPlain || replacedCount != growing.replacedCount {
      replacedCount = growing.replacedCount
      totals = RunTotals()
      columns = ResultColumns()
    }
    totals.add(scan.rows)
  }

  private func isContinued(_ path: String, _ now: FileStatus?) -> Bool {
    guard let status, let now, let prints, status.inode == now.inode,
      now.size >= growing.wholeBytes, now.modifiedNanoseconds >= status.modifiedNanoseconds
    else { return false }
    // The same size at another time: written in place.
    if now.size == status.size, now.modifiedNanoseconds != status.modifiedNanoseconds {
      return false
    }
    return Prints(path, end: growing.wholeBytes) == prints
  }
}

/// Runs that were read for a page, for as long as they are asked for again.
///
/// Blocks; for several workers, of which each run has one at a time.
public final class KeptScans: Sendable {
  /// Smaller indexes are read faster than they are worth keeping, bytes.
  public static let minimumBytes = 1 << 20
  /// Most rows of all kept runs together; a row takes some 500 bytes.
  public static let maximumRows = 300_000
  /// A run that nobody asked for in this time is forgotten.
  public static let keepTime = Duration.seconds(60)

  private final class Entry: Sendable {
    let run = Mutex(KeptRun())
  }

  private struct Place {
    var entry: Entry
    var usedAt: ContinuousClock.Instant
    var rows = 0
  }

  private let places = Mutex<[String: Place]>([:])
  private let maximumRows: Int
  private let minimumBytes: Int

  /// Nothing kept yet.
  /// - Parameters:
  ///   - maximumRows: most rows of all kept runs together.
  ///   - minimumBytes: size from which an index is kept.
  public init(
    maximumRows: Int = KeptScans.maximumRows, minimumBytes: Int = KeptScans.minimumBytes
  ) {
    self.maximumRows = maximumRows
    self.minimumBytes = minimumBytes
  }

  /// Number of runs that are kept.
  public var count: Int { places.withLock { $0.count } }

  /// Whether a run is kept.
  public func holds(_ path: String) -> Bool { places.withLock { $0[path] != nil } }

  /// Lends a run, up to date.
  /// - Parameters:
  ///   - path: its index; a missing one has no rows.
  ///   - body: what is done with it.
  /// - Returns: what that gives.
  /// - Throws: `FileError`.
  public func read<Result>(
    _ path: String, _ body: (inout KeptRun) -> Result
  ) throws(FileError) -> Result {
    guard (FileIO.status(path)?.size ?? 0) >= minimumBytes else {
      places.withLock { $0[path] = nil }
      var run = KeptRun()
      try run.update(path)
      return body(&run)
    }
    let entry = places.withLock { places in
      let entry = places[path]?.entry ?? Entry()
      places[path, default: Place(entry: entry, usedAt: .now)].usedAt = .now
      return entry
    }
    var result: Result?
    var failure: FileError?
    var rows = 0
    entry.run.withLock { run in
      do throws(FileError) {
        try run.update(path)
        rows = run.count
        result = body(&run)
      } catch {
        failure = error
      }
    }
    settle(path, entry, rows: rows)
    guard let result else { throw failure ?? FileError(operation: "read", path: path, code: 5) }
    return result
  }

  /// Forgets the runs that nobody asked for lately.
  /// - Parameter now: the time.
  /// - Returns: whether some are left.
  public func expire(_ now: ContinuousClock.Instant = .now) -> Bool {
    // Given up outside of the lock: a hundred thousand rows take their time.
    let (old, isLeft) = places.withLock { places in
      let old = places.filter { $0.value.usedAt.advanced(by: Self.keepTime) <= now }
      for path in old.keys { places[path] = nil }
      return (old, !places.isEmpty)
    }
    _ = old
    return isLeft
  }

  /// Notes how large a run is, and makes room.
  private func settle(_ path: String, _ entry: Entry, rows: Int) {
    let old = places.withLock { places -> [Place] in
      guard places[path]?.entry === entry else { return [] }
      places[path]?.rows = rows
      var given: [Place] = []
      var total = places.values.reduce(0) { $0 + $1.rows }
      while total > maximumRows, let oldest = places.min(by: { $0.value.usedAt < $1.value.usedAt })
      {
        total -= oldest.value.rows
        given.append(oldest.value)
        places[oldest.key] = nil
      }
      return given
    }
    _ = old
  }
}
