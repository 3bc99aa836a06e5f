// A started process with its tree: carries out what the stop machine says and reports the end.

import Core
public import EventLoop
import Glibc

/// A process started by `Supervisor`, and everything that it starts.
///
/// It is kept alive by the supervisor until its end, so a caller may drop it.
@LoopActor
public final class SupervisedProcess {
  /// The process id of the leader.
  public nonisolated let pid: Int32
  /// Clock ticks between boot and the start of the leader (proc_pid_stat(5)); with `pid` it names
  /// the process for good.
  public nonisolated let startTime: UInt64
  /// Called once, in the loop turn that learns of the end, before `result()` returns.
  public var onEnd: (@LoopActor (ProcessResult) -> Void)?

  /// For the supervisor's own list; called just before `onEnd`.
  var onRemoval: (@LoopActor () -> Void)?
  private(set) var identity: TreeIdentity
  private(set) var leaderIsAlive = true
  /// Who went and what that took; complete at the end.
  private(set) var ended: [EndedProcess] = []
  private var machine: StopMachine<ContinuousClock.Instant>
  private var leaderEnd: ChildEnd?
  private var finished: ProcessResult?
  private var waiters: [CheckedContinuation<ProcessResult, Never>] = []
  private var treeWaiters: [CheckedContinuation<Void, Never>] = []
  private let keepsProcesses: Bool
  private let startedAt = ContinuousClock.now
  private let io: ProcessIO
  private var timedOut = false
  private var watches: [ProcessIdentity: ProcessWatch] = [:]
  private var lookIsPending = false
  private var deadlineTimer: LoopTimer?
  private var lookTimer: LoopTimer?
  private var limitTimer: LoopTimer?

  init(
    pid: Int32, startTime: UInt64, identity: TreeIdentity, io: ProcessIO,
    keepsProcesses: Bool = false
  ) {
    self.keepsProcesses = keepsProcesses
    self.pid = pid
    self.startTime = startTime
    self.identity = identity
    self.io = io
    machine = StopMachine()
    Forest.shared.add(self)
  }

  /// Whether the leader has been reaped and nothing is left of the tree but what it may keep.
  public var isEnded: Bool { finished != nil }

  /// Whether a stop or a kill was asked for while the leader lived.
  public var isStopping: Bool { machine.wasStopped }

  /// Stops the tree: the polite signal, the grace, then SIGKILL to everything that is left.
  ///
  /// Idempotent: a second call sends no second signal and changes nothing.
  /// - Parameter policy: signal, first target and times.
  public func stop(_ policy: StopPolicy = StopPolicy()) {
    handle(.stop(policy))
    // What a leader was let leave behind has nobody whose end would be the next event.
    if finished != nil { handle(.changed) }
  }

  /// Stops the tree, kept processes included, and waits until nothing is left of it.
  /// - Parameter policy: signal, first target and times.
  public func end(_ policy: StopPolicy = StopPolicy()) async {
    stop(policy)
    await emptied()
  }

  /// Waits until nothing is left of the tree, kept processes included.
  func emptied() async {
    if machine.isEnded { return }
    await withCheckedContinuation { treeWaiters.append($0) }
  }

  /// Kills the whole tree now.
  public func kill() { handle(.kill) }

  /// Sends a signal to the leader only and changes nothing else; one that has ended is fine.
  /// - Parameter number: the signal.
  public func signal(_ number: Int32) {
    Reaper.shared.whileUnreaped(pid) { _ = Glibc.kill(pid, number) }
  }

  /// Stops the tree when it has not ended after some time, and marks the result `timedOut`.
  /// - Parameters:
  ///   - limit: time from now.
  ///   - policy: how to stop it then.
  public func limit(_ limit: Duration, policy: StopPolicy = StopPolicy()) {
    let timer = LoopTimer { [weak self] in
      guard let self, !self.isEnded else { return }
      self.timedOut = self.leaderIsAlive && !self.machine.wasStopped
      self.stop(policy)
    }
    timer.schedule(after: limit)
    limitTimer = timer
  }

  /// Waits for the end of the tree.
  ///
  /// Cancelling the waiting task stops nothing.
  /// - Returns: the result, the same one for every caller.
  public func result() async -> ProcessResult {
    if let finished { return finished }
    return await withCheckedContinuation { waiters.append($0) }
  }

  // MARK: - What the forest tells

  /// Whether the tree is being looked at until it is empty.
  var isEnding: Bool { (machine.state != .running || isEnded) && !machine.isEnded }

  func leaderEnded(_ end: ChildEnd) {
    leaderIsAlive = false
    leaderEnd = end
    // With nobody left to write there is nothing late.
    if !end.wasLast { io.leaderEnded() }
    handle(.changed, isKnownEmpty: end.wasLast)
  }

  /// Looks at the tree at the end of this turn, once for all ends seen in it.
  func lookSoon() {
    guard !lookIsPending, !machine.isEnded else { return }
    lookIsPending = true
    atEndOfTurn { [weak self] in
      guard let self else { return }
      self.lookIsPending = false
      self.handle(.changed)
    }
  }

  func remember(_ entries: [ProcessEntry]) {
    for entry in entries { identity.remember(entry) }
  }

  // MARK: - The machine

  private func handle(
    _ event: StopMachine<ContinuousClock.Instant>.Event, isKnownEmpty: Bool = false
  ) {
    guard !machine.isEnded else { return }
    let tree = isKnownEmpty ? TreeSnapshot(leaderIsAlive: false, others: []) : look()
    if keepsProcesses, event == .changed, machine.state == .running, !leaderIsAlive,
      !tree.others.isEmpty
    {
      if finished == nil { report(tree, kept: true) }
      return
    }
    for action in machine.handle(event, tree, now: .now) { perform(action, tree) }
  }

  private func look() -> TreeSnapshot {
    var members = Forest.shared.members(of: self, everywhere: false)
    if members.isEmpty, !leaderIsAlive, machine.wasStopped {
      // A stop promises that nothing is left, so its last look goes over the whole machine.
      members = Forest.shared.members(of: self, everywhere: true)
    }
    let living = Set(members.map(\.identity))
    identity.forget(allBut: living)
    watches = watches.filter { living.contains($0.key) }
    return TreeSnapshot(
      leaderIsAlive: leaderIsAlive,
      others: members.map { entry in
        TreeMember(
          identity: entry.identity, isOutsideGroup: entry.group != pid,
          isRefused: watches[entry.identity]?.isRefused ?? false)
      })
  }

  private func perform(
    _ action: StopMachine<ContinuousClock.Instant>.Action, _ tree: TreeSnapshot
  ) {
    switch action {
    case .signalLeader(let number):
      signal(number)
      if number != SIGKILL { signal(SIGCONT) }
    case .signalGroup(let number):
      Reaper.shared.whileUnreaped(pid) {
        _ = Glibc.kill(-pid, number)
        // A process held by a stop signal answers no other one before it goes on (systemd.kill(5)
        // does the same).
        if number != SIGKILL { _ = Glibc.kill(-pid, SIGCONT) }
      }
    case .signal(let identity, let number):
      guard let watch = watches[identity] ?? makeWatch(identity) else { return lookSoon() }
      watch.send(number)
      if number != SIGKILL { watch.send(SIGCONT) }
    case .wake(let instant):
      let delay = ContinuousClock.now.duration(to: instant)
      deadlineTimer = schedule(deadlineTimer, after: delay) { $0.handle(.deadline) }
    case .look(let interval):
      lookTimer = schedule(lookTimer, after: interval) { $0.handle(.changed) }
    case .finish: finish(tree)
    }
  }

  private func makeWatch(_ identity: ProcessIdentity) -> ProcessWatch? {
    let watch = ProcessWatch(identity) { [weak self] in self?.lookSoon() }
    watches[identity] = watch
    return watch
  }

  private func schedule(
    _ timer: LoopTimer?, after delay: Duration,
    _ body: @escaping @LoopActor (SupervisedProcess) -> Void
  ) -> LoopTimer {
    let timer = timer ?? LoopTimer { [weak self] in if let self { body(self) } }
    timer.schedule(after: delay)
    return timer
  }

  private func finish(_ tree: TreeSnapshot) {
    for timer in [deadlineTimer, lookTimer, limitTimer] { timer?.cancel() }
    watches = [:]
    Forest.shared.remove(self)
    if finished != nil { noteEnd(tree) }
    let result = finished ?? makeResult(tree, kept: false)
    onRemoval?()
    onRemoval = nil
    if finished == nil { deliver(result) }
    for waiter in treeWaiters { waiter.resume() }
    treeWaiters = []
  }

  private func report(_ tree: TreeSnapshot, kept: Bool) {
    limitTimer?.cancel()
    deliver(makeResult(tree, kept: kept))
  }

  private func deliver(_ result: ProcessResult) {
    finished = result
    let onEnd = onEnd
    self.onEnd = nil
    onEnd?(result)
    for waiter in waiters { waiter.resume(returning: result) }
    waiters = []
  }

  private func makeResult(_ tree: TreeSnapshot, kept: Bool) -> ProcessResult {
    let (stdout, stderr) = io.finish()
    noteEnd(tree)
    let remaining = kept ? [] : survivors(tree)
    return ProcessResult(
      exit: leaderEnd?.exit ?? .signaled(SIGKILL), stdout: stdout, stderr: stderr,
      census: Census(ended, remaining: remaining),
      duration: startedAt.duration(to: .now), timedOut: timedOut, stopped: machine.wasStopped,
      userTime: leaderEnd?.userTime ?? .zero, systemTime: leaderEnd?.systemTime ?? .zero,
      maxResidentBytes: leaderEnd?.maxResidentBytes ?? 0)
  }

  private func noteEnd(_ tree: TreeSnapshot) {
    ended = machine.ended(
      leader: ProcessIdentity(pid: pid, startTime: startTime), remaining: tree)
    if Forest.shared.reportsCensus { CensusReport.append(ended) }
  }

  private func survivors(_ tree: TreeSnapshot) -> [Census.Survivor] {
    var survivors = tree.others.map { member in
      Census.Survivor(
        pid: member.identity.pid,
        command: ProcFS.command(of: member.identity.pid)
          + (member.isRefused ? " (runs as another user)" : " (does not go by SIGKILL)"))
    }
    if tree.leaderIsAlive {
      survivors.append(
        Census.Survivor(
          pid: pid, command: ProcFS.command(of: pid) + " (does not go by SIGKILL)"))
    }
    return survivors
  }
}
