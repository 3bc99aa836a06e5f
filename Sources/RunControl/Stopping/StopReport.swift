// What a stop came to, for people and for scripts.

public import Core

/// What became of one run that was to be stopped.
public struct StopReport: Sendable {
  /// Run id.
  public var runID: String
  /// Run directory.
  public var runDirectory: String
  /// Job, when a holder held it.
  public var jobID: String?
  /// Whether a stop was carried out; `false` for a run that had ended already.
  public var isStopped: Bool
  /// Whether it was only asked for (`--no-wait`).
  public var isUnderWay = false
  /// State of the run after it.
  public var state: ControlledRun.State
  /// Exit code; `nil` when nobody saw it.
  public var exitCode: Int?
  /// Signal that ended the run.
  public var signal: String?
  /// Why it was stopped.
  public var reason: String?
  /// Who stopped it.
  public var actor: String?
  /// What the stop found in the process trees; `nil` when nothing ran.
  public var census: Census?
  /// Tests with a row.
  public var completed: Int
  /// Tests × targets of the whole run.
  public var planned: Int?

  /// Whether it is over and nothing of it is left.
  public var isClean: Bool {
    isUnderWay || (!state.isLive && census?.remaining.isEmpty != false)
  }

  /// Whether a resume would have something to do.
  public var canResume: Bool { state == .interrupted }

  /// The form on the wire.
  public var json: JSON {
    [
      "run_id": .string(runID), "run_dir": .string(runDirectory), "job_id": .optional(jobID),
      "stopped": .bool(isStopped), "under_way": .bool(isUnderWay),
      "status": .string(state.rawValue), "exit_code": .optional(exitCode),
      "signal": .optional(signal), "reason": .optional(reason), "actor": .optional(actor),
      "census": census?.json ?? .null, "completed": .int(completed),
      "planned": .optional(planned),
      "resume": canResume ? .string("agentv resume \(ShellWord.quoted(runID))") : .null,
    ]
  }

  /// Lines for people.
  public var text: String {
    if isUnderWay { return "Stopping \(runID): asked, not waited for." }
    let tests = planned.map { "\(completed) of \($0) tests" } ?? "\(completed) tests"
    var lines: [String] = []
    if state.isLive {
      lines.append("Still alive: \(runID)")
    } else if isStopped {
      lines.append("Stopped \(runID): \(ending), \(tests) finished.")
    } else {
      lines.append("Already ended: \(runID) is \(state.rawValue) (\(ending), \(tests) finished).")
    }
    if isStopped, let census { lines.append("  Processes: \(Self.text(census))") }
    if canResume { lines.append("  Resume with: agentv resume \(ShellWord.quoted(runID))") }
    return lines.joined(separator: "\n")
  }

  private var ending: String {
    let code = exitCode.map { "exit code \($0)" } ?? "exit code unknown"
    return signal.map { "\(code), \($0)" } ?? code
  }

  static func text(_ census: Census) -> String {
    if census == Census() { return "none left" }
    var parts = ["\(census.obeyed) obeyed", "\(census.killed) killed"]
    if census.outsideGroup > 0 { parts.append("\(census.outsideGroup) outside of the group") }
    let left = census.remaining.map { "\($0.pid) (\($0.command))" }
    parts.append(left.isEmpty ? "none left" : "left: \(left.joined(separator: ", "))")
    return parts.joined(separator: ", ")
  }
}

/// Words of a shell command.
public enum ShellWord {
  /// The word, quoted when the shell would change it (POSIX.1-2024, 2.2.2).
  public static func quoted(_ word: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%")
    if !word.isEmpty, word.allSatisfy(plain.contains) { return word }
    let parts = word.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: "'\\''") + "'"
  }
}
