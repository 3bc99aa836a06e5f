// Reads what a live run has added to its files since the last look. Blocking: lives on a worker.

import Core
import RunArtifacts

/// What is new in a run directory.
struct RunChanges: Sendable {
  var rows: [RowEvent] = []
  /// Place in the index up to which rows were read.
  var rowsEnd = 0
  var events: [RunEvent] = []
  /// The index was cut or replaced: `rows` starts from its beginning again.
  var isReset = false
  /// The events were started anew: nothing told before is under way any more.
  var eventsAreReset = false
  /// run.json, when it changed.
  var record: RunRecord?
  /// Planned executions, when known and changed.
  var planned: Int?
  /// There is more than one look reads.
  var hasMore = false

  var isEmpty: Bool {
    rows.isEmpty && events.isEmpty && !isReset && !eventsAreReset && record == nil && planned == nil
  }
}

/// Where the last look at a run's files ended.
struct RunTail: Sendable {
  /// Read from one file in one look; more is left for the next, so that others get their turn.
  static let stepBytes = 1 << 20
  /// A longer line is passed over.
  static let maximumLineBytes = 64 << 20

  let directory: RunDirectory
  private var index = LineTail()
  private var events = LineTail()
  private var recordStatus: FileStatus?
  private var benchmarkStatus: FileStatus?

  private let keepsRows: Bool

  init(_ directory: RunDirectory, keepsRows: Bool = false) {
    self.directory = directory
    self.keepsRows = keepsRows
  }

  /// Reads what is new, at most `stepBytes` of each file.
  mutating func read() -> RunChanges {
    var changes = RunChanges()
    let newRows = index.read(directory.file(RunFile.index))
    changes.rows = newRows.lines.compactMap { line in
      ResultRow(json: line.json).map { RowEvent($0, keepsRow: keepsRows, end: line.end) }
    }
    changes.rowsEnd = index.offset
    changes.isReset = newRows.isReset
    let newEvents = events.read(directory.file(RunFile.events))
    changes.events = newEvents.lines.compactMap { RunEvent(json: $0.json) }
    changes.eventsAreReset = newEvents.isReset
    changes.hasMore = newRows.hasMore || newEvents.hasMore

    let record = FileIO.status(directory.file(RunFile.record))
    if let record, record != recordStatus {
      recordStatus = record
      changes.record = directory.record()
      changes.planned = changes.record?.plannedTestCount
    }
    let benchmark = FileIO.status(directory.file(RunFile.benchmark))
    if let benchmark, benchmark != benchmarkStatus {
      benchmarkStatus = benchmark
      let metadata = directory.json(RunFile.benchmark)?["metadata"]
      changes.planned = metadata?["planned_test_count"]?.int ?? changes.planned
    }
    return changes
  }
}

/// Whole lines of a growing file of JSON lines.
private struct LineTail: Sendable {
  struct Line {
    var json: JSON
    /// Place in the file behind it.
    var end: Int
  }

  /// Behind the last whole line.
  private(set) var offset = 0

  mutating func read(_ path: String) -> (lines: [Line], isReset: Bool, hasMore: Bool) {
    let size = FileIO.status(path)?.size ?? 0
    // A writer that resumes cuts off a torn last line, which was never taken; a smaller file is
    // another one.
    let isReset = size < offset
    if isReset { offset = 0 }
    guard size > offset else { return ([], isReset, false) }
    var step = RunTail.stepBytes
    while true {
      guard let bytes = try? FileIO.read(path, offset: offset, count: step) else {
        return ([], isReset, false)
      }
      if let last = bytes.lastIndex(of: 0x0A) {
        let start = offset
        offset += last + 1
        let lines = bytes[..<last].split(separator: 0x0A).compactMap { line in
          (try? JSON.parse(line)).map { Line(json: $0, end: start + line.endIndex + 1) }
        }
        return (lines, isReset, offset < size && bytes.count == step)
      }
      guard bytes.count == step else { return ([], isReset, false) }
      if step >= RunTail.maximumLineBytes { offset += step }
      step = min(step * 4, RunTail.maximumLineBytes)
    }
  }
}
