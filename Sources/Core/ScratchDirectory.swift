// Files that live no longer than a call: out of others' sight, and gone even after a SIGKILL.

import Glibc
import Synchronization

/// A directory below the system's temporary one that belongs to one process.
///
/// Only its owner may look into it (mode 0700): prompts and answers are nobody else's business. It is
/// made when it is first asked for. While its owner lives it is locked (flock(2)), so that the next
/// process can tell, and removes what a killed one left.
public final class ScratchDirectory: Sendable {
  /// That of this process, below `TMPDIR` or, when it is unset or empty, `/tmp`.
  public static let shared = ScratchDirectory(
    in: getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")

  private static let prefix = "agentv-scratch-"

  private struct Made {
    let path: String
    let lock: Int32
  }

  private let parent: String
  private let made = Mutex<Made?>(nil)

  /// A directory that is not made yet.
  /// - Parameter parent: absolute path of the directory that it is made in.
  public init(in parent: String) { self.parent = parent }

  deinit { remove() }

  /// Its path; the first call makes it and removes those of processes that are no more.
  /// - Throws: `FileError`.
  public func path() throws(FileError) -> String {
    let outcome = made.withLock { made -> Result<String, FileError> in
      if let made { return .success(made.path) }
      do throws(FileError) {
        let new = try Self.make(in: parent)
        made = new
        Self.sweep(parent)
        return .success(new.path)
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  /// Removes it with everything in it; the next `path()` makes another one.
  public func remove() {
    made.withLock { made in
      guard let own = made else { return }
      made = nil
      try? FileIO.removeTree(own.path)
      close(own.lock)
    }
  }

  private static func make(in parent: String) throws(FileError) -> Made {
    while true {
      let name = String(UInt64.random(in: 0 ... .max), radix: 36)
      let path = Path.join(parent, prefix + name)
      guard mkdir(path, 0o700) == 0 else {
        if errno == EEXIST { continue }
        throw FileError(operation: "create directory", path: path, code: errno)
      }
      let lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      if lock < 0, errno != ENOENT {
        throw FileError(operation: "open", path: path, code: errno)
      }
      guard lock >= 0 else { continue }
      // Between mkdir and here another process may have taken it for an abandoned one.
      if flock(lock, LOCK_EX | LOCK_NB) == 0, FileIO.isDirectory(path) {
        return Made(path: path, lock: lock)
      }
      close(lock)
    }
  }

  /// Removes the directories that nobody has locked any more; others' are left alone.
  private static func sweep(_ parent: String) {
    guard let names = try? FileIO.list(parent) else { return }
    for name in names where name.hasPrefix(prefix) {
      let path = Path.join(parent, name)
      let lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard lock >= 0 else { continue }
      var raw = stat()
      if fstat(lock, &raw) == 0, raw.st_uid == geteuid(), flock(lock, LOCK_EX | LOCK_NB) == 0 {
        try? FileIO.removeTree(path)
      }
      close(lock)
    }
  }
}
