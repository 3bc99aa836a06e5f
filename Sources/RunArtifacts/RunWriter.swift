// The one writer of a run directory. Rows of tests that finish together share one fdatasync, and
// none is announced before it is on the disk.

public import Core

/// Writes a run: rows, events, summaries.
public actor RunWriter {
  /// Rows that may wait for the disk before `submit` makes its caller wait as well.
  static let maximumPendingRows = 256

  /// The run.
  public nonisolated let directory: RunDirectory
  /// Rows that were in the index when it was opened.
  public nonisolated let existing: EarlierRows

  private nonisolated let disk: RunDisk
  private let onCommit: @Sendable ([ResultRow]) -> Void
  private var effective: RowLedger
  private var pending: [(row: ResultRow, line: [UInt8])] = []
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var isCommitting = false
  private var failure: FileError?

  init(
    directory: RunDirectory, disk: RunDisk, existing: EarlierRows,
    onCommit: @escaping @Sendable ([ResultRow]) -> Void
  ) {
    self.directory = directory
    self.disk = disk
    self.existing = existing
    self.onCommit = onCommit
    effective = existing.ledger
  }

  /// Hands the row of a finished test over.
  ///
  /// Returns once the row is queued, which is at once unless many wait for the disk. It is
  /// announced through `onCommit` when it is durable; rows that come while others are being synced
  /// share the next sync.
  /// - Throws: `FileError` when an earlier row could not be written: the run has to end.
  public func submit(_ row: ResultRow, line: [UInt8]) async throws(FileError) {
    if let failure { throw failure }
    pending.append((row, line))
    startCommitting()
    while pending.count >= Self.maximumPendingRows {
      await withCheckedContinuation { waiting.append($0) }
      if let failure { throw failure }
    }
  }

  /// Waits until every row handed over is durable and announced.
  /// - Throws: `FileError` when one could not be written; those before it are kept.
  public func flush() async throws(FileError) {
    while isCommitting {
      await withCheckedContinuation { waiting.append($0) }
    }
    if let failure { throw failure }
  }

  /// Notes that a test started or was given back, for whoever watches the run.
  public nonisolated func note(_ event: RunEvent) {
    disk.note(event.json.serialized() + [0x0A])
  }

  /// Adds the messages of a finished test to transcript.jsonl.
  /// - Parameters:
  ///   - row: the row of the test.
  ///   - artifacts: its messages.
  public nonisolated func tell(_ row: ResultRow, _ artifacts: TestArtifacts) {
    disk.tell(RunTranscript.lines(row, input: artifacts.input, output: artifacts.output))
  }

  /// Takes the messages of earlier attempts out of transcript.jsonl; after the last test.
  public nonisolated func tidyTranscript() async {
    if existing.count > 0 { await disk.tidyTranscript() }
  }

  /// The rows that count, old and new, without what no summary needs.
  public var rows: RowLedger { effective }

  /// Replaces benchmark.json and run.json, as a run begins.
  /// - Throws: `FileError`.
  public func begin(
    _ record: RunRecord, _ heading: RunSummary.Heading, now: Timestamp
  ) async throws(FileError) {
    let stub = RunSummary.benchmark(heading, rows: effective.rows, now: now)
    try await disk.replace([(RunFile.benchmark, stub), (RunFile.record, record.json)])
  }

  /// Replaces benchmark.json and timing.json by those of the rows so far, and run.json at the last,
  /// which tells that the others are there.
  /// - Throws: `FileError`.
  public func end(
    _ record: RunRecord, _ heading: RunSummary.Heading, now: Timestamp
  ) async throws(FileError) {
    let rows = effective.rows
    try await disk.replace([
      (RunFile.benchmark, RunSummary.benchmark(heading, rows: rows, now: now)),
      (RunFile.timing, RunSummary.timing(rows)), (RunFile.record, record.json),
    ])
  }

  /// Replaces run.json alone: when there is no room for the summaries, there may be for this.
  /// - Throws: `FileError`.
  public func write(_ record: RunRecord) async throws(FileError) {
    try await disk.replace([(RunFile.record, record.json)])
  }

  private func startCommitting() {
    guard !isCommitting else { return }
    isCommitting = true
    Task { await commitPending() }
  }

  private func commitPending() async {
    while !pending.isEmpty, failure == nil {
      let batch = pending
      pending = []
      let outcome = await disk.commit(batch.map(\.line))
      failure = outcome.failure
      let durable = batch[..<outcome.durable].map(\.row)
      for row in durable { effective.add(row) }
      if !durable.isEmpty { onCommit(durable) }
      wake()
    }
    isCommitting = false
    wake()
  }

  private func wake() {
    let resumed = waiting
    waiting = []
    for continuation in resumed { continuation.resume() }
  }
}

extension ResultRow {
  /// The row as a line of the index, newline included.
  public var line: [UInt8] { json.serialized() + [0x0A] }
}
