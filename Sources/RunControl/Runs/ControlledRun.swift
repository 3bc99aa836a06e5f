// A run with whoever runs it now. Everything comes from the records on disk and from /proc: it is the
// same whether a Studio runs or not. Blocking.

public import Core
public import RunArtifacts
public import Supervisor

/// What is known of a run at one moment.
public struct ControlledRun: Sendable {
  /// State of a run, as `ps` words it.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Its holder lives, and it has not begun to write.
    case starting
    /// A process writes it.
    case running
    /// It was asked to stop and has not ended.
    case stopping
    /// Every planned test has a row.
    case finished
    /// It was stopped, killed or broke; it can be resumed.
    case interrupted
    /// It ended before it wrote anything.
    case failed
    /// It does not say how many tests were planned.
    case unknown

    /// Whether some process runs it.
    public var isLive: Bool { self == .starting || self == .running || self == .stopping }
  }

  /// Who started it.
  public enum Starter: String, Sendable, Hashable, CaseIterable {
    /// `agentv eval` in a terminal, a script or a CI job.
    case terminal
    /// The Studio.
    case studio
    /// A command with `--detach`.
    case detached
  }

  /// Where it is.
  public let directory: RunDirectory
  /// run.json.
  public let record: RunRecord?
  /// Whether a process holds the lock of the run.
  public let lock: RunLockState
  /// The job that holds it now, else the last one; `nil` when a terminal started it.
  public let job: JobRecord?
  /// The holder of `job`, when it lives.
  public let holder: ProcessReference?
  /// The process that writes, when it lives and is identified beyond doubt.
  public let writer: ProcessReference?
  /// Who asked it to stop, and why; of the present start, else of the last one.
  public let stop: StopRequest?
  /// What it is doing.
  public let state: State

  /// Looks at a run.
  public init(_ directory: RunDirectory) {
    self.directory = directory
    lock = directory.lockState()
    let record = directory.record()
    self.record = record
    let jobs = JobRecord.all(inRun: directory.path)
    let live = jobs.last { $0.livingHolder != nil && !$0.hasEnded }
    let coming = jobs.last { $0.isBeingLaunched }
    let present = live ?? coming
    writer = Self.writer(of: directory, lock: lock, record: record)
    holder = present?.livingHolder
    let started = record.map { $0.resumedAt ?? $0.startedAt }
    // A terminal may have resumed what a job began.
    job = present ?? jobs.last { Self.began(record, by: $0) }
    stop =
      job?.stop
      ?? directory.stopRequest(since: started ?? Timestamp(millisecondsSinceEpoch: 0))
      ?? record?.stop
    if lock.isHeld || present != nil {
      let isStopping =
        present != nil
        ? present?.stop != nil
        : directory.stopRequest(since: started ?? Timestamp(millisecondsSinceEpoch: 0)) != nil
      state = isStopping ? .stopping : lock.isHeld ? .running : .starting
    } else {
      state = Self.endState(directory, record)
    }
  }

  /// Whether some process runs it.
  public var isLive: Bool { state.isLive }

  /// Who started it.
  public var starter: Starter {
    guard let job else { return .terminal }
    return job.starter == .detached ? .detached : .studio
  }

  /// The process to name: the one that writes, else the holder.
  public var pid: Int32? {
    if let writer { return writer.pid }
    if case .held(let pid) = lock { return pid }
    return holder?.pid
  }

  /// When the present start began, else when the last one did.
  public var startedAt: Timestamp? {
    record.map { $0.resumedAt ?? $0.startedAt } ?? job?.requestedAt ?? directory.nameTimestamp
  }

  /// How its job ended; `nil` for a live one and for one that a terminal started.
  public var jobEnd: JobEnd? {
    guard !isLive, let job, job.holder != nil || job.hasEnded else { return nil }
    return EndRecord.read(
      jobDirectory: job.directory, runDirectory: directory.path, holder: nil, stop: job.stop)
  }

  /// Exit code of the last start, as its holder saw it, else as the run wrote it.
  public var exitCode: Int? { isLive ? nil : jobEnd?.exitCode ?? record?.exitCode }

  /// Whether the last start of a run was that of a job.
  private static func began(_ record: RunRecord?, by job: JobRecord) -> Bool {
    guard let record else { return true }
    if let requested = job.requestedAt, requested >= record.resumedAt ?? record.startedAt {
      // It never began to write.
      return true
    }
    if let child = job.child, let writer = record.writer { return child == writer }
    return record.jobID == job.id
  }

  private static func endState(_ directory: RunDirectory, _ record: RunRecord?) -> State {
    guard RunDirectory.holdsRun(directory.path) else { return .failed }
    switch record?.completion {
    case .completed: return .finished
    case .interrupted, .failed: return .interrupted
    case .running, nil: break
    }
    // Killed, or a run of upstream: the numbers tell.
    guard let meta = try? RunMeta(directory) else { return .unknown }
    switch meta.status {
    case .finished: return .finished
    case .interrupted, .running: return .interrupted
    case .unknown: return .unknown
    }
  }

  /// The process that holds the lock.
  ///
  /// The record names it by pid, start and boot, the lock file by pid, and it has the lock file open. A
  /// number that was reused fails all three.
  private static func writer(
    of directory: RunDirectory, lock: RunLockState, record: RunRecord?
  ) -> ProcessReference? {
    guard case .held(let pid?) = lock, let record, record.pid == pid,
      let start = record.processStartTime, let boot = record.bootID
    else { return nil }
    let process = ProcessReference(pid: pid, startTime: UInt64(max(0, start)), bootID: boot)
    let file = FileIO.realPath(directory.file(RunFile.lock)) ?? directory.file(RunFile.lock)
    return process.isAlive && process.holds(file) == true ? process : nil
  }
}

extension RunRecord {
  /// The process that wrote last; `nil` in a run of an older version.
  public var writer: ProcessReference? {
    guard let processStartTime, processStartTime > 0, let bootID, pid > 1 else { return nil }
    return ProcessReference(pid: pid, startTime: UInt64(processStartTime), bootID: bootID)
  }
}
