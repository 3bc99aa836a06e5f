// Locks of pool slots: a file that names the process that uses the slot.

import Core
import EvalFiles

/// The lock of one slot.
///
/// The first line is the process id, as upstream writes it; the second tells a process from a later
/// one with the same id.
struct PoolLock: Sendable, Hashable {
  let path: String

  /// Takes the lock; `false` when a living process has it.
  ///
  /// The lock of a process that is gone is taken over.
  func take() throws(FileError) -> Bool {
    let own = Self.text(ProcessEnvironment.processID)
    for _ in 0..<3 {
      if try FileIO.createExclusively(path, Array(own.utf8)) { return true }
      guard let text = try? FileIO.read(path, limitBytes: 4096) else { continue }
      if Self.isAlive(String(decoding: text, as: UTF8.self)) { return false }
      // Moved away under a name of our own: of several who find it stale, one gets it.
      let stale = "\(path).stale-\(ProcessEnvironment.processID)"
      do throws(FileError) { try FileIO.move(path, to: stale) } catch { continue }
      let moved = try? FileIO.read(stale, limitBytes: 4096)
      try FileIO.remove(stale)
      if let moved, moved != text {
        // It was a new one already; it goes back.
        _ = try FileIO.createExclusively(path, moved)
        return false
      }
    }
    return false
  }

  /// Gives the lock back.
  func release() { try? FileIO.remove(path) }

  /// Whether a living process has the lock.
  var isHeld: Bool {
    guard let text = try? FileIO.read(path, limitBytes: 4096) else { return false }
    return Self.isAlive(String(decoding: text, as: UTF8.self))
  }

  private static func text(_ pid: Int32) -> String { "\(pid)\n\(startTime(pid) ?? "")\n" }

  private static func isAlive(_ text: String) -> Bool {
    let lines = text.split(separator: "\n").map { String($0).trimmed }
    guard let pid = lines.first.flatMap({ Int32($0) }), pid > 0,
      let start = startTime(pid)
    else { return false }
    return lines.count < 2 || lines[1].isEmpty || lines[1] == start
  }

  /// When a process started, in clock ticks since the boot (proc(5), field 22 of stat).
  private static func startTime(_ pid: Int32) -> String? {
    guard let bytes = try? FileIO.read("/proc/\(pid)/stat", limitBytes: 4096) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[end...].split(separator: " ")
    return fields.count > 20 ? String(fields[20]) : nil
  }
}
