import Testing

@testable import RunControl

struct StopEscalationTests {
  private typealias Machine = StopEscalation<ContinuousClock.Instant>
  private let start = ContinuousClock.now

  private func at(_ seconds: Double) -> ContinuousClock.Instant {
    start.advanced(by: .milliseconds(Int(seconds * 1000)))
  }

  @Test func `a run that obeys is asked once and swept`() {
    var machine = Machine()
    #expect(
      machine.handle(.begin(.writer, force: false), now: start)
        == [.record, .signal, .wake(at(10))])
    #expect(machine.handle(.runnerEnded, now: at(1)) == [.sweep])
    #expect(machine.handle(.deadline, now: at(10)) == [])
    #expect(machine.handle(.swept, now: at(1)) == [.finish])
    #expect(machine.state == .ended && !machine.wasPressed)
  }

  @Test func `a run in a terminal that does not end is pressed, then killed`() {
    var machine = Machine()
    _ = machine.handle(.begin(.writer, force: false), now: start)
    #expect(machine.handle(.deadline, now: at(10)) == [.signal, .wake(at(10.25))])
    #expect(machine.wasPressed)
    #expect(machine.handle(.deadline, now: at(10.25)) == [.signal, .wake(at(10.5))])
    #expect(machine.handle(.deadline, now: at(17)) == [.kill, .wake(at(22))])
    #expect(machine.handle(.runnerEnded, now: at(17)) == [.sweep])
    #expect(machine.handle(.swept, now: at(18)) == [.finish])
  }

  @Test func `force presses a run in a terminal as soon as it can tell two presses apart`() {
    var machine = Machine()
    #expect(
      machine.handle(.begin(.writer, force: true), now: start)
        == [.record, .signal, .wake(at(0.25))])
    #expect(machine.handle(.deadline, now: at(0.25)) == [.signal, .wake(at(0.5))])
    #expect(machine.handle(.runnerEnded, now: at(1)) == [.sweep])
  }

  @Test(arguments: [(false, 13.0), (true, 10.0)])
  func `a holder has its own grace and time to report`(_ force: Bool, _ wait: Double) {
    var machine = Machine()
    #expect(
      machine.handle(.begin(.holder(grace: .seconds(3)), force: force), now: start)
        == [.record, .signal, .wake(at(wait))])
    #expect(machine.handle(.deadline, now: at(wait)) == [.kill, .wake(at(wait + 5))])
    #expect(machine.handle(.runnerEnded, now: at(wait)) == [.sweep])
  }

  @Test func `what does not even go by SIGKILL ends the stop, not the run`() {
    var machine = Machine()
    _ = machine.handle(.begin(.holder(grace: .zero), force: false), now: start)
    _ = machine.handle(.deadline, now: at(10))
    #expect(machine.handle(.deadline, now: at(15)) == [.finish])
    #expect(machine.handle(.runnerEnded, now: at(16)) == [])
  }

  @Test func `a run that nobody runs is only swept`() {
    var machine = Machine()
    #expect(machine.handle(.begin(.nobody, force: false), now: start) == [.sweep])
    #expect(machine.handle(.swept, now: start) == [.finish])
  }
}
