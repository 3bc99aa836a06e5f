// The stop of a process tree as a table state × event → action. Pure: it is told who lives and what
// time it is, and answers what to do; `SupervisedProcess` obeys. The table is printed in
// docs/concepts/supervision.md.

/// A process over the reuse of its pid: a pid names one process only together with its start time.
struct ProcessIdentity: Hashable, Sendable {
  var pid: Int32
  /// Clock ticks since boot (proc_pid_stat(5), field 22).
  var startTime: UInt64
}

/// A living process of a tree.
struct TreeMember: Hashable, Sendable {
  var identity: ProcessIdentity
  /// Whether a signal to the leader's process group misses it.
  var isOutsideGroup: Bool
  /// Whether the kernel refused a signal to it, for example because it runs as another user.
  var isRefused = false
}

/// Who lives at one moment.
struct TreeSnapshot: Hashable, Sendable {
  /// Whether the leader has not been reaped yet.
  var leaderIsAlive: Bool
  /// Everybody but the leader.
  var others: [TreeMember]
}

/// State × event → actions.
struct StopMachine<Instant: InstantProtocol>: Sendable
where Instant.Duration == Duration, Instant: Sendable {
  enum State: Hashable, Sendable {
    /// Nobody asked for a stop and the leader lives.
    case running
    /// The polite signal is out and the leader lives.
    case terminating(deadline: Instant)
    /// The leader has gone, the rest got SIGTERM.
    case sweeping(deadline: Instant)
    /// Everybody gets SIGKILL, newcomers as well.
    case killing(giveUp: Instant)
    /// The tree is empty, or what is left cannot be killed.
    case ended
  }

  enum Event: Hashable, Sendable {
    case stop(StopPolicy)
    case kill
    /// Somebody ended, or it is time for another look.
    case changed
    /// The time last asked for with `wake` has come.
    case deadline
  }

  enum Action: Hashable, Sendable {
    case signalLeader(Int32)
    /// To the leader's process group; it exists for sure, since the leader has not been reaped.
    case signalGroup(Int32)
    case signal(ProcessIdentity, Int32)
    /// Send `deadline` at this time, instead of at any earlier wish.
    case wake(Instant)
    /// Look again within this time, even if nobody is seen to end.
    case look(within: Duration)
    case finish
  }

  /// Some processes end unseen (children of a stranger), so the tree is looked at again at least
  /// this often while something is left of it.
  static var lookInterval: Duration { .milliseconds(10) }
  /// A process that does not go by SIGKILL within this time is stuck in the kernel, and named in
  /// the census instead of waited for.
  static var killWait: Duration { .seconds(5) }
  private static var SIGTERM: Int32 { 15 }
  private static var SIGKILL: Int32 { 9 }

  private(set) var state = State.running
  /// Whether a stop or a kill was asked for while the leader lived.
  private(set) var wasStopped = false
  /// Grace for what a leader leaves behind that ended by itself.
  private let sweepGrace: Duration
  private var policy: StopPolicy?
  private var seen: [ProcessIdentity: TreeMember] = [:]
  private var asked: Set<ProcessIdentity> = []
  private var killed: Set<ProcessIdentity> = []
  private var leaderWasKilled = false

  init(sweepGrace: Duration = StopPolicy.defaultSweepGrace) { self.sweepGrace = sweepGrace }

  var isEnded: Bool { state == .ended }

  /// Who went and what that took; complete once the state is `ended`.
  ///
  /// The leader is among them when it was stopped; one that ended by itself is no part of a census.
  func ended(leader: ProcessIdentity, remaining: TreeSnapshot) -> [EndedProcess] {
    let left = Set(remaining.others.map(\.identity))
    var ended = seen.values.filter { !left.contains($0.identity) }.map { member in
      EndedProcess(
        identity: member.identity, wasKilled: killed.contains(member.identity),
        isOutsideGroup: member.isOutsideGroup)
    }
    if wasStopped, !remaining.leaderIsAlive {
      ended.append(
        EndedProcess(identity: leader, wasKilled: leaderWasKilled, isOutsideGroup: false))
    }
    return ended
  }

  mutating func handle(_ event: Event, _ tree: TreeSnapshot, now: Instant) -> [Action] {
    switch (state, event) {
    case (.ended, _), (.running, .deadline): return []
    case (.running, .stop(let policy)):
      wasStopped = wasStopped || tree.leaderIsAlive
      self.policy = policy
      return policy.grace > .zero ? terminate(policy, tree, now: now) : kill(tree, now: now)
    case (.running, .changed):
      return tree.leaderIsAlive ? [] : sweep(tree, deadline: now.advanced(by: sweepGrace))
    case (.terminating, .stop): return []
    case (.terminating(let deadline), .changed), (.terminating(let deadline), .deadline):
      if now >= deadline { return leaderless(tree) ? finish(tree) : kill(tree, now: now) }
      guard !tree.leaderIsAlive else {
        return policy?.target == .tree ? askNewcomers(tree) : []
      }
      let rest = now.advanced(by: policy?.sweepGrace ?? sweepGrace)
      return sweep(tree, deadline: min(deadline, rest))
    case (.sweeping(let deadline), .stop(let policy)):
      return sweep(tree, deadline: min(deadline, now.advanced(by: policy.grace)))
    case (.sweeping(let deadline), .changed), (.sweeping(let deadline), .deadline):
      if now >= deadline { return leaderless(tree) ? finish(tree) : kill(tree, now: now) }
      return sweep(tree, deadline: deadline)
    case (.killing, .stop): return []
    case (.killing(let giveUp), .changed), (.killing(let giveUp), .deadline):
      return killAgain(tree, giveUp: giveUp, now: now)
    case (.killing(let giveUp), .kill): return killAgain(tree, giveUp: giveUp, now: now)
    case (_, .kill):
      wasStopped = wasStopped || tree.leaderIsAlive
      return kill(tree, now: now)
    }
  }

  private func leaderless(_ tree: TreeSnapshot) -> Bool {
    !tree.leaderIsAlive && tree.others.isEmpty
  }

  private mutating func note(_ tree: TreeSnapshot) {
    for member in tree.others {
      seen[member.identity, default: member].isOutsideGroup = member.isOutsideGroup
    }
  }

  private mutating func terminate(
    _ policy: StopPolicy, _ tree: TreeSnapshot, now: Instant
  ) -> [Action] {
    note(tree)
    let deadline = now.advanced(by: policy.grace)
    state = .terminating(deadline: deadline)
    var actions: [Action] = []
    switch policy.target {
    case .leader: actions.append(.signalLeader(policy.signal))
    case .group, .tree:
      actions.append(.signalGroup(policy.signal))
      asked.formUnion(tree.others.filter { !$0.isOutsideGroup }.map(\.identity))
      if policy.target == .tree { actions += askNewcomers(tree) }
    }
    return actions + [.wake(deadline)]
  }

  /// Everybody is asked once: a second SIGTERM means "at once" to some programs, ours among them.
  private mutating func askNewcomers(_ tree: TreeSnapshot) -> [Action] {
    note(tree)
    let signal = tree.leaderIsAlive ? policy?.signal ?? Self.SIGTERM : Self.SIGTERM
    return tree.others.filter { asked.insert($0.identity).inserted }
      .map { .signal($0.identity, signal) }
  }

  private mutating func sweep(_ tree: TreeSnapshot, deadline: Instant) -> [Action] {
    if leaderless(tree) { return finish(tree) }
    let isNew = state != .sweeping(deadline: deadline)
    state = .sweeping(deadline: deadline)
    return askNewcomers(tree) + (isNew ? [.wake(deadline)] : [])
      + [.look(within: Self.lookInterval)]
  }

  private mutating func kill(_ tree: TreeSnapshot, now: Instant) -> [Action] {
    if leaderless(tree) { return finish(tree) }
    let giveUp = now.advanced(by: Self.killWait)
    state = .killing(giveUp: giveUp)
    return killAgain(tree, giveUp: giveUp, now: now, isFirst: true)
  }

  private mutating func killAgain(
    _ tree: TreeSnapshot, giveUp: Instant, now: Instant, isFirst: Bool = false
  ) -> [Action] {
    note(tree)
    let isRefusedByAll = !tree.leaderIsAlive && tree.others.allSatisfy(\.isRefused)
    if isRefusedByAll || now >= giveUp { return finish(tree) }
    var actions: [Action] = isFirst ? [.wake(giveUp)] : []
    if tree.leaderIsAlive, !leaderWasKilled {
      leaderWasKilled = true
      actions += [.signalGroup(Self.SIGKILL), .signalLeader(Self.SIGKILL)]
    }
    for member in tree.others where !member.isRefused {
      killed.insert(member.identity)
      actions.append(.signal(member.identity, Self.SIGKILL))
    }
    return actions + [.look(within: Self.lookInterval)]
  }

  private mutating func finish(_ tree: TreeSnapshot) -> [Action] {
    note(tree)
    state = .ended
    return [.finish]
  }
}
