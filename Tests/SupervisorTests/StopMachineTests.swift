// The table of the stop, with a clock that the test holds in its hand.

import Core
import Testing

@testable import Supervisor

@Suite struct StopMachineTests {
  private typealias Machine = StopMachine<ContinuousClock.Instant>

  private let start = ContinuousClock.now
  private let policy = StopPolicy(grace: .seconds(5), sweepGrace: .seconds(2))

  private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }
  private func member(_ pid: Int32, outside: Bool = false, refused: Bool = false) -> TreeMember {
    TreeMember(
      identity: ProcessIdentity(pid: pid, startTime: UInt64(pid)), isOutsideGroup: outside,
      isRefused: refused)
  }
  private func alive(_ others: TreeMember...) -> TreeSnapshot {
    TreeSnapshot(leaderIsAlive: true, others: others)
  }
  private func gone(_ others: TreeMember...) -> TreeSnapshot {
    TreeSnapshot(leaderIsAlive: false, others: others)
  }
  private let look = Machine.Action.look(within: Machine.lookInterval)

  @Test func `a leader that ends alone ends its tree without a signal`() {
    var machine = Machine()
    #expect(machine.handle(.changed, alive(), now: at(0)) == [])
    #expect(machine.handle(.changed, gone(), now: at(1)) == [.finish])
    #expect(machine.isEnded && !machine.wasStopped)
    #expect(machine.counts(remaining: gone()) == (0, 0, 0))
  }

  @Test func `a stop signals the group, and a second one does nothing`() {
    var machine = Machine()
    let tree = alive(member(2))
    #expect(
      machine.handle(.stop(policy), tree, now: at(0)) == [.signalGroup(15), .wake(at(5))])
    #expect(machine.handle(.stop(policy), tree, now: at(1)) == [])
    #expect(machine.handle(.changed, gone(), now: at(2)) == [.finish])
    #expect(machine.wasStopped)
    #expect(machine.counts(remaining: gone()) == (2, 0, 0))
  }

  @Test func `the first signal goes to whom the policy names`() {
    let tree = alive(member(2), member(3, outside: true))
    var leader = Machine()
    var policy = policy
    policy.signal = 2
    policy.target = .leader
    #expect(leader.handle(.stop(policy), tree, now: at(0)) == [.signalLeader(2), .wake(at(5))])
    var whole = Machine()
    policy.target = .tree
    #expect(
      whole.handle(.stop(policy), tree, now: at(0))
        == [.signalGroup(2), .signal(member(3).identity, 2), .wake(at(5))])
    #expect(
      whole.handle(.changed, alive(member(4, outside: true)), now: at(1))
        == [.signal(member(4).identity, 2)])
  }

  @Test func `what a leader leaves behind gets SIGTERM at once and two seconds`() {
    var machine = Machine()
    let left = member(3, outside: true)
    _ = machine.handle(.stop(policy), alive(member(2), left), now: at(0))
    // 2 got the signal to the group; only 3 was out of its reach.
    #expect(
      machine.handle(.changed, gone(member(2), left), now: at(1))
        == [.signal(left.identity, 15), .wake(at(3)), look])
    #expect(machine.handle(.changed, gone(left), now: at(2)) == [look])
    #expect(machine.handle(.changed, gone(), now: at(2.5)) == [.finish])
    #expect(machine.counts(remaining: gone()) == (3, 0, 1))
  }

  @Test func `a normal end is swept too`() {
    var machine = Machine()
    #expect(
      machine.handle(.changed, gone(member(2)), now: at(0))
        == [.signal(member(2).identity, 15), .wake(at(2)), look])
    // A newcomer is asked as well, once.
    #expect(
      machine.handle(.changed, gone(member(2), member(4)), now: at(1))
        == [.signal(member(4).identity, 15), look])
    #expect(
      machine.handle(.deadline, gone(member(4)), now: at(2))
        == [.wake(at(7)), .signal(member(4).identity, 9), look])
    #expect(machine.handle(.changed, gone(), now: at(2.1)) == [.finish])
    #expect(!machine.wasStopped)
    #expect(machine.counts(remaining: gone()) == (1, 1, 0))
  }

  @Test func `the sweep never outlasts the grace of the stop`() {
    var machine = Machine()
    _ = machine.handle(.stop(policy), alive(member(2)), now: at(0))
    #expect(
      machine.handle(.changed, gone(member(2), member(3)), now: at(4.5)).contains(.wake(at(5))))
  }

  @Test func `after the grace everybody is killed, and newcomers until nobody is left`() {
    var machine = Machine()
    _ = machine.handle(.stop(policy), alive(member(2)), now: at(0))
    #expect(
      machine.handle(.deadline, alive(member(2)), now: at(5))
        == [
          .wake(at(10)), .signalGroup(9), .signalLeader(9), .signal(member(2).identity, 9), look,
        ])
    #expect(
      machine.handle(.changed, gone(member(7)), now: at(5.1))
        == [.signal(member(7).identity, 9), look])
    #expect(machine.handle(.changed, gone(), now: at(5.2)) == [.finish])
    #expect(machine.counts(remaining: gone()) == (0, 3, 0))
  }

  @Test func `force kills at once in every state`() {
    for prefix in [[], [Machine.Event.stop(policy)]] {
      var machine = Machine()
      for event in prefix { _ = machine.handle(event, alive(), now: at(0)) }
      #expect(
        machine.handle(.kill, alive(), now: at(1))
          == [.wake(at(6)), .signalGroup(9), .signalLeader(9), look])
      #expect(machine.handle(.changed, gone(), now: at(2)) == [.finish])
    }
    var sweeping = Machine()
    _ = sweeping.handle(.changed, gone(member(2)), now: at(0))
    #expect(
      sweeping.handle(.kill, gone(member(2)), now: at(0.1)).contains(
        .signal(member(2).identity, 9)))
    #expect(!sweeping.wasStopped)
  }

  @Test func `no grace means SIGKILL first`() {
    var machine = Machine()
    let actions = machine.handle(.stop(StopPolicy(grace: .zero)), alive(), now: at(0))
    #expect(actions.contains(.signalGroup(9)))
  }

  @Test func `what cannot be killed is given up and reported`() {
    var stuck = Machine()
    _ = stuck.handle(.kill, alive(member(2)), now: at(0))
    #expect(stuck.handle(.deadline, gone(member(2)), now: at(5)) == [.finish])
    #expect(stuck.counts(remaining: gone(member(2))) == (0, 1, 0))
    var foreign = Machine()
    _ = foreign.handle(.kill, alive(member(2)), now: at(0))
    #expect(foreign.handle(.changed, gone(member(2, refused: true)), now: at(0.1)) == [.finish])
  }

  @Test func `nothing happens after the end`() {
    var machine = Machine()
    _ = machine.handle(.changed, gone(), now: at(0))
    for event in [Machine.Event.stop(policy), .kill, .changed, .deadline] {
      #expect(machine.handle(event, gone(member(9)), now: at(1)) == [])
    }
  }

  @Test func `a stop during the sweep can only shorten it`() {
    var machine = Machine()
    _ = machine.handle(.changed, gone(member(2)), now: at(0))
    #expect(machine.handle(.stop(policy), gone(member(2)), now: at(0.5)) == [look])
    let short = StopPolicy(grace: .seconds(1))
    #expect(
      machine.handle(.stop(short), gone(member(2)), now: at(0.5)) == [.wake(at(1.5)), look])
    #expect(!machine.wasStopped)
  }
}

extension StopMachine {
  /// Obeyed, killed, outside of the group.
  fileprivate func counts(remaining: TreeSnapshot) -> (Int, Int, Int) {
    let leader = ProcessIdentity(pid: 1, startTime: 1)
    let census = Census(ended(leader: leader, remaining: remaining), remaining: [])
    return (census.obeyed, census.killed, census.outsideGroup)
  }
}
