// What `<run>/.jobs/<job id>/` tells about one job. Blocking, but the files are small.

public import Core
public import Supervisor

/// A job as its records on disk tell it.
public struct JobRecord: Sendable, Hashable {
  /// Largest record read.
  static let limitBytes = 4 << 20

  /// Job id.
  public var id: String
  /// Directory of its records.
  public var directory: String
  /// When it was asked for.
  public var requestedAt: Timestamp?
  /// What whoever launched it wrote down about it.
  public var details: JSON
  /// The process that wrote the launch.
  public var launcher: ProcessReference?
  /// The holder; `nil` until it has started.
  public var holder: ProcessReference?
  /// The run; `nil` until it has started.
  public var child: ProcessReference?
  /// The stop that was asked for.
  public var stop: StopRequest?
  /// Time from a stop until SIGKILL.
  public var stopGrace: Duration
  /// Whether the holder has written how it ended.
  public var hasEnded: Bool

  /// Reads a job; `nil` when the directory holds no launch.
  public init?(directory: String) {
    func json(_ name: String) -> JSON? {
      guard
        let bytes = try? FileIO.read(Path.join(directory, name), limitBytes: Self.limitBytes)
      else { return nil }
      return try? JSON.parse(bytes)
    }
    guard let launch = json("launch.json") else { return nil }
    self.directory = directory
    id = Path.name(directory)
    requestedAt = launch["requested_at"]?.string.flatMap(Timestamp.init)
    launcher = ProcessReference(record: launch["launcher"])
    details = launch["details"] ?? .null
    stopGrace =
      launch["stop_grace_ms"]?.int.map { .milliseconds(max(0, $0)) } ?? StopPolicy.runGrace
    hasEnded = FileIO.isFile(Path.join(directory, "end.json"))
    if let record = json("holder.json") {
      holder = ProcessReference(record: record)
      child = ProcessReference(
        record: [
          "pid": record["child_pid"] ?? .null, "start_time": record["child_start_time"] ?? .null,
          "boot_id": record["boot_id"] ?? .null,
        ])
    }
    stop = json("stop.json").flatMap(StopRequest.init(json:))
  }

  /// Who started it.
  public var starter: JobID.Starter? { JobID.Starter(jobID: id) }

  /// The jobs of a run, oldest first.
  public static func all(inRun runDirectory: String) -> [JobRecord] {
    let root = Path.join(runDirectory, ".jobs")
    let names = (try? FileIO.list(root)) ?? []
    let jobs = names.compactMap { name -> JobRecord? in
      let path = Path.join(root, name)
      // A link would lead to records of somebody else.
      guard FileIO.linkStatus(path)?.kind == .directory else { return nil }
      return JobRecord(directory: path)
    }
    return jobs.sorted {
      ($0.requestedAt?.millisecondsSinceEpoch ?? 0, $0.id) < (
        $1.requestedAt?.millisecondsSinceEpoch ?? 0, $1.id
      )
    }
  }

  /// The holder, when it lives and really is the holder of this job.
  ///
  /// A record in a directory that came from elsewhere could name any process; only one that was
  /// started as `hold` with this job's launch is believed.
  public var livingHolder: ProcessReference? {
    guard let holder, holder.isAlive else { return nil }
    let arguments = holder.arguments
    guard arguments.contains("hold"),
      arguments.contains(where: { $0.hasSuffix("/.jobs/\(id)/launch.json") })
    else { return nil }
    return holder
  }

  /// Whether the job is on its way to a holder: the launch is written and who wrote it lives, or a
  /// holder has been started.
  public var isBeingLaunched: Bool {
    holder == nil && !hasEnded && (launcher?.isAlive == true || isComing)
  }

  /// Whether a holder was started, or is being started, that has not got so far as to tell.
  public var isComing: Bool {
    holder == nil && !hasEnded && LaunchLock.isHeld(job: directory)
  }
}
