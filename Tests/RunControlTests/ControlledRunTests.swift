import Core
import RunArtifacts
import Supervisor
import TestSupport
import Testing

@testable import RunControl

struct ControlledRunTests {
  private let project: RunProject

  init() throws { project = try RunProject() }

  private var ourselves: ProcessReference { .current() }
  /// Our pid with the start time of somebody else: what a reused number looks like.
  private var reused: ProcessReference {
    ProcessReference(
      pid: ourselves.pid, startTime: ourselves.startTime + 1, bootID: ourselves.bootID)
  }

  @Test(arguments: [
    (RunCompletion.completed, 3, ControlledRun.State.finished), (.interrupted, 1, .interrupted),
    (.failed, 1, .interrupted), (.running, 1, .interrupted), (.running, 3, .finished),
  ])
  func `the state of a run that nobody writes follows from its record and its rows`(
    _ completion: RunCompletion, _ rows: Int, _ state: ControlledRun.State
  ) throws {
    let ids = (0..<rows).map { "t\($0)" }
    let run = ControlledRun(try project.run("r", ids: ids, completion: completion))
    #expect(run.state == state && !run.isLive && run.starter == .terminal && run.holder == nil)
  }

  @Test func `the writer is the process of the record that holds the lock`() throws {
    let ourselves = ourselves
    let directory = try project.run("r", completion: .running) {
      $0.pid = ourselves.pid
      $0.processStartTime = Int(ourselves.startTime)
      $0.bootID = ourselves.bootID
    }
    #expect(ControlledRun(directory).writer == nil, "it does not hold the lock")
    let lock = try FileLock(directory.file(RunFile.lock))
    let run = ControlledRun(directory)
    #expect(run.state == .running && run.writer == ourselves && run.pid == ourselves.pid)
    withExtendedLifetime(lock) {}
  }

  @Test func `a record with a reused pid, another boot or none names no writer`() throws {
    let ourselves = ourselves
    for (start, boot) in [
      (Int(reused.startTime), ourselves.bootID), (Int(ourselves.startTime), "another boot"),
    ] {
      let directory = try project.run("r", completion: .running) {
        $0.pid = ourselves.pid
        $0.processStartTime = start
        $0.bootID = boot
      }
      let lock = try FileLock(directory.file(RunFile.lock))
      let run = ControlledRun(directory)
      #expect(run.state == .running && run.writer == nil && run.pid == ourselves.pid)
      withExtendedLifetime(lock) {}
    }
  }

  @Test func `a living process that is no holder of the job is not believed to be one`() throws {
    let directory = try project.run("r")
    try project.job("studio-1", in: directory, holder: ourselves)
    #expect(JobRecord.all(inRun: directory.path).map(\.livingHolder) == [nil])
    #expect(!ControlledRun(directory).isLive)
    try project.job("studio-1", in: directory, holder: reused)
    #expect(!ControlledRun(directory).isLive)
  }

  @Test func `a job on its way to a holder is starting while its launcher lives`() throws {
    let directory = project.directory("r")
    try project.job("studio-1", in: directory, launcher: ourselves)
    let run = ControlledRun(directory)
    #expect(run.state == .starting && run.starter == .studio && run.job?.id == "studio-1")
    try project.job("studio-1", in: directory, launcher: reused)
    #expect(ControlledRun(directory).state == .failed)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a job is starting while a holder is on its way, and a stop waits for that`()
    async throws
  {
    let directory = project.directory("r")
    try project.job("studio-1", in: directory, launcher: reused)
    let job = Path.join(directory.path, ".jobs/studio-1")
    var lock: LaunchLock? = try LaunchLock(job: job)
    #expect(lock != nil && ControlledRun(directory).state == .starting)
    #expect(project.finder.live().map(\.directory.runID) == ["r"])
    let request = StopRequest(
      reason: nil, actor: "cli", force: false, requestedAt: Timestamp(millisecondsSinceEpoch: 0))
    // Nobody can be asked until the holder has told of itself, or, as here, of its end.
    async let stop = RunStopper.stop(directory, request, waits: true) { _ in }
    try project.job(
      "studio-1", in: directory, launcher: reused, holder: reused,
      end: ["exit_code": 143, "stopped": true])
    lock = nil
    let report = try await stop
    #expect(report.exitCode == 143 && !report.state.isLive)
  }

  @Test func `the last start decides whose end is told`() throws {
    let directory = try project.run("r") { record in
      record.jobID = "studio-1"
      record.resumedAt = Timestamp("2026-05-08T10:00:00.000Z")
      record.pid = 77
      record.processStartTime = 7
      record.bootID = "b"
      record.exitCode = 130
    }
    try project.job(
      "studio-1", in: directory, holder: ourselves, end: ["exit_code": 143, "stopped": true])
    #expect(
      ControlledRun(directory).exitCode == 143, "an older record names the job only by its id")
    let place = "\(Path.relative(directory.path, to: project.path))/.jobs/studio-1/holder.json"
    try project.scratch.write(
      place,
      #"{"pid":5,"start_time":5,"boot_id":"b","child_pid":78,"child_start_time":8}"#)
    let run = ControlledRun(directory)
    #expect(run.job == nil && run.exitCode == 130 && run.starter == .terminal)
  }

  @Test func `broken records are no error`() throws {
    let directory = try project.run("r")
    let place = Path.relative(directory.path, to: project.path)
    try project.scratch.write("\(place)/run.json", "{\"run_id\": 7")
    try project.scratch.write("\(place)/stop.json", "[]")
    try project.scratch.write("\(place)/.jobs/x/launch.json", "nonsense")
    try project.scratch.write("\(place)/.jobs/y/launch.json", "[]")
    try project.scratch.write("\(place)/.jobs/y/holder.json", #"{"pid":-1,"start_time":"x"}"#)
    try project.scratch.link("\(place)/.jobs/z", to: project.path)
    let run = ControlledRun(directory)
    #expect(!run.isLive)
    #expect(JobRecord.all(inRun: directory.path).map(\.id) == ["y"])
  }
}
