// Watches the results tree of a project: directories in which runs may appear, and the directories
// of live runs. Finished runs are not watched, since there may be thousands.

import Core
import EventLoop
import RunArtifacts
import RunControl

@LoopActor
final class ProjectWatcher {
  /// What the watcher sees.
  enum News: Sendable {
    /// Rows or events were added to a live run.
    case filesChanged(run: String)
    /// A run appeared, began, or one of its summary files changed.
    case runChanged(String)
    /// The writer of a run closed its lock file.
    case writerLeft(run: String)
    /// A directory was deleted or moved away.
    case directoryGone(String)
    /// The project's last-run pointer was written.
    case lastRunChanged
    /// The project's configuration was written.
    case configChanged
    /// Events were lost.
    case everythingChanged
  }

  private enum Watched {
    /// A directory on the way to the results tree, and the name of the next one.
    case way(String, next: String)
    case tree(String)
    case run(String)
    /// A run that has ended, whose tags may change.
    case finished(String)
    case output(String)
  }

  /// Deeper directories hold no runs.
  private static let maximumDepth = 8
  /// Finished runs whose tags are watched, the newest ones: the kernel's watches are not for free.
  static let maximumFinished = 512

  private let project: String
  private let tell: @LoopActor (News) -> Void
  private let worker = FileWorker("watch")
  private var watcher: FileWatcher?
  private var watched: [FileWatcher.WatchID: Watched] = [:]
  private var runWatches: [String: FileWatcher.WatchID] = [:]
  private var finishedWatches: [String: FileWatcher.WatchID] = [:]
  private var outputWatches: [String: FileWatcher.WatchID] = [:]
  private var outputs: [String: @LoopActor () -> Void] = [:]

  init(project: String, _ tell: @escaping @LoopActor (News) -> Void) {
    self.project = project
    self.tell = tell
  }

  /// Starts watching; what cannot be watched stays unwatched and is seen when it is asked for.
  func start() {
    watcher = try? FileWatcher { [weak self] event in self?.handle(event) }
    watchWay(project, [".agentv", "results", "runs"])
  }

  // MARK: - Directories

  private func watchWay(_ path: String, _ rest: [String]) {
    guard let next = rest.first else { return watchTree(path) }
    add(path, .way(path, next: next), [.created, .movedIn, .closedAfterWrite, .deleted])
    let child = Path.join(path, next)
    // Looked at after the watch, so that one that is made meanwhile is not missed.
    if FileIO.isDirectory(child) { watchWay(child, Array(rest.dropFirst())) }
  }

  private func watchTree(_ path: String) {
    let root = RunDirectory.runsRoot(project: project)
    let depth = Path.relative(path, to: root).split(separator: "/").count
    // A second watch on a directory replaces the first one, and a live run's sees more.
    guard depth < Self.maximumDepth, runWatches[path] == nil,
      add(path, .tree(path), [.created, .movedIn, .movedOut, .deleted, .selfDeleted, .selfMoved])
        != nil
    else { return }
    worker.run {
      Self.children(of: path)
    } then: { [weak self] children in
      guard let self else { return }
      if children.holdsRun { self.tell(.runChanged(path)) }
      for run in children.runs { self.tell(.runChanged(run)) }
      for directory in children.directories { self.watchTree(directory) }
    }
  }

  private nonisolated static func children(
    of path: String
  ) -> (holdsRun: Bool, runs: [String], directories: [String]) {
    if RunDirectory.holdsRun(path) { return (true, [], []) }
    var runs: [String] = []
    var directories: [String] = []
    for name in (try? FileIO.list(path)) ?? [] where !name.hasPrefix(".") {
      let child = Path.join(path, name)
      guard FileIO.linkStatus(child)?.kind == .directory else { continue }
      if RunDirectory.holdsRun(child) { runs.append(child) } else { directories.append(child) }
    }
    return (false, runs, directories)
  }

  /// Watches the files of a live run.
  func watchRun(_ path: String) {
    guard runWatches[path] == nil, let watch = add(path, .run(path), .changes) else { return }
    finishedWatches[path] = nil
    runWatches[path] = watch
    tell(.filesChanged(run: path))
  }

  /// A run has ended.
  func unwatchRun(_ path: String) { remove(runWatches.removeValue(forKey: path)) }

  /// Watches the tags of a run that has ended, and whether it begins again.
  func watchFinished(_ path: String) {
    guard runWatches[path] == nil, finishedWatches[path] == nil else { return }
    if finishedWatches.count >= Self.maximumFinished,
      // Directories of runs are named by their time.
      let oldest = finishedWatches.keys.min(by: { Path.name($0) < Path.name($1) })
    {
      guard Path.name(oldest) < Path.name(path) else { return }
      remove(finishedWatches.removeValue(forKey: oldest))
    }
    guard
      let watch = add(
        path, .finished(path),
        [.created, .movedIn, .movedOut, .closedAfterWrite, .deleted, .selfDeleted, .selfMoved])
    else { return }
    finishedWatches[path] = watch
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

  @discardableResult
  private func add(
    _ path: String, _ what: Watched, _ kinds: FileEvent.Kinds
  ) -> FileWatcher.WatchID? {
    guard let watch = try? watcher?.watch(path, for: kinds) else { return nil }
    watched[watch] = what
    return watch
  }

  private func remove(_ watch: FileWatcher.WatchID?) {
    guard let watch else { return }
    watched[watch] = nil
    watcher?.unwatch(watch)
  }

  // MARK: - Events

  private func handle(_ event: FileEvent) {
    if event.kinds.contains(.overflow) { return tell(.everythingChanged) }
    guard let watch = event.watch, let what = watched[watch] else { return }
    if event.kinds.contains(.watchEnded) { watched[watch] = nil }
    switch what {
    case .way(let path, let next): handleWay(event, path, next)
    case .tree(let path): handleTree(event, path)
    case .run(let path): handleRun(event, path)
    case .finished(let path): handleFinished(event, path)
    case .output(let path): if event.name == "segments" { outputs[path]?() }
    }
  }

  private func handleWay(_ event: FileEvent, _ path: String, _ next: String) {
    if event.name == next {
      let rest = [".agentv", "results", "runs"].drop { $0 != next }
      watchWay(Path.join(path, next), Array(rest.dropFirst()))
    } else if event.name == "cache.json", Path.name(path) == ".agentv" {
      tell(.lastRunChanged)
    } else if event.name == "config.yaml", Path.name(path) == ".agentv",
      event.kinds != .created
    {
      tell(.configChanged)
    }
  }

  private func handleFinished(_ event: FileEvent, _ path: String) {
    if !event.kinds.isDisjoint(with: [.selfDeleted, .selfMoved, .watchEnded]) {
      finishedWatches[path] = nil
      if !event.kinds.contains(.watchEnded) { tell(.directoryGone(path)) }
    } else if [RunFile.tags, RunFile.lock, RunFile.index].contains(event.name) {
      tell(.runChanged(path))
    }
  }

  private func handleTree(_ event: FileEvent, _ path: String) {
    if !event.kinds.isDisjoint(with: [.selfDeleted, .selfMoved]) {
      return tell(.directoryGone(path))
    }
    guard !event.name.isEmpty else { return }
    let child = Path.join(path, event.name)
    let isGone = !event.kinds.isDisjoint(with: [.deleted, .movedOut])
    if event.isDirectory, !event.name.hasPrefix(".") {
      if isGone { tell(.directoryGone(child)) } else { watchTree(child) }
    } else if !isGone, [RunFile.index, RunFile.record, RunFile.lock].contains(event.name) {
      // The directory turns out to be a run's.
      tell(.runChanged(path))
    }
  }

  private func handleRun(_ event: FileEvent, _ path: String) {
    if !event.kinds.isDisjoint(with: [.selfDeleted, .selfMoved, .watchEnded]) {
      runWatches[path] = nil
      return tell(.directoryGone(path))
    }
    switch event.name {
    case RunFile.index:
      tell(.filesChanged(run: path))
      if event.kinds.contains(.created) { tell(.runChanged(path)) }
    case RunFile.events:
      tell(.filesChanged(run: path))
    case RunFile.record, RunFile.benchmark:
      guard !event.kinds.isDisjoint(with: [.movedIn, .closedAfterWrite]) else { return }
      tell(.filesChanged(run: path))
      tell(.runChanged(path))
    case RunFile.tags:
      tell(.runChanged(path))
    case RunFile.lock:
      tell(event.kinds.contains(.closedAfterWrite) ? .writerLeft(run: path) : .runChanged(path))
    default: break
    }
  }
}
