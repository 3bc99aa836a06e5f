import Core
import JobStore
import RunControl
import Testing

@testable import Studio

struct StoredJobTests {
  private let request = StopRequest(
    reason: "enough", actor: "browser", force: false,
    requestedAt: Timestamp(millisecondsSinceEpoch: 5000))
  private let end = JobEnd(
    exitCode: 143, signal: "SIGTERM", outcome: .stopped, reason: "enough", actor: "browser",
    census: Census(obeyed: 2, killed: 1), endedAt: Timestamp(millisecondsSinceEpoch: 9000))

  private func running() -> Job {
    var job = sampleJob()
    for event: JobEvent in [.slotFree, .prepared, .spawned(pid: 77)] {
      _ = job.state.handle(event)
    }
    job.plannedTestCount = 9
    job.completedTestCount = 4
    return job
  }

  @Test func `a job is told by the next server as it was told by this one`() throws {
    var job = running()
    for step in 0..<4 {
      let next = try #require(Job(job.stored))
      #expect(next.json == job.json, "step \(step)")
      switch step {
      case 0: _ = job.state.handle(.stopRequested(request))
      case 1: _ = job.state.handle(.exited(end))
      default: _ = job.state.handle(.drained)
      }
    }
    #expect(!job.stored.isLive && job.stored.outcome == "stopped")
    #expect(job.stored.finishedAt == end.endedAt.description)
  }

  @Test func `a live job is looked at before anything is done with it`() throws {
    let job = try #require(Job(running().stored))
    #expect(job.state.phase == .restoring && job.state.status == .running)
    let queued = try #require(Job(sampleJob().stored))
    #expect(queued.state.phase == .restoring && queued.state.status == .starting)
  }

  @Test(
    arguments: [
      JSON.null, [:], ["phase": "running"], ["phase": "x", "started_at": "2026-01-01T00:00:00Z"],
    ])
  func `a record that means nothing is no job`(_ record: JSON) {
    #expect(Job(id: "a", record: record) == nil)
  }

  @Test func `a restored job is adopted, started or told to have ended`() {
    var adopted = JobState(left: .running, stop: nil, mode: nil, pid: 7, end: nil)
    #expect(adopted.handle(.found(pid: 7)) == [.publishStatus])
    #expect(adopted.phase == .running && adopted.pid == 7)

    var unclaimed = JobState(left: .preparing, stop: nil, mode: nil, pid: 7, end: nil)
    #expect(unclaimed.handle(.unclaimed) == [.publishStatus])
    #expect(unclaimed.phase == .queued && unclaimed.pid == nil)

    var ended = JobState(left: .running, stop: nil, mode: nil, pid: 7, end: nil)
    #expect(ended.handle(.exited(end)) == [.publishStatus, .drain])
    #expect(ended.handle(.drained) == [.finish])

    let known = JobState(left: .draining, stop: nil, mode: nil, pid: 7, end: end)
    #expect(known.phase == .draining && known.status == .failed)
  }

  @Test func `a stop that was promised is asked for again, one that comes too early is kept`() {
    var promised = JobState(left: .running, stop: request, mode: .now, pid: 7, end: nil)
    #expect(promised.isStopping)
    #expect(promised.handle(.found(pid: 7)) == [.signalHolder(request), .publishStatus])

    var early = JobState(left: .running, stop: nil, mode: nil, pid: 7, end: nil)
    #expect(early.handle(.stopRequested(request)) == [.publishStatus])
    #expect(early.handle(.stopRequested(request)) == [])
    #expect(early.handle(.found(pid: 8)) == [.signalHolder(request), .publishStatus])

    var force = request
    force.force = true
    var forced = JobState(left: .running, stop: request, mode: .now, pid: 7, end: nil)
    #expect(forced.handle(.stopRequested(force)) == [.publishStatus])
    var expected = request
    expected.force = true
    #expect(forced.handle(.found(pid: 7)) == [.signalHolder(expected), .publishStatus])

    var drain = request
    drain.mode = .afterCurrent
    var draining = JobState(left: .running, stop: drain, mode: .afterCurrent, pid: 7, end: nil)
    #expect(draining.handle(.found(pid: 7)) == [.requestDrain(drain), .publishStatus])

    var never = JobState(left: .queued, stop: request, mode: .now, pid: nil, end: nil)
    #expect(never.handle(.unclaimed) == [.publishStatus, .finish])
  }
}
