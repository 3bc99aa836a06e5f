// A run directory as readers see it: where it is, what it is called, what is in it, who writes it.

public import Core

/// Whether some process writes a run.
public enum RunLockState: Sendable, Hashable {
  case free
  /// Held by this process, as the lock file tells it.
  case held(pid: Int32?)

  /// Whether a writer is alive.
  public var isHeld: Bool { self != .free }
}

/// Names of the files of a run directory.
public enum RunFile {
  /// One row for each finished test.
  public static let index = "index.jsonl"
  /// Summary of the run.
  public static let benchmark = "benchmark.json"
  /// Totals of the run.
  public static let timing = "timing.json"
  /// What was launched and how it ended.
  public static let record = "run.json"
  /// Tests that started and tests that were given back.
  public static let events = "events.jsonl"
  /// Messages of the finished tests.
  public static let transcript = "transcript.jsonl"
  /// Lock of the writer.
  public static let lock = ".writer.lock"
  /// A request to start no further tests.
  public static let drain = ".stop-after-current.json"
  /// How far traces of the rows were sent.
  public static let traces = ".otlp.json"
  /// Output of a run that the Studio started.
  public static let console = "console.log"
  /// Who asked for a stop and why; read by the run when the signal comes.
  public static let stop = "stop.json"
  /// Records of jobs: runs that a holder holds.
  public static let jobs = ".jobs"
  /// Tags set in the Studio.
  public static let tags = "tags.json"
}

/// A directory with the artifacts of one run.
public struct RunDirectory: Sendable, Hashable {
  /// Absolute path.
  public let path: String
  /// Run id: the directory's name, after `<experiment>::` unless that is `default`.
  public let runID: String
  /// Experiment as the path tells it; `nil` outside of the results tree and directly in it.
  public let experiment: String?

  /// Whether it comes from a results repository and can only be looked at.
  public let isRemote: Bool

  /// The run in a directory, which need not exist.
  /// - Parameters:
  ///   - path: absolute path.
  ///   - project: directory whose results tree gives the run its id; a run elsewhere is called by
  ///     its directory's name.
  public init(path: String, project: String) {
    self.init(path: path, tree: .local(project: project))
  }

  /// The run in a directory of a tree.
  public init(path: String, tree: RunTree) {
    self.path = Path.normalize(path)
    isRemote = tree.isRemote
    let prefix = isRemote ? RunTree.remotePrefix : ""
    let name = Path.name(self.path)
    let parent = Path.directory(self.path)
    if parent != tree.root, Path.isInside(parent, tree.root) {
      let experiment = Path.relative(parent, to: tree.root)
      self.experiment = experiment
      runID = prefix + (experiment == "default" ? name : "\(experiment)::\(name)")
    } else {
      experiment = nil
      runID = prefix + name
    }
  }

  /// The results tree of a project.
  public static func runsRoot(project: String) -> String {
    Path.join(Path.normalize(project), ".agentv/results/runs")
  }

  /// The directory of the project's results that a run id names, when it holds a run; see
  /// `RunTree.locate(runID:)`.
  public static func locate(project: String, runID: String) -> RunDirectory? {
    RunTree.local(project: project).locate(runID: runID)
  }

  /// Whether a directory holds a run: an index, or the record of one that has just started.
  public static func holdsRun(_ path: String) -> Bool {
    FileIO.isFile(Path.join(path, RunFile.index)) || FileIO.isFile(Path.join(path, RunFile.record))
  }

  /// The absolute path of a file of the run.
  public func file(_ name: String) -> String { Path.join(path, name) }

  /// Whether a process writes the run now.
  public func lockState() -> RunLockState {
    let holder = FileLock.holder(of: file(RunFile.lock))
    return holder.isHeld ? .held(pid: holder.pid) : .free
  }

  /// When the run started, as the directory's name tells it.
  public var nameTimestamp: Timestamp? {
    let name = Path.name(path)
    return Timestamp(name.hasPrefix("eval_") ? String(name.dropFirst(5)) : name)
  }

  /// The stop that was asked for since a time; `nil` when there is no readable record of one.
  public func stopRequest(since start: Timestamp) -> StopRequest? {
    guard let bytes = try? FileIO.read(file(RunFile.stop), limitBytes: 1 << 20),
      let request = (try? JSON.parse(bytes)).flatMap(StopRequest.init(json:)),
      request.requestedAt >= start
    else { return nil }
    return request
  }

  /// run.json; `nil` when there is none or it cannot be read.
  public func record() -> RunRecord? { json(RunFile.record).flatMap(RunRecord.init(json:)) }

  /// A JSON file of the run; `nil` when there is none or it cannot be read.
  public func json(_ name: String) -> JSON? {
    guard let bytes = try? FileIO.read(file(name)) else { return nil }
    return try? JSON.parse(bytes)
  }

  /// Everything that the run's own files tell.
  ///
  /// Blocks: never on the loop thread.
  /// - Returns: the rows and records, as far as they can be read.
  /// - Throws: `FileError` when an index exists and cannot be read; a missing one has no rows.
  public func read() throws(FileError) -> RunContents {
    let bytes: [UInt8]
    do {
      bytes = try FileIO.read(file(RunFile.index))
    } catch  where error.isMissing {
      bytes = []
    }
    return RunContents(
      index: IndexContents(bytes: bytes), sizeBytes: bytes.count,
      benchmark: json(RunFile.benchmark),
      record: record())
  }
}

/// What a run tells about itself as a whole.
public struct RunHeader: Sendable {
  /// benchmark.json.
  public let benchmark: JSON?
  /// run.json.
  public let record: RunRecord?

  /// Reads the header of a run; blocks.
  public init(_ directory: RunDirectory) {
    self.init(benchmark: directory.json(RunFile.benchmark), record: directory.record())
  }

  init(benchmark: JSON?, record: RunRecord?) {
    self.benchmark = benchmark
    self.record = record
  }

  /// Executions planned, from benchmark.json or run.json; `nil` when neither tells a number above 0.
  public var plannedTestCount: Int? {
    let counts = [benchmark?["metadata"]?["planned_test_count"]?.int, record?.plannedTestCount]
    return counts.compactMap(\.self).first { $0 > 0 }
  }

  /// The eval files of the run as one comma-separated filter: from run.json, else the one file that
  /// benchmark.json names; `nil` when neither tells.
  public var suiteFilter: String? {
    if let files = record?.launch.evalFiles, !files.isEmpty { return files.joined(separator: ",") }
    guard let file = benchmark?["metadata"]?["eval_file"]?.string else { return nil }
    let trimmed = file.drop { $0 == " " }
    return trimmed.isEmpty ? nil : String(trimmed)
  }
}

/// What is in a run directory.
public struct RunContents: Sendable {
  /// Every row in file order, attempts included.
  public let rows: [ResultRow]
  /// The last row of each identity.
  public let effectiveRows: [ResultRow]
  /// benchmark.json.
  public var benchmark: JSON? { header.benchmark }
  /// Rows that a later one of the same identity replaced.
  public var attempts: Int { rows.count - effectiveRows.count }
  /// Lines that could not be read.
  public let badLines: Int
  /// Size of index.jsonl.
  public let sizeBytes: Int
  /// benchmark.json and run.json.
  public let header: RunHeader
  /// run.json.
  public var record: RunRecord? { header.record }
  /// Executions planned; see `RunHeader`.
  public var plannedTestCount: Int? { header.plannedTestCount }
  /// The eval files of the run; see `RunHeader`.
  public var suiteFilter: String? { header.suiteFilter }

  init(index: IndexContents, sizeBytes: Int, benchmark: JSON?, record: RunRecord?) {
    rows = index.rows
    effectiveRows = EffectiveRows(index.rows).rows
    badLines = index.badLines
    self.sizeBytes = sizeBytes
    header = RunHeader(benchmark: benchmark, record: record)
  }
}
