// `launch.json`: what a holder is to run. Written before the holder is started, so that a server
// that comes later finds every job that may be running.

public import Core
import Supervisor

/// The content of `launch.json`.
public struct LaunchSpec: Sendable, Hashable {
  /// Job id.
  public var jobID: String
  /// Run directory, absolute.
  public var runDirectory: String
  /// The executable and its arguments.
  public var command: [String]
  /// Directory to run it in.
  public var workingDirectory: String
  /// Time from a stop until SIGKILL.
  public var stopGrace: Duration
  /// When it was asked for.
  public var requestedAt: Timestamp
  /// What whoever launches writes down for somebody who finds the job and knows nothing of it.
  public var details: JSON

  /// A launch.
  public init(
    jobID: String, runDirectory: String, command: [String], workingDirectory: String,
    stopGrace: Duration, requestedAt: Timestamp, details: JSON = .null
  ) {
    self.jobID = jobID
    self.runDirectory = runDirectory
    self.command = command
    self.workingDirectory = workingDirectory
    self.stopGrace = stopGrace
    self.requestedAt = requestedAt
    self.details = details
  }

  /// Directory of the files shared with the holder.
  public var directory: String { "\(runDirectory)/.jobs/\(jobID)" }
  /// Path of `launch.json`.
  public var file: String { "\(directory)/launch.json" }

  /// The form on disk; names this process as the one that launches.
  public var json: JSON {
    [
      "job_id": .string(jobID), "run_dir": .string(runDirectory),
      "command": .array(command.map(JSON.string)), "cwd": .string(workingDirectory),
      "environment_additions": [:], "stop_grace_ms": .int(stopGrace.milliseconds),
      "requested_at": .string(requestedAt.description),
      "launcher": ProcessReference.current().json, "details": details,
    ]
  }

  /// Writes it, with the directories on its way.
  /// - Throws: `FileError`.
  public func write() throws(FileError) {
    try FileIO.createDirectories(directory)
    try FileIO.replace(file, json.pretty() + [0x0A])
  }

  /// Removes it and the directories that were made for it, unless a holder has it or is to get it.
  public func withdraw() {
    guard JobRecord(directory: directory)?.holder == nil, !LaunchLock.isHeld(job: directory)
    else { return }
    try? FileIO.removeTree(directory)
    // Only while they are empty.
    for path in [Path.directory(directory), runDirectory]
    where (try? FileIO.list(path))?.isEmpty == true {
      try? FileIO.removeTree(path)
    }
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
