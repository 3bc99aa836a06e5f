import Core
import RunControl
import TestSupport
import Testing

@testable import Studio

struct JobStateTests {
  private let request = StopRequest(
    reason: "enough", actor: "browser", force: false,
    requestedAt: Timestamp(millisecondsSinceEpoch: 0))
  private var forced: StopRequest {
    var forced = request
    forced.force = true
    return forced
  }
  private let stopped = JobEnd(
    exitCode: 143, signal: "SIGTERM", outcome: .stopped, reason: "enough", actor: "browser",
    census: Census(obeyed: 2), endedAt: Timestamp(millisecondsSinceEpoch: 5))

  private func running() -> JobState {
    var state = JobState()
    _ = state.handle(.slotFree)
    _ = state.handle(.prepared)
    _ = state.handle(.spawned(pid: 7))
    return state
  }

  @Test func `a job goes from its place in the queue to running and to its end`() {
    var state = JobState()
    #expect(state.status == .starting)
    #expect(state.handle(.slotFree) == [.prepare])
    #expect(state.handle(.prepared) == [.spawn])
    #expect(state.status == .starting)
    #expect(state.handle(.spawned(pid: 7)) == [.publishStatus])
    #expect(state.status == .running && state.pid == 7)
    var end = stopped
    end.exitCode = 0
    #expect(state.handle(.exited(end)) == [.publishStatus, .drain])
    #expect(state.status == .finished)
    #expect(state.handle(.drained) == [.finish])
    #expect(state.phase == .ended)
  }

  @Test func `a stop is signalled once, however often it is pressed`() {
    var state = running()
    #expect(state.handle(.stopRequested(request)) == [.signalHolder(request), .publishStatus])
    #expect(state.isStopping && state.status == .running)
    #expect(state.handle(.stopRequested(request)) == [])
    #expect(state.handle(.stopRequested(request)) == [])
    #expect(state.stop == request)
  }

  @Test func `force escalates a stop once`() {
    var state = running()
    _ = state.handle(.stopRequested(request))
    #expect(state.handle(.stopRequested(forced)) == [.signalHolder(forced), .publishStatus])
    #expect(state.isForced)
    #expect(state.stop == request, "the first press is the one that counts")
    #expect(state.handle(.stopRequested(forced)) == [])
  }

  @Test func `a stop after the current tests sends no signal and can be made stronger`() {
    var state = running()
    var patient = request
    patient.mode = .afterCurrent
    #expect(state.handle(.stopRequested(patient)) == [.requestDrain(patient), .publishStatus])
    #expect(state.isStopping && state.mode == .afterCurrent)
    #expect(state.handle(.stopRequested(patient)) == [])
    var later = request
    later.requestedAt = Timestamp(millisecondsSinceEpoch: 9)
    #expect(state.handle(.stopRequested(later)) == [.signalHolder(later), .publishStatus])
    #expect(state.stop == later, "the countdown starts with the first signal")
    #expect(state.handle(.stopRequested(patient)) == [], "a weaker one changes nothing")
    #expect(state.handle(.stopRequested(forced)) == [.signalHolder(forced), .publishStatus])
    #expect(state.mode == .force && state.stop == later)
  }

  @Test func `a queued job that is stopped ends without a process`() {
    var state = JobState()
    #expect(state.handle(.stopRequested(request)) == [.publishStatus, .finish])
    #expect(state.status == .failed && state.end?.outcome == .stopped)
    #expect(state.end?.exitCode == nil && state.end?.actor == "browser")
    #expect(state.handle(.slotFree) == [])
  }

  @Test func `a stop while the launch is prepared keeps the run from starting`() {
    var state = JobState()
    _ = state.handle(.slotFree)
    #expect(state.handle(.stopRequested(request)) == [.publishStatus])
    #expect(state.isStopping)
    #expect(state.handle(.prepared) == [.publishStatus, .finish])
    #expect(state.end?.outcome == .stopped)
  }

  @Test func `a launch that fails is a failed job with the reason`() {
    var state = JobState()
    _ = state.handle(.slotFree)
    #expect(state.handle(.launchFailed(message: "no room")) == [.publishStatus, .finish])
    #expect(state.end?.outcome == .failed && state.end?.reason == "no room")
  }

  @Test func `a terminal job takes no more events`() {
    var state = running()
    _ = state.handle(.stopRequested(request))
    _ = state.handle(.exited(stopped))
    #expect(state.status == .failed && !state.isStopping)
    #expect(state.handle(.stopRequested(forced)) == [])
    #expect(state.handle(.exited(stopped)) == [])
    _ = state.handle(.drained)
    #expect(state.handle(.drained) == [])
    #expect(state.handle(.stopRequested(request)) == [])
  }
}
