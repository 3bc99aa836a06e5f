// The one writer of a run directory. Rows of tests that finish together share one fdatasync, and
// none is announced before it is on the disk.

public import Core

/// Writes a run: rows, events, summaries.
public actor RunWriter {
  /// The run.
  public nonisolated let directory: RunDirectory
  /// Rows that were in the index when it was opened, attempts included.
  public nonisolated let existing: [ResultRow]

  private typealias Pending = (
    row: ResultRow, line: [UInt8], continuation: CheckedContinuation<FileError?, Never>?
  )

  private nonisolated let disk: RunDisk
  private let onCommit: @Sendable ([ResultRow]) -> Void
  private var effective: EffectiveRows
  private var pending: [Pending] = []
  private var isCommitting = false
  private var failure: FileError?

  init(
    directory: RunDirectory, disk: RunDisk, existing: [ResultRow],
    onCommit: @escaping @Sendable ([ResultRow]) -> Void
  ) {
    self.directory = directory
    self.disk = disk
    self.existing = existing
    self.onCommit = onCommit
    effective = EffectiveRows(existing.map(\.slim))
  }

  /// Writes the row of a finished test and returns when it is durable and was announced.
  ///
  /// Rows that come while another one is being synced share the next sync.
  /// - Throws: `FileError` when this row or an earlier one could not be written: the run has to end.
  public func submit(_ row: ResultRow, line: [UInt8]) async throws(FileError) {
    if let failure { throw failure }
    let error = await withCheckedContinuation { continuation in
      pending.append((row, line, continuation))
      startCommitting()
    }
    if let error { throw error }
  }

  /// Writes many rows in their order and returns when all are durable.
  /// - Throws: `FileError` when one could not be written; those before it are kept.
  public func submit(_ rows: [ResultRow]) async throws(FileError) {
    guard let last = rows.last else { return }
    if let failure { throw failure }
    let error = await withCheckedContinuation { continuation in
      for row in rows.dropLast() { pending.append((row, row.line, nil)) }
      pending.append((last, last.line, continuation))
      startCommitting()
    }
    if let error { throw error }
  }

  /// Notes that a test started or was given back, for whoever watches the run.
  public nonisolated func note(_ event: RunEvent) {
    disk.note(event.json.serialized() + [0x0A])
  }

  /// The rows that count, old and new, without what no summary needs.
  public var rows: [ResultRow] { effective.rows }

  /// Replaces run.json.
  /// - Throws: `FileError`.
  public func write(_ record: RunRecord) async throws(FileError) {
    try await disk.replace(RunFile.record, record.json)
  }

  /// Writes benchmark.json from the rows so far; the stub when there are none.
  /// - Throws: `FileError`.
  public func writeBenchmark(_ heading: RunSummary.Heading, now: Timestamp) async throws(FileError)
  {
    try await disk.replace(
      RunFile.benchmark, RunSummary.benchmark(heading, rows: effective.rows, now: now))
  }

  /// Writes timing.json from the rows so far.
  /// - Throws: `FileError`.
  public func writeTiming() async throws(FileError) {
    try await disk.replace(RunFile.timing, RunSummary.timing(effective.rows))
  }

  private func startCommitting() {
    guard !isCommitting else { return }
    isCommitting = true
    Task { await commitPending() }
  }

  private func commitPending() async {
    while !pending.isEmpty {
      let batch = pending
      pending = []
      if failure == nil {
        let outcome = await disk.commit(batch.map(\.line))
        failure = outcome.failure
        let durable = batch[..<outcome.durable]
        for entry in durable { effective.add(entry.row.slim) }
        if !durable.isEmpty { onCommit(durable.map(\.row)) }
        for entry in durable { entry.continuation?.resume(returning: nil) }
        for entry in batch[outcome.durable...] { entry.continuation?.resume(returning: failure) }
      } else {
        for entry in batch { entry.continuation?.resume(returning: failure) }
      }
    }
    isCommitting = false
  }
}

extension ResultRow {
  /// The row as a line of the index, newline included.
  public var line: [UInt8] { json.serialized() + [0x0A] }
}
