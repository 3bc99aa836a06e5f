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
  /// A torn last line of the index is cut off, one that only lacks its newline is completed.
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
    for row in (try? directory.read().rows) ?? [] {
      guard let path = row.gradingPath else { continue }
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count > 1, !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." })
      else { continue }
      try FileIO.removeTree(directory.file(parts.dropLast().joined(separator: "/")))
    }
    for name in [
      RunFile.index, RunFile.benchmark, RunFile.timing, RunFile.record, RunFile.transcript,
    ] {
      try FileIO.remove(directory.file(name))
    }
  }

  /// Makes the index end with a complete line and returns its rows.
  private static func repair(_ directory: RunDirectory) throws(FileError) -> [ResultRow] {
    let path = directory.file(RunFile.index)
    guard FileIO.exists(path) else { return [] }
    let bytes = try FileIO.read(path)
    let contents = IndexContents(bytes: bytes)
    let file = try AppendFile(path)
    if contents.soundBytes < bytes.count {
      try file.truncate(to: contents.soundBytes)
      try file.sync()
    } else if contents.lacksNewline {
      try file.append([0x0A])
      try file.sync()
    }
    return contents.rows
  }
}
