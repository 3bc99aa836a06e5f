// Watches the runs of a project: every directory in which runs may appear, and every run, so that a
// list is answered from memory. Where that is not possible it says so, and lists look at the disk.

import Core
import EventLoop
import RunArtifacts
import RunControl

@LoopActor
final class ProjectWatcher {
  /// What the watcher sees.
  enum News: Sendable {
    /// Rows or events were added to a run.
    case filesChanged(run: String)
    /// A run began, vanished, or one of its other files changed.
    case runChanged(String)
    /// A run was met while a directory was looked into.
    case runFound(String)
    /// The writer of a run closed its lock file.
    case writerLeft(run: String)
    /// A directory that holds runs was deleted or moved away.
    case directoryGone(String)
    /// The project's last-run pointer was written.
    case lastRunChanged
    /// The project's configuration, which names the results repository, was written.
    case configChanged
    /// All directories have just been looked into and are watched from now on.
    case everythingWatched
    /// Events were lost.
    case everythingChanged
  }

  private enum Watched {
    /// A directory on the way to a tree of runs.
    case way(String)
    /// A directory of a tree: a run, or one that holds runs.
    case place(String)
    case output(String)
  }

  private struct Place {
    var watch: FileWatcher.WatchID
    var isRun: Bool
  }

  /// Deeper directories hold no runs.
  private static let maximumDepth = 8
  /// Watches added in one turn of the loop.
  private static let turnCount = 256
  /// This server's watches, of all projects; half of what the user may have is left to others.
  private static var count = 0
  private static let limit = systemLimit() / 2

  private let project: String
  private let tell: @LoopActor (News) -> Void
  private let worker = FileWorker("watch")
  private var watcher: FileWatcher?
  private var roots: [String] = []
  private var watched: [FileWatcher.WatchID: Watched] = [:]
  /// For each directory on the way to trees of runs, the names that follow.
  private var ways: [String: Set<[String]>] = [:]
  private var places: [String: Place] = [:]
  private var outputWatches: [String: FileWatcher.WatchID] = [:]
  private var outputs: [String: @LoopActor () -> Void] = [:]
  /// Directories that are being looked into.
  private var lookCount = 0
  /// Whether they belong to a look into whole trees.
  private var isWholeLook = false
  private var waiting: [@LoopActor () -> Void] = []
  /// Counts the runs that were not watched before somebody found them.
  private(set) var lateCount = 0
  /// Whether something could not be watched.
  private var isShort = false

  init(project: String, _ tell: @escaping @LoopActor (News) -> Void) {
    self.project = project
    self.tell = tell
  }

  /// Whether every change of every run is told.
  var isComplete: Bool { watcher != nil && !isShort && lookCount == 0 }
  /// Number of directories of runs that are watched.
  var placeCount: Int { places.count }

  /// Starts watching; what cannot be watched stays unwatched and is seen when it is asked for.
  func start() {
    watcher = try? FileWatcher { [weak self] event in self?.handle(event) }
    watchTree(RunDirectory.runsRoot(project: project))
  }

  /// Watches a tree of runs, which need not exist yet.
  func watchTree(_ root: String) {
    guard !roots.contains(root) else { return }
    roots.append(root)
    watchWay(to: root)
  }

  /// Looks into the trees again after events were lost.
  func lookAgain() { for root in roots { watchWay(to: root) } }

  /// Tells what has happened up to now, then calls back.
  func catchUp(_ done: @escaping @LoopActor () -> Void) {
    watcher?.catchUp()
    if lookCount == 0 { done() } else { waiting.append(done) }
  }

  // MARK: - Directories

  private func watchWay(to root: String) {
    isWholeLook = true
    let base = Path.isInside(root, project) ? project : existingAncestor(of: root)
    watchWay(base, Path.relative(root, to: base).split(separator: "/").map(String.init))
  }

  private func existingAncestor(of path: String) -> String {
    var path = path
    while path != "/", !FileIO.isDirectory(path) { path = Path.directory(path) }
    return path
  }

  private func watchWay(_ path: String, _ rest: [String]) {
    guard let next = rest.first else { return watchPlace(path) }
    guard
      add(
        path, .way(path),
        [.created, .movedIn, .movedOut, .deleted, .closedAfterWrite, .selfDeleted, .selfMoved])
        != nil
    else { return }
    ways[path, default: []].insert(rest)
    let child = Path.join(path, next)
    // Looked at after the watch, so that one that is made meanwhile is not missed.
    if FileIO.isDirectory(child) { watchWay(child, Array(rest.dropFirst())) }
  }

  /// Watches a directory of a tree and looks into it.
  private func watchPlace(_ path: String) {
    let root = roots.first { Path.isInside(path, $0) } ?? path
    let depth = Path.relative(path, to: root).split(separator: "/").count
    guard depth < Self.maximumDepth, addPlace(path, isRun: places[path]?.isRun ?? false) else {
      return
    }
    lookCount += 1
    worker.run {
      Self.children(of: path, isRoot: path == root)
    } then: { [weak self] children in
      guard let self else { return }
      if children.isShared { self.isShort = true }
      if children.holdsRun { self.becomesRun(path) }
      for directory in children.directories { self.watchPlace(directory) }
      self.watchRuns(children.runs[...])
    }
  }

  /// Watches runs, some in each turn; each is watched before it is told, so that nothing is missed.
  private func watchRuns(_ runs: ArraySlice<String>) {
    for run in runs.prefix(Self.turnCount) where places[run]?.isRun != true {
      if addPlace(run, isRun: true) { tell(.runFound(run)) }
    }
    let rest = runs.dropFirst(Self.turnCount)
    if !rest.isEmpty { return LoopActor.post { self.watchRuns(rest) } }
    lookCount -= 1
    guard lookCount == 0 else { return }
    if isWholeLook {
      isWholeLook = false
      tell(.everythingWatched)
    }
    let done = waiting
    waiting = []
    for each in done { each() }
  }

  private struct Children: Sendable {
    var isShared = false
    var holdsRun = false
    var runs: [String] = []
    var directories: [String] = []
  }

  private nonisolated static func children(of path: String, isRoot: Bool) -> Children {
    var children = Children()
    if isRoot { children.isShared = FileIO.isOnSharedFileSystem(path) }
    if RunDirectory.holdsRun(path) {
      children.holdsRun = true
      return children
    }
    for name in (try? FileIO.list(path)) ?? [] where !name.hasPrefix(".") {
      let child = Path.join(path, name)
      guard FileIO.linkStatus(child)?.kind == .directory else { continue }
      if RunDirectory.holdsRun(child) {
        children.runs.append(child)
      } else {
        children.directories.append(child)
      }
    }
    return children
  }

  /// Watches a directory before somebody reads what may be a run in it.
  func watchSoon(_ path: String) {
    if places[path] == nil { _ = addPlace(path, isRun: false) }
  }

  /// Watches a run that somebody has read.
  func watchRun(_ path: String) {
    if places[path] != nil {
      places[path]?.isRun = true
    } else if addPlace(path, isRun: true) {
      lateCount += 1
    }
  }

  private func becomesRun(_ path: String) {
    places[path]?.isRun = true
    tell(.runChanged(path))
  }

  private func addPlace(_ path: String, isRun: Bool) -> Bool {
    guard let watch = add(path, .place(path), .changes) else { return false }
    places[path] = Place(watch: watch, isRun: isRun)
    return true
  }

  private func forgetPlace(_ path: String) -> Place? {
    guard let place = places.removeValue(forKey: path) else { return nil }
    // A directory that was moved within the tree has got the same watch for its new path.
    if case .place(path) = watched[place.watch] { remove(place.watch) }
    return place
  }

  /// Watches the directory into which a holder writes its index of the output.
  func watchOutput(_ path: String, _ changed: @escaping @LoopActor () -> Void) {
    outputs[path] = changed
    outputWatches[path] = add(path, .output(path), [.created, .modified])
    changed()
  }

  func unwatchOutput(_ path: String) {
    outputs[path] = nil
    remove(outputWatches.removeValue(forKey: path))
  }

  private func add(
    _ path: String, _ what: Watched, _ kinds: FileEvent.Kinds
  ) -> FileWatcher.WatchID? {
    guard let watcher else { return nil }
    guard Self.count < Self.limit, let watch = try? watcher.watch(path, for: kinds) else {
      // One that is gone again needs no watch.
      if FileIO.exists(path) { isShort = true }
      return nil
    }
    if watched.updateValue(what, forKey: watch) == nil { Self.count += 1 }
    return watch
  }

  private func remove(_ watch: FileWatcher.WatchID?) {
    guard let watch, drop(watch) else { return }
    watcher?.unwatch(watch)
  }

  private func drop(_ watch: FileWatcher.WatchID) -> Bool {
    guard watched.removeValue(forKey: watch) != nil else { return false }
    Self.count -= 1
    return true
  }

  /// Watches that this user may have, inotify(7).
  private nonisolated static func systemLimit() -> Int {
    let path = "/proc/sys/fs/inotify/max_user_watches"
    guard let bytes = try? FileIO.read(path, limitBytes: 64) else { return 8192 }
    return Int(trim(String(decoding: bytes, as: UTF8.self))) ?? 8192
  }

  // MARK: - Events

  private func handle(_ event: FileEvent) {
    if event.kinds.contains(.overflow) {
      lookAgain()
      return tell(.everythingChanged)
    }
    guard let watch = event.watch, let what = watched[watch] else { return }
    let isGone = !event.kinds.isDisjoint(with: [.selfDeleted, .selfMoved, .watchEnded])
    if event.kinds.contains(.watchEnded) { _ = drop(watch) }
    switch what {
    case .way(let path): if isGone { wayGone(path) } else { handleWay(event, path) }
    case .place(let path):
      if isGone { placeGone(path) } else { handlePlace(event, path) }
    case .output(let path): if event.name == "segments" { outputs[path]?() }
    }
  }

  private func wayGone(_ path: String) {
    ways[path] = nil
    guard path != project else { return }
    for root in roots where Path.isInside(root, path) { watchWay(to: root) }
  }

  private func handleWay(_ event: FileEvent, _ path: String) {
    let isMade = !event.kinds.isDisjoint(with: [.created, .movedIn])
    for rest in ways[path] ?? [] where isMade && rest.first == event.name {
      isWholeLook = true
      watchWay(Path.join(path, event.name), Array(rest.dropFirst()))
    }
    if path == project, event.name == ".agentv" { tell(.configChanged) }
    guard path == Path.join(project, ".agentv"), !event.kinds.isDisjoint(with: Self.written)
    else { return }
    if event.name == "cache.json" { tell(.lastRunChanged) }
    if event.name == "config.yaml" { tell(.configChanged) }
  }

  /// A file has got its new content, or is gone.
  private static let written: FileEvent.Kinds = [
    .closedAfterWrite, .movedIn, .movedOut, .deleted,
  ]

  private func placeGone(_ path: String) {
    if let place = forgetPlace(path) {
      tell(place.isRun ? .runChanged(path) : .directoryGone(path))
    }
    // The tree itself may be made again.
    if roots.contains(path) { watchWay(to: path) }
  }

  private func handlePlace(_ event: FileEvent, _ path: String) {
    guard !event.name.isEmpty else { return }
    let isRun = places[path]?.isRun == true
    guard event.isDirectory else { return handleFile(event, path, isRun: isRun) }
    guard !isRun, !event.name.hasPrefix(".") else { return }
    let child = Path.join(path, event.name)
    if !event.kinds.isDisjoint(with: [.deleted, .movedOut]) {
      if let place = places[child], !place.isRun {
        for each in places.keys where each != child && Path.isInside(each, child) {
          _ = forgetPlace(each)
        }
      }
      placeGone(child)
    } else {
      watchPlace(child)
    }
  }

  private func handleFile(_ event: FileEvent, _ path: String, isRun: Bool) {
    let isWritten = !event.kinds.isDisjoint(with: Self.written)
    let isGone = !event.kinds.isDisjoint(with: [.movedOut, .deleted])
    switch event.name {
    case RunFile.index:
      if isGone { return tell(.runChanged(path)) }
      tell(.filesChanged(run: path))
      if !isRun || event.kinds.contains(.created) { becomesRun(path) }
    case RunFile.events:
      if isRun { tell(.filesChanged(run: path)) }
    case RunFile.record, RunFile.benchmark:
      guard isWritten else { return }
      if !isGone, event.name == RunFile.record { places[path]?.isRun = true }
      tell(.filesChanged(run: path))
      tell(.runChanged(path))
    case RunFile.tags:
      if isWritten { tell(.runChanged(path)) }
    case RunFile.lock:
      tell(event.kinds.contains(.closedAfterWrite) ? .writerLeft(run: path) : .runChanged(path))
    default: break
    }
  }
}
