// `agentv guard`: ends the trees of a supervisor that was killed itself. It waits at a pipe that
// only the supervisor holds open; when that closes without a word, the supervisor is gone.

import CShims
import Glibc

/// The process that outlives its supervisor for as long as the sweep takes.
///
/// Why a process of its own: the parent-death signal of prctl(2) reaches only children, not what
/// those start; and nothing that a killed process could do itself would be left to do. See
/// docs/decisions.
public enum TreeGuard {
  /// What the supervisor writes before it ends in order.
  static let farewell: UInt8 = 0x71

  /// Waits for the end of the supervisor, then kills what it has left behind.
  ///
  /// Blocks; standard input is the reading end of the pipe.
  /// - Parameter mark: the supervisor, `<pid>-<start time>`.
  /// - Returns: the exit code, 0 when nothing is left.
  public static func run(mark: String) -> Int32 {
    // Whoever means the supervisor's whole group or cgroup shall not take its guard first.
    for number in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] { signal(number, SIG_IGN) }
    // Inherited from the supervisor; with it the guard would look like one of the trees.
    _ = agentv_set_realtime_limit(.max)
    guard let owner = TreeCookie.supervisor(of: "\(mark)-0"), !isDismissed() else { return 0 }
    let outcome = LeftoverSweep.run(
      of: ProcessReference(
        pid: owner.pid, startTime: owner.startTime, bootID: ProcFS.bootID()))
    return outcome.remaining.isEmpty ? 0 : 1
  }

  private static func isDismissed() -> Bool {
    var byte: UInt8 = 0
    while true {
      let count = read(0, &byte, 1)
      if count == 1 { return byte == farewell }
      if count < 0, errno == EINTR { continue }
      return false
    }
  }
}
