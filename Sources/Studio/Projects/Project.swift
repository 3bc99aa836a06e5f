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
  /// The registered projects told in snapshots; set by the server.
  var benchmarks: @LoopActor () -> JSON = { [] }
  /// Called when the list of runs or a live job changed; set by the server.
  var onChange: @LoopActor () -> Void = {}
  /// Called when the project's configuration was written; set by the server.
  var onConfig: @LoopActor () -> Void = {}

  private let runs: WorkerValue<ProjectRuns>
  private let followWorker: FileWorker
  private var catalog = RunCatalog()
  private var followers: [String: RunFollower] = [:]
  private lazy var watcher = ProjectWatcher(project: path) { [weak self] news in self?.take(news) }
  private var timers: [String: LoopTimer] = [:]
  private var isScanned = false
  private var scanWaiters: [@LoopActor () -> Void] = []
  private var isScanning = false
  /// Wait for a look that begins after they came.
  private var nextScan: [@LoopActor () -> Void] = []
  /// Runs read from the disk so far.
  private(set) var readCount = 0
  private lazy var saveTimer = LoopTimer { [weak self] in self?.save() }

  /// A list that takes longer to read for the first time is given as far as it is.
  static let firstListWait = Duration.milliseconds(400)
  /// Runs read at a time, so that other work gets its turn.
  static let scanStep = 256
  /// Between a change of the list and its file.
  static let savePause = Duration.seconds(5)

  /// A project that is not watched yet.
  /// - Parameters:
  ///   - path: the directory, absolute.
  ///   - home: `AGENTV_HOME`, where clones of results repositories are.
  ///   - keepsCache: whether the list may be kept in a file of the project.
  init(path: String, home: String, keepsCache: Bool) {
    self.path = path
    runs = WorkerValue(
      ProjectRuns(
        project: path, home: home,
        cacheFile: keepsCache ? Path.join(path, ".agentv/studio-index.jsonl") : nil),
      on: FileWorker("runs"))
    followWorker = FileWorker("follow-run")
  }

  /// Starts to watch the project and reads what is there.
  func start() {
    watcher.start()
    scan { [weak self] in
      guard let self else { return }
      self.isScanned = true
      self.save()
      self.onChange()
      for run in self.catalog.sorted.prefix(ProjectWatcher.maximumFinished) where !run.isLive {
        self.watcher.watchFinished(run.path)
      }
      // Whoever looked before got a part of the list.
      if self.stream.subscriberCount > 0, let snapshot = self.lateSnapshot {
        self.stream.publish("snapshot", snapshot())
      }
      let waiting = self.scanWaiters
      self.scanWaiters = []
      for done in waiting { done() }
    }
  }

  /// Calls back when the runs have been read for the first time, or when that takes long.
  func whenScanned(_ done: @escaping @LoopActor () -> Void) {
    guard !isScanned else { return done() }
    let once = Once(done)
    scanWaiters.append { once.run() }
    once.run(after: Self.firstListWait)
  }

  /// The snapshot for those who got a part of the list; set by the server.
  var lateSnapshot: (@LoopActor () -> [UInt8])?

  // MARK: - Runs

  /// The list of runs as it is now.
  struct List: Sendable {
    var runs: [ListedRun]
    /// Whether every run has been read.
    var isComplete: Bool
    /// Changes with every change of the list.
    var revision: Int
  }

  /// Number of runs.
  var runCount: Int { catalog.count }

  /// Looks for changes, publishes them and gives the list; before the first look has ended, what is
  /// known after a moment.
  func list(_ done: @escaping @LoopActor (List) -> Void) {
    let give: @LoopActor () -> Void = { [self] in
      done(List(runs: catalog.sorted, isComplete: isScanned, revision: catalog.revision))
    }
    if isScanned { scan(give) } else { whenScanned(give) }
  }

  /// All runs, however long that takes.
  func complete(_ done: @escaping @LoopActor ([ListedRun]) -> Void) {
    let give: @LoopActor () -> Void = { [self] in done(catalog.sorted) }
    if isScanned { scan(give) } else { scanWaiters.append(give) }
  }

  /// One look serves everybody who asked before it began.
  private func scan(_ done: @escaping @LoopActor () -> Void) {
    nextScan.append(done)
    guard !isScanning else { return }
    isScanning = true
    let waiting = nextScan
    nextScan = []
    runs.perform {
      $0.begin()
    } then: { [self] walk in
      for path in walk.gone { update(path, nil) }
      step(walk, waiting)
    }
  }

  private func step(_ walk: ProjectRuns.Walk, _ waiting: [@LoopActor () -> Void]) {
    let targets = liveTargets()
    let count = isScanned ? Int.max : Self.scanStep
    runs.perform { runs in
      var walk = walk
      let isMore = runs.step(&walk, count: count)
      let found = walk.found.map { ListedRun($0, jobTarget: targets[$0.directory]) }
      return (walk, found, isMore, runs.readCount)
    } then: { [self] walk, found, isMore, read in
      readCount = read
      for run in found { update(run.path, run) }
      if isMore { return step(walk, waiting) }
      isScanning = false
      for done in waiting { done() }
      if !nextScan.isEmpty {
        scan(nextScan.removeFirst())
      }
    }
  }

  private func save() { save {} }

  /// Keeps the list for the next server, as far as it changed, then calls back.
  func save(_ done: @escaping @LoopActor () -> Void) {
    saveTimer.cancel()
    runs.perform {
      $0.save()
    } then: {
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
    let target = liveTargets()[path]
    runs.perform { runs in
      runs.meta(path).map { ListedRun($0, jobTarget: target) }
    } then: { [self] run in
      update(path, run)
      done?(run)
    }
  }

  private func update(_ path: String, _ run: ListedRun?) {
    let old = catalog[path]
    if let change = catalog.update(path, run), let shown = run ?? old {
      publish(change, shown.data)
      if isScanned, !saveTimer.isScheduled { saveTimer.schedule(after: Self.savePause) }
      if isScanned, change == .appeared, let run, !run.isLive {
        // Somebody copies it here: what is written after this look is seen by the next one.
        watcher.watchFinished(path)
        refresh(path)
      }
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
    onChange()
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
      self.watcher.watchFinished(path)
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
    case .configChanged: onConfig()
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

  // MARK: - Overview

  /// What the project holds, for the list of projects; `nil` until its runs have been read.
  var numbers: [(String, JSON)]? {
    guard isScanned else { return nil }
    var rates = 0.0
    var last: String?
    var live = Set(liveJobs().keys)
    var judged = 0
    for run in catalog.sorted {
      if run.testCount > 0 {
        rates += run.meta.passRate
        judged += 1
      }
      if run.isLive { live.insert(run.path) }
      let time = run.meta.timestamp
      if time != "unknown", time > last ?? "" { last = time }
    }
    let count = catalog.count
    return [
      ("run_count", .int(count)),
      ("pass_rate", .double(judged == 0 ? 0 : rates / Double(judged))),
      ("last_run", .optional(last)), ("live_count", .int(live.count)),
    ]
  }

  // MARK: - Snapshot

  /// What a client of the project's stream that knows nothing needs.
  /// - Parameters:
  ///   - jobs: the jobs that are shown.
  ///   - limit: most runs, the newest, and the live ones in any case; `nil` for all.
  /// - Returns: the event's data.
  func snapshot(jobs: [Job], limit: Int? = nil) -> [UInt8] {
    let all = catalog.sorted
    let shown = limit.map { limit in
      all.enumerated().filter { $0.offset < limit || $0.element.isLive }.map(\.element)
    }
    return RawJSON.object([
      ("jobs", JSON.array(jobs.map(\.json)).serialized()),
      ("runs", RawJSON.array((shown ?? all).lazy.map(\.data))),
      ("runs_total", JSON.int(all.count).serialized()),
      ("complete", JSON.bool(isScanned).serialized()),
      ("progress", progress()),
      ("revision", JSON.int(catalog.revision).serialized()),
      ("config", config().serialized()),
      ("benchmarks", benchmarks().serialized()),
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

/// Runs something at most once, at the latest after a time.
@LoopActor
private final class Once {
  private var work: (@LoopActor () -> Void)?
  private var timer: LoopTimer?

  init(_ work: @escaping @LoopActor () -> Void) { self.work = work }

  func run() {
    timer?.cancel()
    timer = nil
    let work = self.work
    self.work = nil
    work?()
  }

  func run(after delay: Duration) {
    let timer = LoopTimer { self.run() }
    timer.schedule(after: delay)
    self.timer = timer
  }
}
