// The one thread that waits for children, and the lock that orders starts, signals and reaping, so
// that no signal ever reaches a recycled pid. Blocking, with a thread of its own.

import CShims
import Core
import Glibc

/// The end of a child, as the reaper learnt it.
struct ChildEnd: Sendable {
  var pid: Int32
  var exit: ExitStatus
  var userTime: Duration
  var systemTime: Duration
  var maxResidentBytes: Int
  /// Whether this process had no child at all right after this one was reaped: then nothing
  /// that it started can be left, because orphans become our children.
  var wasLast: Bool
}

/// Waits for every child, also for orphans that became ours (subreaper; PID 1).
///
/// A child stays a zombie, its pid reserved, until the lock has been taken: `start` holds it until
/// the child is on record, `whileUnreaped` holds it during a signal.
// @unchecked: every mutable field is only touched with `lock` held; the pointers never change.
final class Reaper: @unchecked Sendable {
  static let shared = Reaper()

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let started = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Counts starts, so that one between ECHILD and the wait is not missed.
  private var starts: UInt64 = 0
  private var unreaped: Set<Int32> = []
  private var handler: (@Sendable (ChildEnd) -> Void)?

  private init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(started, nil)
    // Orphans of our children come to us instead of to init; allowed to everybody (prctl(2)).
    _ = agentv_become_subreaper()
    // A child that goes away while we write to it is an error code, not our end.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Starts the thread; ends are handed to `handler` on it, in the order of reaping.
  func start(_ handler: @escaping @Sendable (ChildEnd) -> Void) {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    guard self.handler == nil else { return }
    self.handler = handler
    var thread = pthread_t()
    let error = pthread_create(
      &thread, nil,
      { _ in
        Reaper.shared.run()
        return nil
      }, nil)
    precondition(error == 0, "cannot start the reaper thread: \(String(cString: strerror(error)))")
    pthread_detach(thread)
  }

  /// Starts a child with `body`, which returns its pid, and puts it on record before it can be
  /// reaped.
  func add<Failure: Error>(_ body: () throws(Failure) -> Int32) throws(Failure) -> Int32 {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    let pid = try body()
    unreaped.insert(pid)
    starts &+= 1
    pthread_cond_signal(started)
    return pid
  }

  /// Runs `body` if the child has not been reaped; meanwhile it cannot be, so its pid and its
  /// process group are its own.
  @discardableResult
  func whileUnreaped(_ pid: Int32, _ body: () -> Void) -> Bool {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    guard unreaped.contains(pid) else { return false }
    body()
    return true
  }

  /// Runs `body` while no child can be reaped, so that /proc/self/task/*/children, which skips
  /// entries when the list shrinks during the reading (proc_tid_children(5)), is complete.
  func whileNothingIsReaped<Value>(_ body: () -> Value) -> Value {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }

  /// Takes away a zombie that is no leader, without waiting for the thread to come to it.
  func reapOrphan(_ pid: Int32) {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    guard !unreaped.contains(pid) else { return }
    var code: Int32 = 0
    var isSignal: Int32 = 0
    var usage = rusage()
    _ = agentv_reap(pid, &code, &isSignal, &usage)
  }

  private func run() {
    var everything = sigset_t()
    sigfillset(&everything)
    pthread_sigmask(SIG_BLOCK, &everything, nil)
    agentv_name_thread("reaper")
    while true {
      pthread_mutex_lock(lock)
      let startsBefore = starts
      pthread_mutex_unlock(lock)
      var pid: Int32 = 0
      if agentv_wait_any(&pid, 1) == 0 {
        reap(pid)
      } else {
        sleepWithoutChildren(startsBefore)
      }
    }
  }

  private func reap(_ pid: Int32) {
    var code: Int32 = 0
    var isSignal: Int32 = 0
    var usage = rusage()
    pthread_mutex_lock(lock)
    // The record goes first: who takes the lock from now on sends no signal to this pid.
    unreaped.remove(pid)
    let error = agentv_reap(pid, &code, &isSignal, &usage)
    var other: Int32 = 0
    let wasLast = agentv_wait_any(&other, 0) == ECHILD
    let handler = handler
    pthread_mutex_unlock(lock)
    // posix_spawn(3) waits by itself for a child whose exec failed; that one is gone.
    guard error == 0 else { return }
    handler?(
      ChildEnd(
        pid: pid, exit: isSignal == 1 ? .signaled(code) : .exited(code),
        userTime: Self.duration(usage.ru_utime), systemTime: Self.duration(usage.ru_stime),
        maxResidentBytes: usage.ru_maxrss * 1024, wasLast: wasLast))
  }

  /// Children appear by a start.
  ///
  /// Only PID 1 also gets children of strangers (processes that an administrator started in the
  /// container), and looks for them once a second.
  private func sleepWithoutChildren(_ startsBefore: UInt64) {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    guard getpid() == 1 else {
      while starts == startsBefore { pthread_cond_wait(started, lock) }
      return
    }
    var deadline = timespec()
    clock_gettime(CLOCK_REALTIME, &deadline)
    deadline.tv_sec += 1
    if starts == startsBefore { pthread_cond_timedwait(started, lock, &deadline) }
  }

  private static func duration(_ time: timeval) -> Duration {
    .seconds(time.tv_sec) + .microseconds(time.tv_usec)
  }
}
