// The runs of a project, kept current: read once, watched from then on. Where not everything can be
// watched (limits of inotify, file systems that others change), each list looks at the disk.

import Core
import EventLoop
import RunArtifacts
import RunControl

@LoopActor
final class RunIndex {
  /// A list that takes longer to read for the first time is given as far as it is.
  static let firstListWait = Duration.milliseconds(400)
  /// The same for what is added up over all runs, where a part misleads.
  static let firstSumWait = Duration.seconds(2)
  /// Runs read before anything else is looked at, the newest of them first: those that pages begin
  /// with.
  nonisolated static let newestCounts = [16, 64, 200]
  /// Runs read at a time, so that other work gets its turn.
  nonisolated static let scanStep = 256
  /// Between a change of the list and its file.
  static let savePause = Duration.seconds(5)
  /// Least time between two looks at the disk that nobody asked for, where not everything is watched.
  static let lookPause = Duration.seconds(5)
  /// Such looks take at most this part of the time.
  static let lookFactor = 20
  /// An index of more bytes takes long to read.
  nonisolated static let longBytes = 4 << 20

  /// The list of runs as it is now.
  struct List: Sendable {
    var runs: [ListedRun]
    /// Whether every run has been read.
    var isComplete: Bool
    /// Changes with every change of the list.
    var revision: Int
    /// Changes with every change of what overviews add up.
    var version: Int
  }

  /// Targets asked for by live jobs, by run directory: what a run without rows is shown with.
  var targets: @LoopActor () -> [String: String] = { [:] }
  /// A run was read, or is gone: its path and what is known of it; told before `onChange`.
  var onRead: @LoopActor (String, ListedRun?) -> Void = { _, _ in }
  /// The list changed.
  var onChange: @LoopActor (RunChange, ListedRun) -> Void = { _, _ in }
  /// The newest runs have been read, and the others have not.
  var onNewest: @LoopActor () -> Void = {}
  /// Everything is watched and has been looked at since: from now on lists come from memory.
  var onCurrent: @LoopActor () -> Void = {}
  /// Whether somebody wants to know of changes.
  var isWatched: @LoopActor () -> Bool = { false }

  let watcher: ProjectWatcher
  private(set) var catalog = RunCatalog()
  /// Whether all runs have been read once.
  private(set) var isScanned = false
  /// Runs read from the disk so far.
  private(set) var readCount = 0

  private let project: String
  private let runs: WorkerValue<ProjectRuns>
  private var scanWaiters: [@LoopActor () -> Void] = []
  private var isScanning = false
  /// Wait for a look that begins after they came.
  private var nextScan: [@LoopActor () -> Void] = []
  /// Whether everything was looked at after it was watched, so that the catalog is what is on disk.
  private var isVerified = false
  private var isVerifying = false
  private var lossCount = 0
  private lazy var saveTimer = LoopTimer { [weak self] in self?.save {} }
  private lazy var lookTimer = LoopTimer { [weak self] in self?.look() }
  private lazy var refresher = RunRefresher { [weak self] path, done in
    self?.refresh(path) { _ in done() }
  }

  /// An index that has read nothing yet.
  init(
    project: String, home: String, keepsCache: Bool, scans: KeptScans, watcher: ProjectWatcher
  ) {
    self.project = project
    self.watcher = watcher
    runs = WorkerValue(
      ProjectRuns(
        project: project, home: home,
        cacheFile: keepsCache ? Path.join(project, ".agentv/studio-index.jsonl") : nil,
        scans: scans),
      on: FileWorker("runs"))
  }

  /// Starts to watch and reads what is there, then calls back.
  func start(_ done: @escaping @LoopActor () -> Void) {
    watcher.start()
    watchRemote()
    readNewest(Self.newestCounts[...]) { [self] in
      onNewest()
      readAll(done)
    }
  }

  private func readNewest(_ counts: ArraySlice<Int>, _ done: @escaping @LoopActor () -> Void) {
    guard let count = counts.first else { return done() }
    let targets = targets()
    runs.perform {
      $0.newest(count).map { ListedRun($0, jobTarget: targets[$0.directory]) }
    } then: { [self] newest in
      for run in newest { update(run.path, run) }
      if newest.isEmpty { done() } else { readNewest(counts.dropFirst(), done) }
    }
  }

  private func readAll(_ done: @escaping @LoopActor () -> Void) {
    scan { [self] in
      isScanned = true
      save {}
      done()
      let waiting = scanWaiters
      scanWaiters = []
      for done in waiting { done() }
      verify()
    }
  }

  /// Whether lists are answered from memory.
  var isCurrent: Bool { isVerified && watcher.isComplete }

  /// Calls back when the runs have been read for the first time, or when that takes long.
  func whenScanned(
    within limit: Duration = firstListWait, _ done: @escaping @LoopActor () -> Void
  ) {
    guard !isScanned else { return done() }
    let once = Once(done)
    scanWaiters.append { once.run() }
    once.run(after: limit)
  }

  /// Gives the list as it is on disk; before the first look has ended, what is known after a moment.
  func list(
    within limit: Duration = firstListWait, _ done: @escaping @LoopActor (List) -> Void
  ) {
    let give: @LoopActor () -> Void = { [self] in
      done(
        List(
          runs: catalog.sorted, isComplete: isScanned, revision: catalog.revision,
          version: catalog.version))
    }
    if isScanned { becomeCurrent(give) } else { whenScanned(within: limit, give) }
  }

  /// All runs, however long that takes.
  func complete(_ done: @escaping @LoopActor ([ListedRun]) -> Void) {
    let give: @LoopActor () -> Void = { [self] in done(catalog.sorted) }
    if isScanned { becomeCurrent(give) } else { scanWaiters.append(give) }
  }

  /// Takes what has changed on disk up to now, then calls back.
  private func becomeCurrent(_ done: @escaping @LoopActor () -> Void) {
    watcher.catchUp { [self] in
      guard isCurrent else { return scan(done) }
      let catalog = catalog
      refresher.settle(isLong: { (catalog[$0]?.meta.sizeBytes ?? 0) > Self.longBytes }, done)
    }
  }

  // MARK: - Looks at everything

  /// One look serves everybody who asked before it began.
  func scan(_ done: @escaping @LoopActor () -> Void) {
    nextScan.append(done)
    guard !isScanning else { return }
    isScanning = true
    let waiting = nextScan
    nextScan = []
    let begin = ContinuousClock.now
    runs.perform {
      $0.begin()
    } then: { [self] walk in
      for path in walk.gone { update(path, nil) }
      step(walk) { [self] in
        isScanning = false
        scheduleLook(after: begin.duration(to: .now))
        for done in waiting { done() }
        if !nextScan.isEmpty {
          scan(nextScan.removeFirst())
        }
      }
    }
  }

  private func step(_ walk: ProjectRuns.Walk, _ done: @escaping @LoopActor () -> Void) {
    let targets = targets()
    runs.perform { runs in
      var walk = walk
      let isMore = runs.step(&walk, count: Self.scanStep)
      let found = walk.found.map { ListedRun($0, jobTarget: targets[$0.directory]) }
      return (walk, found, isMore, runs.readCount)
    } then: { [self] walk, found, isMore, read in
      readCount = read
      for run in found { update(run.path, run) }
      if isMore { step(walk, done) } else { done() }
    }
  }

  /// Looks at everything once more after it is watched: what changed in between was not told.
  private func verify() {
    guard isScanned, !isVerifying, watcher.isComplete else { return }
    isVerifying = true
    let (lateCount, losses) = (watcher.lateCount, lossCount)
    scan { [self] in
      isVerifying = false
      if lateCount == watcher.lateCount, losses == lossCount {
        isVerified = watcher.isComplete
        if isVerified { onCurrent() }
      } else {
        verify()
      }
    }
  }

  /// Where changes are not told, somebody has to look: at a rate that costs little.
  private func scheduleLook(after took: Duration) {
    guard isScanned, !watcher.isComplete else { return }
    lookTimer.schedule(after: max(Self.lookPause, took * Self.lookFactor))
  }

  private func look() {
    guard !watcher.isComplete else { return verify() }
    if isWatched() { scan {} } else { lookTimer.schedule(after: Self.lookPause) }
  }

  private func watchRemote() {
    runs.perform {
      $0.remoteRoot()
    } then: { [self] root in
      if let root { watcher.watchTree(root) }
      verify()
    }
  }

  // MARK: - Single runs

  /// Reads one run afresh and tells what changed.
  func refresh(_ path: String, _ done: (@LoopActor (ListedRun?) -> Void)? = nil) {
    watcher.watchSoon(path)
    let target = targets()[path]
    runs.perform { runs in
      runs.meta(path).map { ListedRun($0, jobTarget: target) }
    } then: { [self] run in
      update(path, run, isNews: true)
      done?(run)
    }
  }

  /// Takes what was read of a run.
  ///
  /// News are told also while the list is read for the first time; what that reading finds is told
  /// at its end.
  private func update(_ path: String, _ run: ListedRun?, isNews: Bool = false) {
    if run != nil { watcher.watchRun(path) }
    let old = catalog[path]
    let change = catalog.update(path, run)
    onRead(path, run)
    guard let change, let shown = run ?? old, isScanned || isNews else { return }
    onChange(change, shown)
    if !saveTimer.isScheduled { saveTimer.schedule(after: Self.savePause) }
  }

  /// Takes what the watcher sees of the list.
  func take(_ news: ProjectWatcher.News) {
    switch news {
    case .filesChanged(let path): refresher.changed(path, isUrgent: catalog[path]?.isLive != true)
    case .runChanged(let path): refresher.changed(path)
    case .runFound(let path): if isVerified, catalog[path] == nil { refresher.changed(path) }
    case .directoryGone(let path): for run in catalog.paths(under: path) { refresher.changed(run) }
    case .configChanged:
      isVerified = false
      watchRemote()
    case .everythingWatched: verify()
    case .everythingChanged:
      lossCount += 1
      isVerified = false
      verify()
    case .writerLeft(let path): refresher.changed(path, isUrgent: false)
    case .lastRunChanged: break
    }
  }

  /// Keeps the list for the next server, as far as it changed, then calls back.
  func save(_ done: @escaping @LoopActor () -> Void) {
    saveTimer.cancel()
    runs.perform {
      $0.save()
    } then: {
      done()
    }
  }
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
