// All jobs of the server: launches them through holders, stops them, publishes what becomes of them.

import Core
import EventLoop
import JobStore
import RunArtifacts
import RunControl
import Supervisor

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

  let configuration: Configuration
  let supervisor: Supervisor
  /// For small files on the way to a launch or a stop; never behind the reading of runs.
  let control = FileWorker("control")
  /// For ending what a run without a holder left, which may take seconds.
  let sweeper = FileWorker("sweep")
  private let follow = FileWorker("follow-output")
  private(set) var entries: [String: JobEntry] = [:]
  /// Ended jobs in `entries`, the last one used last.
  private var endedOrder: [String] = []
  /// The last jobs that ended, oldest first.
  private(set) var recent: [(job: Job, project: Project)] = []
  /// Jobs that have ended, by outcome, those of earlier servers included.
  private(set) var outcomes: [String: Int] = [:]
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

  /// Ended jobs that are kept with rows and output; the others come from the journal when they are
  /// asked for.
  static let maximumKeptEntries = 16
  /// Ended jobs that snapshots show.
  static let maximumRecent = 200

  /// The live jobs and the last ones that ended, newest first.
  var shown: [(job: Job, project: Project)] {
    let jobs = recent + live.map { ($0.job, $0.project) }
    // Every new stream asks for it: keys are sorted, as moving whole jobs about costs ten times that.
    return jobs.indices.map { (jobs[$0].job.startedAt, jobs[$0].job.id, $0) }
      .sorted { $0 > $1 }
      .map { jobs[$0.2] }
  }

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
    let entry = makeEntry(job, in: project, isNew: true)
    live.append(entry)
    publishStatus(entry)
    // Before anything is started: whatever runs, a later server knows of it.
    keep(entry) { [self] in
      entry.isKept = true
      startQueued()
      if entry.state.phase == .queued { register(entry) }
      entry.tellStarted()
    }
    return entry
  }

  func makeEntry(_ job: Job, in project: Project, isNew: Bool) -> JobEntry {
    let directory = RunDirectory(path: job.plan.runDirectory, project: project.path)
    let hasEnded = job.state.phase == .ended
    let run = hasEnded ? RunFollower(directory, worker: follow) : project.follow(directory)
    let feed = JobFeed(job: job, run: run, worker: follow, isNew: isNew)
    let entry = JobEntry(feed: feed, project: project)
    entries[job.id] = entry
    if hasEnded {
      run.changed()
      feed.publishEnd()
      entry.isKept = true
      used(job.id)
    }
    return entry
  }

  /// Keeps what is used and lets go of what was not for the longest time.
  private func used(_ id: String) {
    guard entries[id]?.state.phase == .ended else { return }
    endedOrder.removeAll { $0 == id }
    endedOrder.append(id)
    for old in endedOrder.dropLast(Self.maximumKeptEntries)
    where entries[old]?.feed.stream.subscriberCount == 0 {
      entries[old] = nil
      endedOrder.removeAll { $0 == old }
    }
  }

  /// Calls back with the job of an id, `nil` when there never was one.
  /// - Parameters:
  ///   - id: the job.
  ///   - projects: finds the project of a directory.
  ///   - then: gets the job.
  func find(
    _ id: String, projects: @escaping @LoopActor (String) -> Project,
    then: @escaping @LoopActor (JobEntry?) -> Void
  ) {
    if let entry = entries[id] {
      used(id)
      return then(entry)
    }
    guard let journal else { return then(nil) }
    journal.job(id) { [self] stored in
      // Somebody else may have asked for it at the same time.
      if let entry = entries[id] { return then(entry) }
      guard let stored, let job = Job(stored), job.state.phase == .ended else { return then(nil) }
      then(makeEntry(job, in: projects(job.plan.project), isNew: false))
    }
  }

  /// Begins with what the journal tells of ended jobs.
  func begin(recent: [(job: Job, project: Project)], outcomes: [String: Int]) {
    self.recent = recent
    self.outcomes = outcomes
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
        entry.launchLock = nil
        live.removeAll { $0 === entry }
        keep(entry)
        remember(entry)
        entry.feed.publishEnd()
        onStatus?(entry)
        entry.project.jobEnded(entry.job)
        startQueued()
        tellWhenIdle()
      }
    }
  }

  private func remember(_ entry: JobEntry) {
    let job = entry.job
    if let outcome = job.state.end?.outcome { outcomes[outcome.rawValue, default: 0] += 1 }
    recent.append((job, entry.project))
    if recent.count > Self.maximumRecent { recent.removeFirst() }
    if job.state.pid == nil, job.state.end?.exitCode == nil { withdraw(job) }
    used(job.id)
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
