import CLibevent
import CShims
import Core
import Glibc

/// The thread that runs libevent, and the executor of `LoopActor`.
///
/// Jobs are appended under a lock and drained as one snapshot per turn; an eventfd wakes the loop
/// once for all jobs that wait.
///
// Sendable: `queue`, `wakePending` and `thread` are only touched under `lock`; `base`, `wakeup` and
// the events are set before the thread exists and never change; `endOfTurn` is only touched on it.
final class LoopThread: SerialExecutor, @unchecked Sendable {
  enum Job {
    case task(UnownedJob)
    case closure(@Sendable @LoopActor () -> Void)
  }

  /// The `event_base`, for the modules that make events of their own on the loop.
  let base: OpaquePointer

  // ThreadSanitizer knows pthread_mutex_t; it reports Synchronization.Mutex here.
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let wakeup: Int32
  private var queue: [Job] = []
  private var wakePending = false
  private var thread: pthread_t
  private var wakeEvent: OpaquePointer?
  private var endOfTurnEvent: OpaquePointer?
  private var endOfTurn: [@LoopActor () -> Void] = []

  private init() {
    signal(SIGPIPE, SIG_IGN)
    Libevent.prepare()
    guard let base = Self.makeBase() else { Libevent.die("cannot make an event base") }
    self.base = base
    lock = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    wakeup = agentv_eventfd()
    guard wakeup >= 0 else { Libevent.die("cannot make an eventfd: \(errnoText(errno))") }
    thread = pthread_self()
  }

  /// A base that collects the changes of a turn and tells the kernel only what is left of them, which
  /// saves four system calls for each request.
  ///
  /// libevent documents the flag as unsafe with duplicates of watched descriptors, as the kernel keeps
  /// watching until the last one is closed. Here the only duplicates are those of a child between its
  /// start and its exec, since every descriptor is close-on-exec, and this thread starts all children:
  /// `posix_spawn` returns after the exec, so that the loop never sees that time.
  private static func makeBase() -> OpaquePointer? {
    guard let configuration = event_config_new() else { return nil }
    defer { event_config_free(configuration) }
    event_config_set_flag(configuration, Int32(EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST.rawValue))
    return event_base_new_with_config(configuration)
  }

  static func start() -> LoopThread {
    let loop = LoopThread()
    // The executor lives as long as the process, so its callbacks may hold it unretained.
    let context = Unmanaged.passRetained(loop).toOpaque()
    loop.wakeEvent = event_new(
      loop.base, loop.wakeup, Int16(EV_READ | EV_PERSIST),
      { _, _, context in LoopThread.from(context).drain() }, context)
    loop.endOfTurnEvent = event_new(
      loop.base, -1, 0, { _, _, context in LoopThread.from(context).runEndOfTurn() }, context)
    guard let wakeEvent = loop.wakeEvent, loop.endOfTurnEvent != nil, event_add(wakeEvent, nil) == 0
    else { Libevent.die("cannot make the events of the loop") }
    // The new thread takes the lock first, so it sees its own id before it runs anything.
    pthread_mutex_lock(loop.lock)
    var id = pthread_t()
    let failure = pthread_create(
      &id, nil,
      { context in
        let loop = LoopThread.from(context)
        pthread_mutex_lock(loop.lock)
        pthread_mutex_unlock(loop.lock)
        agentv_name_thread("loop")
        event_base_loop(loop.base, Int32(EVLOOP_NO_EXIT_ON_EMPTY))
        Libevent.die("the loop ended")
      }, context)
    guard failure == 0 else { Libevent.die("cannot start its thread: \(errnoText(failure))") }
    loop.thread = id
    pthread_mutex_unlock(loop.lock)
    return loop
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> LoopThread {
    guard let context else { Libevent.die("a callback came without its context") }
    return Unmanaged<LoopThread>.fromOpaque(context).takeUnretainedValue()
  }

  // `thread` is written once, before the lock that the initialiser holds is given back, so that
  // whoever has reached this object through `LoopActor.shared` reads it after that.
  var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }

  // MARK: Executor

  func enqueue(_ job: consuming ExecutorJob) {
    append(.task(UnownedJob(job)))
  }

  func post(_ job: @escaping @Sendable @LoopActor () -> Void) {
    append(.closure(job))
  }

  func checkIsolated() {
    precondition(isCurrent, "this code must run on the loop thread")
  }

  func isIsolatingCurrentContext() -> Bool? { isCurrent }

  private func append(_ job: Job) {
    pthread_mutex_lock(lock)
    queue.append(job)
    let wake = !wakePending
    wakePending = true
    pthread_mutex_unlock(lock)
    if wake { agentv_eventfd_signal(wakeup) }
  }

  /// Runs the jobs that were queued when it began.
  ///
  /// Later ones have signalled the eventfd again and come in the next turn.
  private func drain() {
    agentv_eventfd_clear(wakeup)
    pthread_mutex_lock(lock)
    var jobs: [Job] = []
    swap(&jobs, &queue)
    wakePending = false
    pthread_mutex_unlock(lock)
    for job in jobs {
      switch job {
      case .task(let task): task.runSynchronously(on: asUnownedSerialExecutor())
      case .closure(let closure): LoopActor.assumeIsolated { closure() }
      }
    }
  }

  // MARK: End of turn

  func addEndOfTurn(_ job: @escaping @LoopActor () -> Void) {
    // An activated event runs after those that are already active in this turn.
    if endOfTurn.isEmpty, let endOfTurnEvent { event_active(endOfTurnEvent, Int32(EV_READ), 0) }
    endOfTurn.append(job)
  }

  private func runEndOfTurn() {
    var jobs: [@LoopActor () -> Void] = []
    swap(&jobs, &endOfTurn)
    LoopActor.assumeIsolated { for job in jobs { job() } }
  }
}

extension LoopActor {
  /// The `event_base`, for modules that make libevent objects of their own (`HTTPServer`).
  @LoopActor public static var eventBase: OpaquePointer { shared.thread.base }
}
