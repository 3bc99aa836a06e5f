// A process held by its pidfd: a signal through it never reaches another process that got the same
// pid, and its end is an event of the loop.

import CShims
import EventLoop
import Glibc

/// One living process that is not, or no longer, to be reaped by us as a leader.
@LoopActor
final class ProcessWatch {
  let identity: ProcessIdentity
  /// Whether the kernel refused us a signal to it.
  private(set) var isRefused = false
  private let descriptor: Int32
  private var source: DescriptorSource?

  /// Opens the process; `nil` when it has ended or its pid is now another's.
  ///
  /// `onEnd` is called once on the loop when it ends, unless the watch goes away first.
  init?(_ identity: ProcessIdentity, onEnd: @escaping @LoopActor () -> Void) {
    self.identity = identity
    let opened = agentv_pidfd_open(identity.pid)
    let error = errno
    descriptor = opened
    if opened < 0 && error == ESRCH { return nil }
    // After the opening: now the pid cannot change hands between this look and a signal.
    guard ProcFS.startTime(identity.pid) == identity.startTime else {
      if opened >= 0 { close(opened) }
      return nil
    }
    guard opened >= 0 else { return }
    source = try? DescriptorSource(descriptor: opened, events: .read) { [weak self] _ in
      self?.source?.cancel()
      self?.source = nil
      onEnd()
    }
  }

  isolated deinit {
    source?.cancel()
    if descriptor >= 0 { close(descriptor) }
  }

  /// Sends a signal; a process that has ended is fine.
  func send(_ signal: Int32) {
    var error: Int32
    if descriptor >= 0 {
      error = agentv_pidfd_signal(descriptor, signal)
    } else {
      // No descriptor was left for it: the start time is looked at as late as can be.
      guard ProcFS.startTime(identity.pid) == identity.startTime else { return }
      error = kill(identity.pid, signal) == 0 ? 0 : errno
    }
    isRefused = error == EPERM
  }
}
