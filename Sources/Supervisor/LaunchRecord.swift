// The files of one job, `<run_dir>/.jobs/<job_id>/`, as the holder reads and writes them.

import Core
import Glibc

/// `launch.json`: what the holder is to run.
///
/// Written by whoever starts the holder.
struct LaunchRecord: Sendable, Hashable {
  var jobID: String
  var runDirectory: String
  var command: [String]
  var workingDirectory: String?
  var environmentAdditions: [(name: String, value: String)]
  var stopGrace: Duration

  /// Largest file read; command lines are limited by the system to 2 MiB.
  static let limitBytes = 4 << 20

  init(json: JSON) throws(LaunchRecordError) {
    func text(_ name: String) throws(LaunchRecordError) -> String {
      guard let value = json[name]?.string, !value.isEmpty else {
        throw LaunchRecordError("\"\(name)\" must be a string that is not empty")
      }
      return value
    }
    jobID = try text("job_id")
    runDirectory = try text("run_dir")
    workingDirectory = json["cwd"]?.string
    command = (json["command"]?.array ?? []).compactMap(\.string)
    guard let count = json["command"]?.array?.count, count == command.count, count > 0 else {
      throw LaunchRecordError("\"command\" must be a list of strings with the executable first")
    }
    environmentAdditions = []
    for (name, value) in json["environment_additions"]?.object ?? [:] {
      guard let value = value.string else {
        throw LaunchRecordError("\"environment_additions.\(name)\" must be a string")
      }
      environmentAdditions.append((name, value))
    }
    let milliseconds = json["stop_grace_ms"]?.int
    stopGrace = milliseconds.map { .milliseconds(max(0, $0)) } ?? StopPolicy.runGrace
  }

  static func read(_ path: String) throws(LaunchRecordError) -> LaunchRecord {
    do {
      return try LaunchRecord(json: JSON.parse(FileIO.read(path, limitBytes: limitBytes)))
    } catch let error as LaunchRecordError {
      throw LaunchRecordError("\"\(path)\": \(error.description)")
    } catch let error as JSONParseError {
      throw LaunchRecordError("\"\(path)\" is not JSON: \(error.description)")
    } catch {
      throw LaunchRecordError(String(describing: error))
    }
  }

  static func == (left: LaunchRecord, right: LaunchRecord) -> Bool {
    left.jobID == right.jobID && left.runDirectory == right.runDirectory
      && left.command == right.command && left.workingDirectory == right.workingDirectory
      && left.stopGrace == right.stopGrace
      && left.environmentAdditions.elementsEqual(right.environmentAdditions, by: ==)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(jobID)
    hasher.combine(runDirectory)
  }
}

/// Why a launch record cannot be used.
struct LaunchRecordError: Error, Sendable, Hashable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// What the holder keeps in the job directory.
struct JobFiles: Sendable {
  let directory: String
  let console: String

  init(directory: String, runDirectory: String) {
    self.directory = directory
    console = "\(runDirectory)/console.log"
  }

  var segments: String { "\(directory)/segments" }
  /// Whom the run itself ended in a stop; only while the run lives.
  var censusReport: String { "\(directory)/census" }

  /// The stop that was asked for; `nil` when there is no readable record of one.
  func stopRequest() -> StopRequest? {
    guard let bytes = try? FileIO.read("\(directory)/stop.json", limitBytes: 1 << 20),
      let json = try? JSON.parse(bytes)
    else { return nil }
    return StopRequest(json: json)
  }

  /// Takes the job for this holder, before there is a child.
  ///
  /// A server that was killed while it started a holder cannot tell whether it did, so the next one
  /// starts another; only one of them makes the file.
  /// - Returns: whether the job is ours.
  func claim(startedAt: Timestamp) throws(FileError) -> Bool {
    do throws(FileError) {
      try FileIO.create(holder, record(child: nil, startedAt: startedAt).pretty())
      return true
    } catch {
      if error.code == EEXIST { return false }
      throw error
    }
  }

  /// Who holds which process, for a server that starts later.
  func writeHolder(
    child: (pid: Int32, startTime: UInt64), startedAt: Timestamp
  ) throws(FileError) {
    try FileIO.replace(holder, record(child: child, startedAt: startedAt).pretty())
  }

  private var holder: String { "\(directory)/holder.json" }

  private func record(child: (pid: Int32, startTime: UInt64)?, startedAt: Timestamp) -> JSON {
    let pid = ProcessEnvironment.processID
    return [
      "pid": .int(Int(pid)),
      "start_time": .int(Int(clamping: ProcFS.startTime(pid) ?? 0)),
      "boot_id": .string(ProcFS.bootID()),
      "child_pid": .optional(child.map { Int($0.pid) }),
      "child_start_time": .optional(child.map { Int(clamping: $0.startTime) }),
      "started_at": .string(startedAt.description),
    ]
  }

  func writeEnd(_ end: EndOfRun) throws(FileError) {
    try FileIO.replace("\(directory)/end.json", end.json.pretty())
  }
}

/// `end.json`: how the run ended.
struct EndOfRun: Sendable {
  var exitCode: Int
  var signal: String?
  var stopped = false
  var stop: StopRequest?
  var duration = Duration.zero
  var census = Census()
  var consoleBytes = 0
  var consoleCutBytes = 0
  var usage: (user: Duration, system: Duration, maxResidentBytes: Int)?
  /// Why nothing was run.
  var error: String?

  /// What was in force to find every process: orphans come to the holder, and /proc shows all.
  static let guarantee = "subreaper+proc"

  var json: JSON {
    let rusage: JSON =
      if let usage {
        [
          "user_ms": .int(usage.user.milliseconds), "system_ms": .int(usage.system.milliseconds),
          "max_rss_bytes": .int(usage.maxResidentBytes),
        ]
      } else {
        .null
      }
    return [
      "exit_code": .int(exitCode),
      "signal": .optional(signal),
      "stopped": .bool(stopped),
      "reason": .optional(stop?.reason),
      "actor": .optional(stop?.actor),
      "stop_requested_at": .optional(stop?.requestedAt.description),
      "ended_at": .string(Timestamp.now().description),
      "duration_ms": .int(duration.milliseconds),
      "census": census.json,
      "console_bytes": .int(consoleBytes),
      "console_cut_bytes": .int(consoleCutBytes),
      "rusage": rusage,
      "guarantee": .string(Self.guarantee),
      "error": .optional(error),
    ]
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
