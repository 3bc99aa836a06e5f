// Ends what a supervisor left behind that was killed itself (SIGKILL, out of memory): its processes
// live on, without a parent of ours, and carry its mark in their environment.

public import Core
public import EventLoop
import Glibc

/// Finds and ends the processes of a supervisor that is gone.
///
/// A process is one of them when it carries one of the supervisor's marks, descends from one that
/// does, or is in its session (`Hunt`).
@LoopActor
public final class StraySweep {
  private let owner: ProcessReference
  private var hunt: Hunt
  private var machine: StopMachine<ContinuousClock.Instant>
  private var watches: [ProcessIdentity: ProcessWatch] = [:]
  private lazy var deadlineTimer = LoopTimer { [weak self] in self?.handle(.deadline) }
  private lazy var lookTimer = LoopTimer { [weak self] in self?.handle(.changed) }
  private var waiter: CheckedContinuation<Census, Never>?

  private init(_ owner: ProcessReference, grace: Duration) {
    self.owner = owner
    hunt = Hunt(owner)
    machine = StopMachine(sweepGrace: grace)
  }

  /// Processes that the supervisor left; empty after a restart of the machine.
  /// - Parameter owner: the supervisor, dead or alive.
  /// - Returns: pids and command lines.
  public nonisolated static func strays(of owner: ProcessReference) -> [Census.Survivor] {
    var hunt = Hunt(owner)
    return (owner.bootID == ProcFS.bootID() ? hunt.look() : []).map {
      Census.Survivor(pid: $0.pid, command: ProcFS.command(of: $0.pid))
    }
  }

  /// Asks all of them to end, and kills those that have not after the grace.
  ///
  /// - Parameters:
  ///   - owner: the supervisor; it must be dead, or it would start more.
  ///   - grace: time from SIGTERM to SIGKILL; zero kills at once.
  /// - Returns: what it took, once none is left or what is left cannot be killed.
  public static func end(
    of owner: ProcessReference, grace: Duration = StopPolicy.providerGrace
  ) async -> Census {
    let sweep = StraySweep(owner, grace: grace)
    let census = await withCheckedContinuation { continuation in
      sweep.waiter = continuation
      sweep.handle(grace > .zero ? .changed : .kill)
    }
    // Its timers do not keep it alive.
    return withExtendedLifetime(sweep) { census }
  }

  private func handle(_ event: StopMachine<ContinuousClock.Instant>.Event) {
    guard !machine.isEnded else { return }
    let tree = look()
    for action in machine.handle(event, tree, now: .now) {
      switch action {
      case .signalLeader, .signalGroup: break
      case .signal(let identity, let number):
        guard
          let watch = watches[identity]
            ?? ProcessWatch(identity, onEnd: { [weak self] in self?.lookSoon() })
        else { continue }
        watches[identity] = watch
        watch.send(number)
        if number != SIGKILL { watch.send(SIGCONT) }
      case .wake(let instant):
        deadlineTimer.schedule(after: ContinuousClock.now.duration(to: instant))
      case .look(let interval): lookTimer.schedule(after: interval)
      case .finish: finish(tree)
      }
    }
  }

  private func lookSoon() { if !machine.isEnded { lookTimer.schedule(after: .zero) } }

  private func look() -> TreeSnapshot {
    let members = owner.bootID == ProcFS.bootID() ? hunt.look() : []
    return TreeSnapshot(
      leaderIsAlive: false,
      others: members.map {
        TreeMember(
          identity: $0.identity, isOutsideGroup: false,
          isRefused: watches[$0.identity]?.isRefused ?? false)
      })
  }

  private func finish(_ tree: TreeSnapshot) {
    deadlineTimer.cancel()
    lookTimer.cancel()
    watches = [:]
    let leader = ProcessIdentity(pid: owner.pid, startTime: owner.startTime)
    let left = tree.others.map {
      Census.Survivor(
        pid: $0.identity.pid,
        command: ProcFS.command(of: $0.identity.pid)
          + ($0.isRefused ? " (runs as another user)" : " (does not go by SIGKILL)"))
    }
    waiter?.resume(
      returning: Census(machine.ended(leader: leader, remaining: tree), remaining: left))
    waiter = nil
  }

  // MARK: - Who they are

  /// Whether an environment, `name=value` separated by NUL, names the supervisor in `AGENTV_TREE`,
  /// at any level: `<pid>-<start>-<number>`, outer supervisors before inner ones.
  nonisolated static func isMarked(_ environment: [UInt8], by owner: ProcessReference) -> Bool {
    let name = Array("\(TreeCookie.name)=".utf8)
    let mark = "\(owner.pid)-\(owner.startTime)-"
    return environment.split(separator: 0).contains { variable in
      guard variable.starts(with: name) else { return false }
      let value = String(decoding: variable.dropFirst(name.count), as: UTF8.self)
      return value.split(separator: "/").contains { $0.hasPrefix(mark) }
    }
  }
}
