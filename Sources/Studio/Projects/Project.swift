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

  private let followWorker = FileWorker("follow-run")
  private let index: RunIndex
  private var watcher: ProjectWatcher { index.watcher }
  private var followers: [String: RunFollower] = [:]
  private var timers: [String: LoopTimer] = [:]
  /// The snapshot for those who got a part of the list, with so many runs; set by the server.
  var lateSnapshot: (@LoopActor (Int?) -> [UInt8])?
  /// Most runs that somebody who got a part of the list asked for; `nil` for all of them.
  private var lateLimit: Int? = 0
  /// The runs in the orders in which pages were asked for.
  let orders = WorkerValue(RunOrders(), on: FileWorker("orders"))
  /// What was added up over all runs.
  let sums = WorkerValue(RunSums(), on: FileWorker("sums"))

  /// A project that is not watched yet.
  /// - Parameters:
  ///   - path: the directory, absolute.
  ///   - home: `AGENTV_HOME`, where clones of results repositories are.
  ///   - keepsCache: whether the list may be kept in a file of the project.
  ///   - scans: large runs that are kept for their pages.
  init(path: String, home: String, keepsCache: Bool, scans: KeptScans) {
    self.path = path
    let tell = Told()
    index = RunIndex(
      project: path, home: home, keepsCache: keepsCache, scans: scans,
      watcher: ProjectWatcher(project: path) { tell.project?.take($0) })
    tell.project = self
    index.targets = { [weak self] in self?.liveTargets() ?? [:] }
    index.isWatched = { [weak self] in (self?.stream.subscriberCount ?? 0) > 0 }
    index.onNewest = { [weak self] in self?.tellLate() }
    index.onRead = { [weak self] path, run in self?.wasRead(path, run) }
    index.onChange = { [weak self] change, run in self?.publish(change, run.data) }
  }

  /// Who is told what the watcher sees.
  @LoopActor
  private final class Told {
    weak var project: Project?
  }

  /// Starts to watch the project and reads what is there.
  func start() {
    index.start { [weak self] in
      guard let self else { return }
      self.onChange()
      self.tellLate()
    }
  }

  /// Whoever looked before got a part of the list.
  private func tellLate() {
    guard stream.subscriberCount > 0, let lateSnapshot else { return }
    stream.publish("snapshot", lateSnapshot(lateLimit))
  }

  // MARK: - Runs

  /// Number of runs.
  var runCount: Int { index.catalog.count }
  /// Runs read from the disk so far.
  var readCount: Int { index.readCount }
  /// Number of directories that are watched, and whether these are all.
  var watching: (count: Int, isComplete: Bool) { (watcher.placeCount, index.isCurrent) }

  /// Calls back when the runs have been read for the first time, or when that takes long.
  func whenScanned(_ done: @escaping @LoopActor () -> Void) { index.whenScanned(done) }

  /// Gives the list as it is on disk; before the first look has ended, what is known after a moment.
  func list(_ done: @escaping @LoopActor (RunIndex.List) -> Void) { index.list(done) }

  /// The same for what is added up over all runs, which waits longer.
  func wholeList(_ done: @escaping @LoopActor (RunIndex.List) -> Void) {
    index.list(within: RunIndex.firstSumWait, done)
  }

  /// All runs, however long that takes.
  func complete(_ done: @escaping @LoopActor ([ListedRun]) -> Void) { index.complete(done) }

  /// Keeps the list for the next server, as far as it changed, then calls back.
  func save(_ done: @escaping @LoopActor () -> Void) { index.save(done) }

  /// Targets asked for by the live jobs, by run directory: what a run without rows is shown with.
  private func liveTargets() -> [String: String] {
    var targets: [String: String] = [:]
    for (path, job) in liveJobs() { targets[path] = job.plan.target }
    return targets
  }

  /// Reads one run afresh and publishes what changed.
  func refresh(_ path: String, _ done: (@LoopActor (ListedRun?) -> Void)? = nil) {
    index.refresh(path, done)
  }

  private func wasRead(_ path: String, _ run: ListedRun?) {
    if run?.isLive == true {
      _ = follow(RunDirectory(path: path, project: self.path))
    } else if followers[path] != nil, liveJob(path) == nil {
      unfollow(path)
    }
  }

  private func publish(_ change: RunChange, _ run: [UInt8]) {
    onChange()
    stream.publish(
      "run",
      RawJSON.object([
        ("change", JSON.string(change.rawValue).serialized()), ("run", run),
        ("revision", JSON.int(index.catalog.revision).serialized()),
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

  /// The last rows are told, also when the end was seen first.
  private func unfollow(_ path: String) {
    guard let follower = followers[path] else { return }
    follower.drain { [weak self] in
      guard let self, self.followers[path] === follower, self.liveJob(path) == nil,
        self.index.catalog[path]?.isLive != true
      else { return }
      self.followers[path] = nil
    }
  }

  // MARK: - Jobs

  /// A job's holder is about to start: its directories exist now.
  func watchOutput(of job: Job, _ output: OutputFollower) {
    watcher.watchRun(job.plan.runDirectory)
    followers[job.plan.runDirectory]?.changed()
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
    case .writerLeft(let path): recheck(path, after: .milliseconds(2))
    case .lastRunChanged: lastRunChanged()
    case .configChanged: onConfig()
    default: break
    }
    index.take(news)
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
      guard let self, let directory, self.index.catalog[directory] != nil else { return }
      self.refresh(directory)
    }
  }

  // MARK: - Overview

  /// What the project holds, for the list of projects; `nil` until its runs have been read.
  var numbers: [(String, JSON)]? {
    guard index.isScanned else { return nil }
    var rates = 0.0
    var last: String?
    var live = Set(liveJobs().keys)
    var judged = 0
    for run in index.catalog.sorted {
      if run.testCount > 0 {
        rates += run.meta.passRate
        judged += 1
      }
      if run.isLive { live.insert(run.path) }
      let time = run.meta.timestamp
      if time != "unknown", time > last ?? "" { last = time }
    }
    let count = index.catalog.count
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
    if !index.isScanned { lateLimit = limit.flatMap { limit in lateLimit.map { max($0, limit) } } }
    let all = index.catalog.sorted
    let shown = limit.map { limit in
      all.enumerated().filter { $0.offset < limit || $0.element.isLive }.map(\.element)
    }
    return RawJSON.object([
      ("jobs", JSON.array(jobs.map(\.json)).serialized()),
      ("runs", RawJSON.array((shown ?? all).lazy.map(\.data))),
      ("runs_total", JSON.int(all.count).serialized()),
      ("complete", JSON.bool(index.isScanned).serialized()),
      ("progress", progress()),
      ("revision", JSON.int(index.catalog.revision).serialized()),
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
