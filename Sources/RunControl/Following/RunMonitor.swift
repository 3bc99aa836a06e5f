// Watches one run from outside: its files by inotify, its processes by pidfd. No timer runs while
// everything can be watched.

public import EventLoop
public import RunArtifacts
import Supervisor

/// Tells when the state of a run may have changed, until its end.
@LoopActor
public final class RunMonitor {
  /// First and longest time until the next look where no process can be watched: at a run that is
  /// written in another container, and while the kernel still drops the lock of one that ended.
  static let firstRecheck = Duration.milliseconds(2)
  static let longestRecheck = Duration.seconds(1)

  /// The run.
  public let directory: RunDirectory
  /// The run as it was last seen.
  public private(set) var run: ControlledRun?
  /// Called with each look at the run.
  public var onLook: (@LoopActor (ControlledRun) -> Void)?
  /// Called when rows or events were added.
  public var onRows: (@LoopActor () -> Void)?
  /// Called when output was added.
  public var onOutput: (@LoopActor () -> Void)?

  private let worker = FileWorker("control")
  private var watcher: FileWatcher?
  private var jobWatches: [String: FileWatcher.WatchID] = [:]
  private var runWatch: FileWatcher.WatchID?
  private var processes: [ProcessReference: WatchedProcess] = [:]
  private var isLooking = false
  private var isStale = false
  private var recheck = firstRecheck
  private lazy var timer = LoopTimer { [weak self] in self?.look() }

  /// A monitor that watches nothing yet.
  public init(_ directory: RunDirectory) { self.directory = directory }

  /// Starts to watch, and takes a first look.
  public func start() {
    watcher = try? FileWatcher { [weak self] in self?.handle($0) }
    runWatch = try? watcher?.watch(directory.path)
    look()
  }

  /// Ends everything; nothing is called any more.
  public func cancel() {
    onLook = nil
    onRows = nil
    onOutput = nil
    timer.cancel()
    processes = [:]
    watcher = nil
  }

  /// Looks at the run now.
  public func look() {
    guard !isLooking else {
      isStale = true
      return
    }
    isLooking = true
    isStale = false
    let directory = directory
    worker.run {
      ControlledRun(directory)
    } then: { [weak self] run in
      self?.take(run)
    }
  }

  private func take(_ run: ControlledRun) {
    isLooking = false
    self.run = run
    watchJob(run)
    if run.isLive { watchProcesses(run) } else { processes = [:] }
    onLook?(run)
    if isStale { look() }
  }

  private func watchJob(_ run: ControlledRun) {
    if runWatch == nil { runWatch = try? watcher?.watch(directory.path) }
    guard let path = run.job?.directory, jobWatches[path] == nil,
      let watch = try? watcher?.watch(path)
    else { return }
    jobWatches[path] = watch
    // What came before the watch was not reported.
    isStale = true
    onOutput?()
  }

  private func watchProcesses(_ run: ControlledRun) {
    for reference in [run.holder, run.writer].compactMap(\.self) where processes[reference] == nil {
      processes[reference] = WatchedProcess(reference) { [weak self] in self?.look() }
    }
    if processes.values.contains(where: { !$0.isEnded }) {
      recheck = Self.firstRecheck
      timer.cancel()
    } else {
      timer.schedule(after: recheck)
      recheck = min(recheck * 4, Self.longestRecheck)
    }
  }

  private func handle(_ event: FileEvent) {
    if event.kinds.contains(.overflow) {
      onRows?()
      onOutput?()
      return look()
    }
    if let watch = event.watch, watch != runWatch {
      if event.name == "segments" { onOutput?() } else { look() }
      return
    }
    switch event.name {
    case RunFile.index, RunFile.events: onRows?()
    case RunFile.record, RunFile.benchmark:
      onRows?()
      look()
    case RunFile.lock, RunFile.stop, RunFile.jobs, "": look()
    default: break
    }
  }
}
