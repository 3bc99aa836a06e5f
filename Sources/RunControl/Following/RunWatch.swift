// Follows a run live: its rows, its numbers, its state, until it has ended.

import Core
public import EventLoop
public import RunArtifacts

/// What a watcher of a run is told, in this order: one `begun`, then rows, progress and states, then
/// one `ended`.
public enum WatchNews: Sendable {
  /// What there was at the first look; at most `RunFollower.maximumFirstRows` rows are listed.
  case begun(ControlledRun, rows: [ResultRow])
  /// Tests that have just got their row.
  case rows([ResultRow])
  /// Numbers or running tests changed.
  case progress
  /// The run is being stopped, or began to write.
  case state(ControlledRun)
}

/// Follows one run until its end.
@LoopActor
public final class RunWatch {
  private let monitor: RunMonitor
  private let follower: RunFollower
  private let tell: @LoopActor (WatchNews) -> Void
  private var hasBegun = false
  private var firstRows: [ResultRow] = []
  private var isEnding = false
  private var lastState: ControlledRun.State?
  private var waiter: CheckedContinuation<ControlledRun, Never>?

  /// A watch that has not begun.
  /// - Parameters:
  ///   - directory: the run.
  ///   - tell: gets the news.
  public init(_ directory: RunDirectory, _ tell: @escaping @LoopActor (WatchNews) -> Void) {
    monitor = RunMonitor(directory)
    follower = RunFollower(directory, worker: FileWorker("follow-run"), keepsRows: true)
    self.tell = tell
  }

  /// How far the run is.
  public var progress: RunProgress { follower.progress }

  /// The rows that count so far.
  public var rows: [ResultRow] { follower.progress.rows.compactMap(\.row) }

  /// Follows the run; returns at once with what there is when it has ended already.
  /// - Returns: the run after its end, when all rows have been told.
  public func untilEnd() async -> ControlledRun {
    await withCheckedContinuation { continuation in
      waiter = continuation
      follower.observe { [weak self] in self?.take($0) }
      monitor.onRows = { [weak self] in self?.follower.changed() }
      monitor.onLook = { [weak self] in self?.take($0) }
      follower.changed()
      monitor.start()
    }
  }

  private func take(_ news: RunNews) {
    switch news {
    case .reloaded: firstRows = []
    case .rows(let events):
      let rows = events.compactMap(\.row)
      if hasBegun { tell(.rows(rows)) } else { firstRows += rows }
    case .progress: if hasBegun { tell(.progress) }
    }
    begin()
  }

  private func take(_ run: ControlledRun) {
    begin()
    if hasBegun, run.state != lastState, run.isLive { tell(.state(run)) }
    lastState = run.state
    guard !run.isLive, !isEnding else { return }
    isEnding = true
    // Everything was written before the lock was given back.
    follower.drain { [self] in
      begin()
      // Whatever was under way when it was killed is so no longer.
      monitor.cancel()
      waiter?.resume(returning: run)
      waiter = nil
    }
  }

  private func begin() {
    guard !hasBegun, follower.isLoaded, let run = monitor.run else { return }
    hasBegun = true
    lastState = run.state
    tell(.begun(run, rows: firstRows))
    firstRows = []
  }
}
