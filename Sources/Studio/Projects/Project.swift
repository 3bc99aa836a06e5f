// One project directory: its runs, who writes them now, and the stream that tells of both.

import Core
import EventLoop
import RunArtifacts
import RunControl

@LoopActor
final class Project {
  /// Absolute path.
  let path: String
  /// Name of the directory.
  var name: String { Path.name(path) }
  /// The project's stream.
  let stream = Feed()
  /// The live jobs of this project by run directory; set by the server.
  var liveJobs: @LoopActor () -> [String: Job] = { [:] }
  /// The configuration told in snapshots; set by the server.
  var config: @LoopActor () -> JSON = { [:] }

  private let listing: WorkerValue<RunListing>
  private let followWorker: FileWorker
  private var catalog = RunCatalog()
  private var followers: [String: RunFollower] = [:]
  private lazy var watcher = ProjectWatcher(project: path) { [weak self] news in self?.take(news) }
  private var timers: [String: LoopTimer] = [:]
  private var isScanned = false
  private var scanWaiters: [@LoopActor () -> Void] = []

  init(path: String) {
    self.path = path
    listing = WorkerValue(RunListing(project: path), on: FileWorker("runs"))
    followWorker = FileWorker("follow-run")
  }

  /// Starts to watch the project and reads what is there.
  func start() {
    watcher.start()
    scan { [weak self] in
      guard let self else { return }
      self.isScanned = true
      let waiting = self.scanWaiters
      self.scanWaiters = []
      for done in waiting { done() }
    }
  }

  /// Calls back when the runs have been read for the first time.
  func whenScanned(_ done: @escaping @LoopActor () -> Void) {
    if isScanned { done() } else { scanWaiters.append(done) }
  }

  // MARK: - Runs

  /// Reads the list afresh, publishes what changed and gives the list as JSON objects.
  func list(_ done: @escaping @LoopActor ([ListedRun]) -> Void) {
    scan { [self] in done(catalog.sorted()) }
  }

  private func scan(_ done: @escaping @LoopActor () -> Void) {
    let targets = liveTargets()
    listing.perform { listing in
      listing.scan().map { ListedRun($0, jobTarget: targets[$0.directory]) }
    } then: { [self] runs in
      let present = Set(runs.map(\.path))
      for path in catalog.paths where !present.contains(path) { update(path, nil) }
      for run in runs { update(run.path, run) }
      done()
    }
  }

  /// Targets asked for by the live jobs, by run directory: what a run without rows is shown with.
  private func liveTargets() -> [String: String] {
    var targets: [String: String] = [:]
    for (path, job) in liveJobs() { targets[path] = job.plan.target }
    return targets
  }

  /// Reads one run afresh and publishes what changed.
  func refresh(_ path: String, _ done: (@LoopActor (ListedRun?) -> Void)? = nil) {
    let project = self.path
    let target = liveTargets()[path]
    listing.perform { listing in
      listing.meta(RunDirectory(path: path, project: project)).map {
        ListedRun($0, jobTarget: target)
      }
    } then: { [self] run in
      update(path, run)
      done?(run)
    }
  }

  private func update(_ path: String, _ run: ListedRun?) {
    let old = catalog[path]
    if let change = catalog.update(path, run), let shown = run ?? old {
      publish(change, shown.data)
    }
    if run?.isLive == true {
      _ = follow(RunDirectory(path: path, project: self.path))
      watcher.watchRun(path)
    } else if followers[path] != nil, liveJob(path) == nil {
      unfollow(path)
    }
  }

  private func publish(_ change: RunChange, _ run: [UInt8]) {
    guard isScanned else { return }
    stream.publish(
      "run",
      RawJSON.object([
        ("change", JSON.string(change.rawValue).serialized()), ("run", run),
        ("revision", JSON.int(catalog.revision).serialized()),
      ]))
  }

  // MARK: - Live runs

  /// The follower of a run directory, which need not exist yet.
  func follow(_ directory: RunDirectory) -> RunFollower {
    if let follower = followers[directory.path] { return follower }
    let follower = RunFollower(directory, worker: followWorker)
    followers[directory.path] = follower
    follower.observe { [weak self, weak follower] news in
      guard let self, let follower else { return }
      self.publish(news, of: follower)
    }
    follower.changed()
    return follower
  }

  private func publish(_ news: RunNews, of follower: RunFollower) {
    let runID = JSON.string(follower.directory.runID)
    switch news {
    case .reloaded: break
    case .rows(let rows):
      for row in rows { stream.publish("row", RawJSON.adding("run_id", runID, to: row.data)) }
    case .progress: stream.publish("progress", progress(of: follower))
    }
  }

  private func unfollow(_ path: String) {
    guard let follower = followers.removeValue(forKey: path) else { return }
    follower.drain { [weak self] in
      guard let self, self.followers[path] == nil else { return }
      self.watcher.unwatchRun(path)
    }
  }

  // MARK: - Jobs

  /// A job's holder is about to start: its directories exist now.
  func watchOutput(of job: Job, _ output: OutputFollower) {
    watcher.watchRun(job.plan.runDirectory)
    watcher.watchOutput(job.directory) { output.changed() }
  }

  /// A job has ended and everything it wrote was told.
  func jobEnded(_ job: Job) {
    watcher.unwatchOutput(job.directory)
    refresh(job.plan.runDirectory)
  }

  // MARK: - What the watcher sees

  private func take(_ news: ProjectWatcher.News) {
    switch news {
    case .filesChanged(let path): followers[path]?.changed()
    case .runChanged(let path): refresh(path)
    case .writerLeft(let path): recheck(path, after: .milliseconds(2))
    case .directoryGone(let path): for run in catalog.paths(under: path) { refresh(run) }
    case .lastRunChanged: lastRunChanged()
    case .everythingChanged: scan {}
    }
  }

  /// The writer closed its lock file.
  ///
  /// The kernel reports that before it drops the lock, so look
  /// again for a moment.
  private func recheck(_ path: String, after delay: Duration) {
    let timer = LoopTimer { [weak self] in
      guard let self else { return }
      self.timers[path] = nil
      let look: @LoopActor () -> Void = {
        self.refresh(path) { run in
          guard run?.isLive == true, delay < .seconds(1) else { return }
          self.recheck(path, after: delay * 4)
        }
      }
      // The last rows are told before the end is.
      if let follower = self.followers[path] { follower.drain(look) } else { look() }
    }
    timer.schedule(after: delay)
    timers[path] = timer
  }

  /// A run was started or resumed, perhaps one that is not watched since it had ended long ago.
  private func lastRunChanged() {
    let project = path
    followWorker.run {
      LastRun.read(project: project)
    } then: { [weak self] directory in
      guard let self, let directory, self.catalog[directory] != nil else { return }
      self.refresh(directory)
    }
  }

  // MARK: - Snapshot

  /// What a client of the project's stream that knows nothing needs.
  func snapshot(jobs: [Job]) -> [UInt8] {
    RawJSON.object([
      ("jobs", JSON.array(jobs.map(\.json)).serialized()),
      ("runs", RawJSON.array(catalog.sorted().lazy.map(\.data))),
      ("progress", progress()),
      ("revision", JSON.int(catalog.revision).serialized()),
      ("config", config().serialized()),
    ])
  }

  /// How far the live runs are.
  private func progress() -> [UInt8] {
    RawJSON.array(followers.values.filter(\.isLoaded).map { progress(of: $0) })
  }

  /// The `progress` event of a run: its numbers, its id and the job that writes it.
  private func progress(of follower: RunFollower) -> [UInt8] {
    var data = RawJSON.adding(
      "run_id", .string(follower.directory.runID), to: follower.progress.json.serialized())
    if let job = liveJob(follower.directory.path) {
      data = RawJSON.adding("job_id", .string(job.id), to: data)
    }
    return data
  }

  private func liveJob(_ path: String) -> Job? { liveJobs()[path] }
}
