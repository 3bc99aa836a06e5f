// Keeps what became of tests: their files, their rows, and the events for whoever watches.

import Core
import EvalFiles
import RunArtifacts

/// The way of a test's result to the disk.
struct TestRecorder: Sendable {
  let writer: RunWriter
  let layout: ArtifactLayout
  /// Place of each execution in the plan that the layout was made from; `nil` when it is the number
  /// of the test.
  let positions: [TestIdentity: Int]?

  /// Notes that a test started.
  func started(_ test: PlannedTest, _ target: ResolvedTarget) {
    writer.note(RunEvent(.started, test.identity, resolvedTarget: target.name, at: .now()))
  }

  /// Notes that a stop gave a test back.
  func dropped(_ test: PlannedTest, _ target: ResolvedTarget) {
    writer.note(RunEvent(.dropped, test.identity, resolvedTarget: target.name, at: .now()))
  }

  /// Writes the files of a finished test and hands its row over.
  ///
  /// The row may still be on the way to the disk when this returns.
  /// - Throws: `FileError` when nothing more can be kept.
  func keep(
    _ row: ResultRow, _ artifacts: TestArtifacts, of test: PlannedTest
  ) async throws(FileError) {
    var row = row
    try artifacts.write(
      for: &row, at: layout.directory(place(of: test)), in: writer.directory.path)
    writer.tell(row, artifacts)
    try await writer.submit(row, line: row.line)
  }

  private func place(of test: PlannedTest) -> Int {
    guard let positions else { return test.number }
    return positions[test.identity] ?? 0
  }
}
