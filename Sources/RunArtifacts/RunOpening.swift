// Opening a run directory for writing: lock, refuse or continue, repair.

import Core

/// How a run directory is opened for writing.
public enum RunOpenMode: Sendable, Hashable {
  /// A new run; a directory that holds one is refused.
  case fresh
  /// A new run in place of the one that is there, whose rows and artifacts are removed.
  case overwrite
  /// The run that is there goes on; a directory without one starts a new run.
  case resume
}

extension RunWriter {
  /// Opens a run directory for writing and takes its lock.
  ///
  /// A torn last line of the index is cut off, one that only lacks its newline is completed, and
  /// temporary files of a killed writer are removed.
  /// Blocks; nothing runs yet at this point.
  /// - Parameters:
  ///   - directory: the run.
  ///   - mode: new, instead of, or going on.
  ///   - onCommit: called with rows that are durable, in the order of the index.
  /// - Returns: the writer, holding the lock for as long as it lives.
  /// - Throws: `RunArtifactsError`.
  public static func open(
    _ directory: RunDirectory, mode: RunOpenMode,
    onCommit: @escaping @Sendable ([ResultRow]) -> Void
  ) throws(RunArtifactsError) -> RunWriter {
    do throws(FileError) {
      try FileIO.createDirectories(directory.path)
    } catch {
      throw RunArtifactsError(.file(error), path: directory.path)
    }
    let lock = try takeLock(directory)
    if mode == .fresh, RunDirectory.holdsRun(directory.path) {
      throw RunArtifactsError(.exists, path: directory.path)
    }
    do throws(FileError) {
      if mode == .overwrite { try clear(directory) }
      // Those of a writer that was killed; the lock says that there is no other one.
      try FileIO.removeUnfinishedReplacements(
        of: [RunFile.benchmark, RunFile.timing, RunFile.record, RunFile.transcript],
        in: directory.path)
      let rows = try repair(directory)
      try FileIO.remove(directory.file(RunFile.events))
      let disk = RunDisk(
        directory: directory, lock: lock, index: try AppendFile(directory.file(RunFile.index)),
        events: try AppendFile(directory.file(RunFile.events)),
        transcript: try AppendFile(directory.file(RunFile.transcript)))
      FileIO.syncDirectory(directory.path)
      return RunWriter(directory: directory, disk: disk, existing: rows, onCommit: onCommit)
    } catch {
      throw RunArtifactsError(.file(error), path: directory.path)
    }
  }

  static func takeLock(
    _ directory: RunDirectory
  ) throws(RunArtifactsError) -> FileLock {
    let path = directory.file(RunFile.lock)
    do throws(FileError) {
      return try FileLock(path)
    } catch {
      // EAGAIN is the only error that means a living writer.
      guard case let holder = FileLock.holder(of: path), holder.isHeld else {
        throw RunArtifactsError(.file(error), path: directory.path)
      }
      throw RunArtifactsError(.busy(pid: holder.pid), path: directory.path)
    }
  }

  /// Removes the rows of a run, the artifacts that they point to, and its summaries.
  private static func clear(_ directory: RunDirectory) throws(FileError) {
    var failure: FileError?
    _ = try? RowStream(path: directory.file(RunFile.index)).forEach { row, _ in
      guard failure == nil, let path = row.gradingPath, !Path.isAbsolute(path) else { return }
      // What an index says is data of whoever wrote it: nothing that is reached by a link or by
      // dots is removed, and never the run's own directory.
      let artifacts = Path.normalize(Path.directory(path))
      guard artifacts != ".", let place = FileIO.resolve(beneath: directory.path, artifacts),
        place.relative.utf8.elementsEqual(artifacts.utf8)
      else { return }
      do throws(FileError) {
        try FileIO.removeTree(Path.join(place.root, place.relative))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    for name in [
      RunFile.index, RunFile.benchmark, RunFile.timing, RunFile.record, RunFile.transcript,
      RunFile.traces,
    ] {
      try FileIO.remove(directory.file(name))
    }
  }

  /// Makes the index end with a complete line and returns its rows.
  private static func repair(_ directory: RunDirectory) throws(FileError) -> EarlierRows {
    let path = directory.file(RunFile.index)
    guard FileIO.exists(path) else { return EarlierRows() }
    let file = try AppendFile(path)
    let size = try file.size()
    let tail = try lastLine(path, size: size)
    if !tail.isEmpty {
      if (try? JSON.parse(tail)).flatMap(ResultRow.init(json:)) == nil {
        try file.truncate(to: size - tail.count)
      } else {
        try file.append([0x0A])
      }
      try file.sync()
    }
    return try EarlierRows(of: directory)
  }

  /// What stands behind the last newline of a file.
  private static func lastLine(_ path: String, size: Int) throws(FileError) -> [UInt8] {
    var tail: [UInt8] = []
    while tail.count < size {
      let count = min(1 << 16, size - tail.count)
      let piece = try FileIO.read(path, offset: size - tail.count - count, count: count)
      if let newline = piece.lastIndex(of: 0x0A) { return piece[(newline + 1)...] + tail }
      tail = piece + tail
    }
    return tail
  }
}
