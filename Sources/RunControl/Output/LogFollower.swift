// Hands the output of a run out, once or until the run has ended.

public import EventLoop
public import RunArtifacts

/// Follows the output of one run.
@LoopActor
public final class LogFollower {
  private let monitor: RunMonitor
  private let tail: WorkerValue<LogTail>
  private let take: @LoopActor ([LogPiece]) -> Void
  private var isReading = false
  private var isStale = false
  private var isEnding = false
  private var end: ControlledRun?
  private var waiter: CheckedContinuation<ControlledRun, Never>?

  /// A follower that has read nothing.
  /// - Parameters:
  ///   - directory: the run.
  ///   - tail: where to begin.
  ///   - take: gets the pieces in order.
  public init(
    _ directory: RunDirectory, from tail: LogTail, _ take: @escaping @LoopActor ([LogPiece]) -> Void
  ) {
    monitor = RunMonitor(directory)
    self.tail = WorkerValue(tail, on: FileWorker("follow-output"))
    self.take = take
  }

  /// Hands out everything, also what comes, until the run has ended.
  /// - Returns: the run after its end.
  public func untilEnd() async -> ControlledRun {
    await withCheckedContinuation { continuation in
      waiter = continuation
      monitor.onOutput = { [weak self] in self?.read() }
      monitor.onLook = { [weak self] run in
        guard let self, !run.isLive, self.end == nil else { return }
        self.end = run
        self.read()
      }
      monitor.start()
      read()
    }
  }

  private func read() {
    guard !isReading else {
      isStale = true
      return
    }
    isReading = true
    isStale = false
    // A look that began after the end finds everything.
    isEnding = end != nil
    tail.perform {
      $0.next()
    } then: { [weak self] pieces in
      guard let self else { return }
      self.isReading = false
      if !pieces.isEmpty { self.take(pieces) }
      if !pieces.isEmpty || self.isStale {
        self.read()
      } else if self.isEnding, let end = self.end {
        self.monitor.cancel()
        self.waiter?.resume(returning: end)
        self.waiter = nil
      }
    }
  }
}
