// One run as lists show it (reference: studio-api 6.1) with what we add: whether it is live, how far
// it came, and which job started it.

public import Core

/// State of a run on disk.
public enum RunStatus: String, Sendable, Hashable, CaseIterable {
  /// A process writes it now.
  case running
  /// Every planned test has a row.
  case finished
  /// It was stopped, killed or broke before its end; it can be resumed.
  case interrupted
  /// A run of upstream that does not say how many tests were planned.
  case unknown
}

/// One run in a list.
public struct RunMeta: Sendable, Hashable {
  /// Run id.
  public var runID: String
  /// Name of the directory.
  public var displayName: String
  /// The directory.
  public var directory: String
  /// Start: from the directory's name, else run.json, else the first row; `unknown` otherwise.
  public var timestamp: String
  /// Tests with a row, attempts counted once.
  public var testCount: Int
  /// Tests whose status is `ok`.
  public var okCount: Int
  /// Tests whose status is `quality_failure`.
  public var qualityFailureCount: Int
  /// Tests whose status is `execution_error`.
  public var executionErrorCount: Int
  /// Mean score over the tests that have one.
  public var averageScore: Double?
  /// Size of index.jsonl.
  public var sizeBytes: Int
  /// Targets of the rows, resolved names, in order of appearance.
  public var targets: [String]
  /// Experiment label.
  public var experiment: String?
  /// Tags set in the Studio.
  public var tags: [String]
  /// State.
  public var status: RunStatus
  /// Job of the Studio that started it.
  public var jobID: String?
  /// Process that writes it, while it is live.
  public var pid: Int32?
  /// Executions planned.
  public var plannedTestCount: Int?
  /// Sum of the reported costs, US dollars; `nil` when no row tells one.
  public var costUSD: Double?
  /// Lines that could not be read.
  public var badLines: Int
  /// Rows replaced by a later attempt.
  public var attempts: Int
  /// Signal that stopped it, for example `SIGTERM`.
  public var signal: String?
  /// Exit code of the last start.
  public var exitCode: Int?
  /// Eval files of the run, separated by commas; `nil` when nothing tells.
  public var suiteFilter: String?
  /// First start, when the run recorded it.
  public var startedAt: Timestamp?
  /// Last resume, when there was one.
  public var resumedAt: Timestamp?
  /// End of the last start, when the run recorded it.
  public var finishedAt: Timestamp?
  /// Who stopped it last, when and why; `nil` when nobody did or it went on since.
  public var stop: StopRequest?
  /// Whether it comes from a results repository.
  public var isRemote: Bool
  /// Its results by experiment and target, in order of appearance.
  public var groups: [RunGroup]
  /// Its last tests, in the order of their last rows.
  public var marks: TestMarks
  /// Earliest time that a row tells.
  public var firstRowAt: String?
  /// Place in `groups` of the group of the last row; 0 when there is none.
  public var lastGroup: Int

  /// Share of the tests whose status is `ok`; 0 when there is none.
  public var passRate: Double { testCount == 0 ? 0 : Double(okCount) / Double(testCount) }
  /// Whether a process writes it now.
  public var isLive: Bool { status == .running }

  /// The form on the wire.
  public var json: JSON {
    var object: JSONObject = [
      "filename": .string(runID), "display_name": .string(displayName),
      "path": .string(Path.join(directory, RunFile.index)), "timestamp": .string(timestamp),
      "test_count": .int(testCount), "pass_rate": .double(passRate),
      "avg_score": .optional(averageScore), "size_bytes": .int(sizeBytes),
      "source": isRemote ? "remote" : "local",
    ]
    if let target = targets.first, target != "unknown" { object["target"] = .string(target) }
    if let experiment { object["experiment"] = .string(experiment) }
    if !tags.isEmpty { object["tags"] = .array(tags.map(JSON.string)) }
    object["status"] = .string(status.rawValue)
    object["live"] = .bool(isLive)
    object["job_id"] = .optional(jobID)
    object["pid"] = .optional(pid.map(Int.init))
    object["planned_test_count"] = .optional(plannedTestCount)
    object["completed_test_count"] = .int(testCount)
    object["ok"] = .int(okCount)
    object["quality_failures"] = .int(qualityFailureCount)
    object["execution_errors"] = .int(executionErrorCount)
    object["targets"] = .array(targets.map(JSON.string))
    object["cost_usd"] = .optional(costUSD)
    object["bad_lines"] = .int(badLines)
    object["attempts"] = .int(attempts)
    object["signal"] = .optional(signal)
    object["exit_code"] = .optional(exitCode)
    object["run_dir"] = .string(directory)
    object["suite_filter"] = .optional(suiteFilter)
    object["started_at"] = .optional(startedAt?.description)
    object["resumed_at"] = .optional(resumedAt?.description)
    object["finished_at"] = .optional(finishedAt?.description)
    object["stop"] = stop?.json ?? .null
    return .object(object)
  }
}

extension RunMeta {
  /// Reads one run.
  ///
  /// Blocks: never on the loop thread.
  /// - Throws: `FileError` when the index cannot be read.
  public init(_ directory: RunDirectory) throws(FileError) {
    // The lock first: a run that ends while we read is then seen as live with all its rows, and its
    // end brings another look; the other way round it could be seen as interrupted.
    let lock = directory.lockState()
    let scan = try IndexScan(directory.file(RunFile.index))
    self.init(directory, scan: scan, header: RunHeader(directory), lock: lock)
  }

  /// Reads one run, of one that is kept only what came since.
  ///
  /// A live one is kept from now on: it is read again and again, and its page is opened.
  ///
  /// Blocks: never on the loop thread.
  /// - Throws: `FileError` when the index cannot be read.
  init(_ directory: RunDirectory, _ scans: KeptScans?) throws(FileError) {
    let index = directory.file(RunFile.index)
    let lock = directory.lockState()
    guard let scans, lock.isHeld || scans.holds(index) else {
      try self.init(directory)
      return
    }
    let header = RunHeader(directory)
    self = try scans.read(index) { RunMeta(directory, run: &$0, header: header, lock: lock) }
  }

  /// Describes a run from what is kept of it.
  public init(
    _ directory: RunDirectory, run: inout KeptRun, header: RunHeader, lock: RunLockState
  ) {
    self.init(directory, scan: run.scan, totals: run.totals, header: header, lock: lock)
  }

  /// Describes a run from what was read of it.
  /// - Parameters:
  ///   - directory: the run; its tags are read as well.
  ///   - scan: its rows.
  ///   - header: its summary and its record.
  ///   - lock: its lock, read before the rows.
  public init(
    _ directory: RunDirectory, scan: IndexScan, header: RunHeader, lock: RunLockState
  ) {
    self.init(
      directory, scan: scan, totals: RunTotals(scan.rows), header: header, lock: lock)
  }

  private init(
    _ directory: RunDirectory, scan: IndexScan, totals: RunTotals, header: RunHeader,
    lock: RunLockState
  ) {
    let record = header.record
    let rows = scan.rows
    isRemote = directory.isRemote
    let groups = RunGroup.marked(totals.groups, rows)
    self.groups = groups
    marks = groups.count == 1 ? groups[0].marks : TestMarks(rows)
    firstRowAt = totals.firstRowAt
    lastGroup = totals.lastGroup
    stop = record?.stop
    runID = directory.runID
    displayName = Path.name(directory.path)
    self.directory = directory.path
    timestamp =
      directory.nameTimestamp?.description ?? record?.startedAt.description
      ?? rows.first?.timestamp ?? "unknown"
    testCount = rows.count
    okCount = totals.okCount
    qualityFailureCount = totals.qualityFailureCount
    executionErrorCount = totals.executionErrorCount
    averageScore = totals.averageScore
    sizeBytes = scan.sizeBytes
    var seen = Set<String>()
    targets = groups.map(\.target).filter { seen.insert($0).inserted }
    experiment =
      rows.first?.experiment ?? record?.experiment
      ?? directory.experiment.flatMap { $0 == "default" ? nil : $0 }
    tags = RunTags.read(directory)
    jobID = record?.jobID
    plannedTestCount = header.plannedTestCount
    costUSD = totals.costUSD
    badLines = scan.badLines
    attempts = scan.rowCount - rows.count
    signal = record?.signal
    exitCode = record?.exitCode
    suiteFilter = header.suiteFilter
    startedAt = record?.startedAt
    resumedAt = record?.resumedAt
    finishedAt = record?.finishedAt
    if case .held(let holder) = lock {
      status = .running
      pid = holder
    } else {
      status = Self.status(record: record, completed: rows.count, planned: plannedTestCount)
    }
  }

  private static func status(record: RunRecord?, completed: Int, planned: Int?) -> RunStatus {
    switch record?.completion {
    case .completed: return .finished
    case .interrupted, .failed: return .interrupted
    case .running, nil: break
    }
    // Killed by force, or a run of upstream: only the numbers tell.
    guard let planned else { return record == nil ? .unknown : .interrupted }
    return completed >= planned ? .finished : .interrupted
  }
}
