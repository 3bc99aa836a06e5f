// Rows of an earlier run that a new one takes over, with the artifacts they point to.

import Core
import RunArtifacts

/// The rows that `--retry-errors` keeps.
enum RetriedRows {
  /// Copies every row that counts and is no execution error into a new run.
  /// - Returns: how many rows were taken over.
  /// - Throws: `FileError` when the new run cannot be written.
  static func copy(
    _ earlier: EarlierRows, from old: RunDirectory, to writer: RunWriter
  ) async throws(FileError) -> Int {
    let stream = RowStream(path: old.file(RunFile.index))
    var wanted = earlier.ledger.rowNumbers { $0 != .executionError }[...]
    var spans: [LineSpan] = []
    var number = 0
    try stream.forEach { _, span in
      if wanted.first == number {
        spans.append(span)
        wanted.removeFirst()
      }
      number += 1
    }
    for span in spans {
      guard let row = try stream.row(at: span) else { continue }
      for path in Set(
        [row.gradingPath, row.timingPath, row.inputPath, row.outputPath, row.responsePath]
          .compactMap(\.self))
      {
        try copyArtifact(path, from: old.path, to: writer.directory.path)
      }
      try await writer.submit(row, line: row.line)
    }
    try await writer.flush()
    return spans.count
  }

  /// Copies one file of a run; a file that is missing, or outside of the run, is left out.
  private static func copyArtifact(
    _ path: String, from old: String, to new: String
  ) throws(FileError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }),
      let root = FileIO.realPath(old), let real = FileIO.realPath(Path.join(root, path)),
      Path.isInside(real, root), let bytes = try? FileIO.read(real)
    else { return }
    let target = Path.join(new, path)
    try FileIO.createDirectories(Path.directory(target))
    try FileIO.write(target, bytes)
  }
}
