// Follows the files of one live run, whoever started it, and tells what is new.

import Core
public import EventLoop
public import RunArtifacts

/// What a follower tells.
public enum RunNews: Sendable {
  /// Everything it knew is replaced: a run with many rows was met, or its index was started anew.
  case reloaded
  /// Tests that have just got their row.
  case rows([RowEvent])
  /// Numbers, running tests or the plan changed.
  case progress
}

/// Reads what a run adds to its files whenever it is told that they changed.
@LoopActor
public final class RunFollower {
  /// Rows met at the first look that are still told one by one.
  static let maximumFirstRows = 500
  /// Between two looks, so that a fast run costs few wake-ups.
  static let pause = Duration.milliseconds(10)
  /// Between two tellings of the numbers.
  static let progressPause = Duration.milliseconds(50)

  /// The run.
  public let directory: RunDirectory
  /// How far it is.
  public private(set) var progress = RunProgress()
  /// run.json as it was last read.
  public private(set) var record: RunRecord?
  /// Place in index.jsonl up to which rows are in `progress`.
  public private(set) var indexOffset = 0
  /// Whether the first look has come to the end of the files.
  public private(set) var isLoaded = false

  private let tail: WorkerValue<RunTail>
  private var observers: [@LoopActor (RunNews) -> Void] = []
  private var drainers: [@LoopActor () -> Void] = []
  private var isReading = false
  private var isStale = false
  private var firstRows: [RowEvent] = []
  private lazy var timer = LoopTimer { [weak self] in self?.read() }
  private var lastProgress = ContinuousClock.now - progressPause
  private lazy var progressTimer = LoopTimer { [weak self] in self?.tellProgress() }

  /// A follower that has read nothing yet.
  /// - Parameters:
  ///   - directory: the run, which need not exist yet.
  ///   - worker: where its files are read.
  ///   - keepsRows: whether each told row carries the whole row of the index.
  public init(_ directory: RunDirectory, worker: FileWorker, keepsRows: Bool = false) {
    self.directory = directory
    tail = WorkerValue(RunTail(directory, keepsRows: keepsRows), on: worker)
  }

  /// Tells an observer all news from now on.
  public func observe(_ observer: @escaping @LoopActor (RunNews) -> Void) {
    observers.append(observer)
  }

  /// Something in the run's directory changed.
  public func changed() {
    if isReading {
      isStale = true
    } else if !timer.isScheduled {
      read()
    }
  }

  /// Reads what is left and tells it, then calls back.
  public func drain(_ done: @escaping @LoopActor () -> Void) {
    drainers.append(done)
    timer.cancel()
    if isReading { isStale = true } else { read() }
  }

  private func read() {
    guard !isReading else { return }
    isReading = true
    isStale = false
    tail.perform {
      $0.read()
    } then: { [weak self] changes in
      guard let self else { return }
      self.isReading = false
      self.take(changes)
      if changes.hasMore || (self.isStale && !self.drainers.isEmpty) {
        self.read()
      } else if self.isStale {
        self.timer.schedule(after: Self.pause)
      } else {
        if !self.drainers.isEmpty, self.progressTimer.isScheduled { self.tellProgress() }
        let waiting = self.drainers
        self.drainers = []
        for done in waiting { done() }
      }
    }
  }

  private func take(_ changes: RunChanges) {
    if changes.isReset {
      let old = progress
      progress = RunProgress()
      progress.planned = old.planned
      progress.startedAt = old.startedAt
      isLoaded = false
      firstRows = []
    }
    if let record = changes.record {
      self.record = record
      progress.startedAt = record.startedAt
    }
    if let planned = changes.planned { progress.planned = planned }
    if changes.eventsAreReset { progress.clearInFlight() }
    for event in changes.events { progress.apply(event) }
    for row in changes.rows { progress.add(row) }
    indexOffset = changes.rowsEnd

    if isLoaded {
      if !changes.rows.isEmpty { tell(.rows(changes.rows)) }
      if !changes.isEmpty { progressChanged() }
    } else {
      if firstRows.count <= Self.maximumFirstRows { firstRows += changes.rows }
      guard !changes.hasMore else { return }
      isLoaded = true
      tell(
        firstRows.count > Self.maximumFirstRows || changes.isReset
          ? .reloaded : .rows(firstRows))
      firstRows = []
      tellProgress()
    }
  }

  private func progressChanged() {
    let wait = Self.progressPause - lastProgress.duration(to: .now)
    if wait <= .zero {
      tellProgress()
    } else if !progressTimer.isScheduled {
      progressTimer.schedule(after: wait)
    }
  }

  private func tellProgress() {
    progressTimer.cancel()
    lastProgress = .now
    tell(.progress)
  }

  private func tell(_ news: RunNews) { for observer in observers { observer(news) } }
}
