// A directory in which one VS Code window works for one test: requests and responses are files in it.

import Core

/// A slot, ours until it is dropped or we end.
struct VSCodeSlot: ~Copyable {
  /// Most windows of one kind at a time.
  static let maximumSlots = 50

  /// Directory of the slot, absolute.
  let directory: String
  /// Held for as long as this value lives; the kernel drops it with the process, so that a crash
  /// blocks no slot.
  private let lock: FileLock

  /// Takes the first slot that nobody uses, or makes one.
  /// - Throws: `FileError`.
  init(root: String) throws(FileError) {
    var failure = FileError(operation: "lock", path: root, code: 11)
    for number in 1...Self.maximumSlots {
      let directory = Path.join(root, "subagent-\(number)")
      try FileIO.createDirectories(Path.join(directory, "messages"))
      do throws(FileError) {
        lock = try FileLock(Path.join(directory, "subagent.lock"))
        self.directory = directory
        return
      } catch {
        // EAGAIN: another process uses this one.
        guard error.code == 11 else { throw error }
        failure = error
      }
    }
    throw failure
  }

  /// Gives the slot back.
  consuming func release() {}
}
