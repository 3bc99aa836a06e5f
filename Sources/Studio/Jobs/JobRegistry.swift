// All jobs of the server: launches them through holders, stops them, publishes what becomes of them.

import Core
import EventLoop
import JobStore
import RunArtifacts
import RunControl
import Supervisor

/// A job with what serves it.
@LoopActor
final class JobEntry {
  let feed: JobFeed
  let project: Project
  /// Where its signals go.
  var holding: HeldRun?
  /// Kills a holder that does not end long after it should have.
  var lastResort: LoopTimer?
  /// Whether that has happened.
  var wasKilled = false
  /// Whether a later server would find it.
  var isKept = false
  fileprivate var startWaiters: [@LoopActor () -> Void] = []

  init(feed: JobFeed, project: Project) {
    self.feed = feed
    self.project = project
  }

  var job: Job { feed.job }
  var id: String { feed.job.id }
  var state: JobState { feed.job.state }

  /// Calls back when the process runs or could not be started; for a job in the queue, when a later
  /// server would find it.
  func whenStarted(_ done: @escaping @LoopActor () -> Void) {
    if state.phase == .preparing || !isKept { startWaiters.append(done) } else { done() }
  }

  fileprivate func tellStarted() {
    guard state.phase != .preparing, isKept else { return }
    let waiting = startWaiters
    startWaiters = []
    for done in waiting { done() }
  }
}

@LoopActor
final class JobRegistry {
  struct Configuration: Sendable {
    /// Jobs that run at the same time; the rest wait in `starting`.
    var maximumJobs: Int
    /// Time from a stop until SIGKILL.
    var stopGrace: Duration
    /// The `agentv` executable.
    var executable: String
    /// Environment of the runs.
    var environment: [String: String]
  }

  /// What a holder needs beyond the grace to sweep, to write its record and to end.
  static let holderMargin = Duration.seconds(10)

  private let configuration: Configuration
  private let supervisor: Supervisor
  /// For small files on the way to a launch or a stop; never behind the reading of runs.
  let control = FileWorker("control")
  /// For ending what a run without a holder left, which may take seconds.
  let sweeper = FileWorker("sweep")
  private let follow = FileWorker("follow-output")
  private(set) var entries: [String: JobEntry] = [:]
  private var order: [String] = []
  /// Those that have not ended, oldest first.
  var live: [JobEntry] = []
  /// Where jobs are kept for the next server.
  var journal: Journal?
  private(set) var isShuttingDown = false
  private var idleWaiters: [@LoopActor () -> Void] = []
  /// Told of every published status, for the project's stream.
  var onStatus: (@LoopActor (JobEntry) -> Void)?

  init(_ configuration: Configuration, supervisor: Supervisor) {
    self.configuration = configuration
    self.supervisor = supervisor
  }

  /// All jobs, newest first.
  var all: [JobEntry] { order.reversed().compactMap { entries[$0] } }

  subscript(id: String) -> JobEntry? { entries[id] }

  /// The live job that writes a run directory.
  func liveJob(writing directory: String) -> JobEntry? {
    live.first { $0.job.plan.runDirectory == directory && !$0.state.status.isTerminal }
  }

  /// Run directories that live jobs write, with the jobs' ids.
  var busyDirectories: [String: String] {
    Dictionary(
      live.filter { !$0.state.status.isTerminal }.map { ($0.job.plan.runDirectory, $0.id) }
    ) { first, _ in first }
  }

  // MARK: - Launch

  /// Registers a job and starts it, or queues it when `maximumJobs` are running.
  /// - Throws: `RequestError` when another job writes the same directory or the server is ending.
  func launch(
    _ plan: LaunchPlan, in project: Project, benchmarkID: String?
  ) throws(RequestError) -> JobEntry {
    guard !isShuttingDown else { throw .shuttingDown }
    if let other = liveJob(writing: plan.runDirectory) {
      throw RequestError(
        status: 409, code: "run-is-live",
        message: "Run \"\(plan.runID)\" is being written by job \(other.id); stop it first")
    }
    var random = SystemRandomNumberGenerator()
    var id = JobID.make(using: &random)
    while entries[id] != nil { id = JobID.make(using: &random) }
    let job = Job(
      id: id, benchmarkID: benchmarkID, plan: plan, startedAt: .now(),
      stopGrace: configuration.stopGrace)
    let entry = makeEntry(job, in: project)
    live.append(entry)
    publishStatus(entry)
    // Before anything is started: whatever runs, a later server knows of it.
    keep(entry) { [self] in
      entry.isKept = true
      startQueued()
      entry.tellStarted()
    }
    return entry
  }

  func makeEntry(_ job: Job, in project: Project) -> JobEntry {
    let follower = project.follow(
      RunDirectory(path: job.plan.runDirectory, project: project.path))
    let entry = JobEntry(
      feed: JobFeed(job: job, run: follower, worker: follow), project: project)
    entries[job.id] = entry
    order.append(job.id)
    return entry
  }

  /// Writes a job's state to the journal.
  private func keep(_ entry: JobEntry, _ done: (@LoopActor () -> Void)? = nil) {
    guard let journal else {
      done?()
      return
    }
    journal.put(entry.job.stored, done)
  }

  func startQueued() {
    guard !isShuttingDown else { return }
    let live = self.live
    var places = configuration.maximumJobs - live.count { $0.state.phase != .queued }
    for entry in live where entry.state.phase == .queued && entry.isKept && places > 0 {
      places -= 1
      handle(.slotFree, entry)
    }
  }

  private func prepare(_ entry: JobEntry) {
    let job = entry.job
    let command = [configuration.executable] + job.plan.arguments
    let launch = LaunchSpec(
      jobID: job.id, runDirectory: job.plan.runDirectory, command: command,
      workingDirectory: job.plan.project, stopGrace: configuration.stopGrace,
      requestedAt: job.startedAt)
    control.run { () -> String? in
      do throws(FileError) {
        try launch.write()
        return nil
      } catch {
        return error.description
      }
    } then: { [self] failure in
      handle(failure.map { .launchFailed(message: $0) } ?? .prepared, entry)
    }
  }

  private func spawn(_ entry: JobEntry) {
    let job = entry.job
    // Watched before anything can be written there.
    entry.project.watchOutput(of: job, entry.feed.output)
    let spec = Holder.spec(
      executable: configuration.executable, launchFile: "\(job.directory)/launch.json",
      environment: configuration.environment)
    do throws(SupervisorError) {
      let process = try supervisor.start(spec)
      entry.holding = .child(process)
      process.onEnd = { [weak self, weak entry] result in
        guard let self, let entry else { return }
        self.ended(entry, result)
      }
      handle(.spawned(pid: process.pid), entry)
    } catch {
      handle(.launchFailed(message: error.description), entry)
    }
  }

  private func ended(_ entry: JobEntry, _ result: ProcessResult) {
    entry.holding = nil
    // A holder of the server before was faster.
    if result.exit == .exited(Holder.takenCode), !result.stopped,
      !FileIO.isFile("\(entry.job.directory)/end.json")
    {
      return look(entry)
    }
    entry.lastResort?.cancel()
    let end = EndRecord.read(
      jobDirectory: entry.job.directory, runDirectory: entry.job.plan.runDirectory,
      holder: result.exit, stop: entry.state.stop)
    handle(.exited(end), entry)
  }

  // MARK: - Stop

  /// What a stop found.
  enum StopAnswer: Sendable, Hashable {
    /// It is on its way; the status is the one before the effect.
    case stopping(JobStatus)
    case alreadyTerminal(JobStatus)
  }

  func stop(_ entry: JobEntry, _ request: StopRequest) -> StopAnswer {
    let before = entry.state.status
    if before.isTerminal { return .alreadyTerminal(before) }
    handle(.stopRequested(request), entry)
    return .stopping(before)
  }

  /// What cannot be asked gently is asked with a signal.
  private func requestDrain(_ entry: JobEntry, _ request: StopRequest) {
    let job = entry.job
    let directory = RunDirectory(path: job.plan.runDirectory, project: job.plan.project)
    control.run { () -> FileError? in
      do throws(FileError) {
        try RunDrain.request(request, in: directory, jobID: job.id)
        return nil
      } catch {
        return error
      }
    } then: { [self] error in
      guard error != nil else { return }
      var stronger = request
      stronger.mode = .now
      handle(.stopRequested(stronger), entry)
    }
  }

  private func signalHolder(_ entry: JobEntry, _ request: StopRequest) {
    let path = "\(entry.job.directory)/stop.json"
    control.run {
      // Without the file the holder still stops; only who and why would be missing.
      try? FileIO.write(path, request.json.pretty() + [0x0A])
    } then: { _ in
      entry.holding?.stop()
    }
    let timer = LoopTimer { [weak entry] in
      entry?.wasKilled = true
      entry?.holding?.kill()
    }
    timer.schedule(
      after: (request.force ? .zero : configuration.stopGrace) + Self.holderMargin)
    entry.lastResort = timer
  }

  // MARK: - Shutdown

  /// Stops every job resumably, or kills them all with `force`, and calls back when none is left.
  func shutDown(
    reason: String, force: Bool, _ done: @escaping @LoopActor () -> Void
  ) {
    isShuttingDown = true
    idleWaiters.append(done)
    let request = StopRequest(
      reason: reason, actor: "shutdown", force: force, requestedAt: .now())
    // Those in the queue first, or they would get the places of those that end.
    for entry in live.sorted(by: { $0.state.phase == .queued && $1.state.phase != .queued }) {
      _ = stop(entry, request)
    }
    tellWhenIdle()
  }

  /// Leaves the jobs to the next server; those that it would not find are stopped.
  func detach() {
    isShuttingDown = true
    guard journal?.state.isKept != true else { return }
    let request = StopRequest(
      reason: "the Studio ended", actor: "shutdown", force: false, requestedAt: .now())
    for entry in live where entry.state.phase == .queued { _ = stop(entry, request) }
  }

  private func tellWhenIdle() {
    guard isShuttingDown, live.isEmpty else { return }
    let waiting = idleWaiters
    idleWaiters = []
    for done in waiting { done() }
  }

  // MARK: - The table's actions

  func handle(_ event: JobEvent, _ entry: JobEntry) {
    for action in entry.feed.job.state.handle(event) {
      switch action {
      case .prepare: prepare(entry)
      case .spawn: spawn(entry)
      case .signalHolder(let request): signalHolder(entry, request)
      case .requestDrain(let request): requestDrain(entry, request)
      case .publishStatus: publishStatus(entry)
      case .drain: drain(entry)
      case .finish:
        live.removeAll { $0 === entry }
        keep(entry)
        entry.feed.publishEnd()
        onStatus?(entry)
        entry.project.jobEnded(entry.job)
        startQueued()
        tellWhenIdle()
      }
    }
  }

  func drain(_ entry: JobEntry) {
    entry.feed.drain { [self] in handle(.drained, entry) }
  }

  private func publishStatus(_ entry: JobEntry) {
    entry.tellStarted()
    if entry.isKept { keep(entry) }
    entry.feed.publishStatus()
    onStatus?(entry)
  }
}
