// The only place in this code base that starts processes.

public import Core
public import EventLoop
import Glibc

/// Starts, watches and stops processes with everything that they start in turn.
///
/// Loop-isolated; nothing here blocks but posix_spawn(3), about 0.15 ms. The first use makes this
/// process a child subreaper, lets it ignore SIGPIPE, and starts the reaper thread, which waits for
/// every child: no library that waits for its own (Foundation's `Process`, swift-subprocess) may be
/// used beside it.
@LoopActor
public final class Supervisor {
  /// The supervisor of this process.
  public static let shared = Supervisor()

  /// The processes that have not ended, oldest first.
  public private(set) var live: [SupervisedProcess] = []
  /// Whether `stopAll` was called: nothing is started any more.
  public private(set) var isStopping = false
  /// The supervisor above us, while somebody wants to know of its end.
  var outerWatch: ProcessWatch?

  /// A supervisor with an own list of live processes and an own `stopAll`.
  public init() { _ = Forest.shared }

  /// Makes orphans of our processes our children.
  ///
  /// Every supervisor does this by itself; a command calls it early, so that the reaper is there
  /// before the first orphan can be (PID 1).
  public func becomeSubreaper() { _ = Forest.shared }

  /// Starts a process.
  /// - Parameter spec: what to start.
  /// - Returns: the process; set its `onEnd` before the next suspension to miss nothing.
  /// - Throws: `SupervisorError`, naming the executable, the cause and the remedy.
  @discardableResult
  public func start(_ spec: ProcessSpec) throws(SupervisorError) -> SupervisedProcess {
    guard !isStopping else {
      throw SupervisorError(.stopping, spec.executable, "everything is being stopped")
    }
    let cookie = Forest.shared.makeCookie()
    Forest.shared.keeper?.ensure()
    let plan = try SpawnPlan(spec, treeCookie: (TreeCookie.name, cookie))
    let io = try ProcessIO(spec)
    defer { io.closeChildEnds() }
    var startTime: UInt64 = 0
    let pid = try Reaper.shared.add { () throws(SupervisorError) -> Int32 in
      let pid = try plan.start(descriptors: io.childDescriptors)
      startTime = ProcFS.startTime(pid) ?? 0
      return pid
    }
    let identity = TreeIdentity(
      leader: ProcessIdentity(pid: pid, startTime: startTime),
      ownsSession: spec.isolation == .session, cookie: cookie,
      marks: spec.cookie.map { "\($0.0)=\($0.1)" })
    let process = SupervisedProcess(
      pid: pid, startTime: startTime, identity: identity, io: io,
      keepsProcesses: spec.keepsProcesses)
    process.onRemoval = { [weak self, weak process] in
      self?.live.removeAll { $0 === process }
    }
    live.append(process)
    return process
  }

  /// Runs a process to the end of its tree.
  ///
  /// Cancelling the task stops the tree; the call then returns as usual, with `stopped` set.
  /// - Parameters:
  ///   - spec: what to start.
  ///   - timeout: the tree is stopped after this time; `nil` for no limit.
  ///   - policy: how to stop it then, or on cancellation.
  /// - Returns: the result once the tree is empty.
  /// - Throws: `SupervisorError` when it could not be started.
  public func run(
    _ spec: ProcessSpec, timeout: Duration? = nil, policy: StopPolicy = StopPolicy()
  ) async throws(SupervisorError) -> ProcessResult {
    if Task.isCancelled {
      throw SupervisorError(stoppedBefore: spec.executable)
    }
    let process = try start(spec)
    if let timeout { process.limit(timeout, policy: policy) }
    return await withTaskCancellationHandler {
      await process.result()
    } onCancel: {
      LoopActor.post { process.stop(policy) }
    }
  }

  /// Says that everything is going to be stopped: from now on `start` is refused, and whoever holds
  /// this process learns what each tree's end took.
  ///
  /// For a caller that stops trees in its own way before `stopAll`.
  public func beginStop() {
    isStopping = true
    Forest.shared.reportsCensus = true
  }

  /// Stops everything at once and for good: from now on `start` is refused.
  ///
  /// May be called again with `force` while a first call waits.
  /// - Parameters:
  ///   - policy: how to stop each tree.
  ///   - force: kill instead.
  /// - Returns: what ending all of them took.
  @discardableResult
  public func stopAll(
    _ policy: StopPolicy = StopPolicy(), force: Bool = false
  ) async -> Census {
    beginStop()
    let processes = live
    for process in processes {
      if force { process.kill() } else { process.stop(policy) }
    }
    var census = Census()
    for process in processes {
      census.merge(await process.result().census)
      await process.emptied()
    }
    return census
  }
}
