// What `ps` shows: one line a run, or one JSON object.

public import Core
public import RunArtifacts
import Supervisor

/// A run as `ps` tells it.
///
/// Reading it blocks.
public struct RunLine: Sendable {
  /// The run.
  public let run: ControlledRun
  /// Its numbers; `nil` while it has not begun to write.
  public let meta: RunMeta?
  /// When it was looked at.
  public let now: Timestamp

  /// Reads the numbers of a run.
  public init(_ run: ControlledRun, now: Timestamp) {
    self.run = run
    self.now = now
    meta = RunDirectory.holdsRun(run.directory.path) ? try? RunMeta(run.directory) : nil
  }

  /// Targets as they were asked for, else as the rows name them.
  public var targets: [String] {
    if let asked = run.record?.launch.targets, !asked.isEmpty { return asked }
    var seen = Set<String>()
    let planned = (run.record?.planned ?? []).map(\.target).filter { seen.insert($0).inserted }
    return planned.isEmpty ? meta?.targets ?? [] : planned
  }

  /// Seconds since the present start, or since the end of one that has ended.
  public var ageSeconds: Int? {
    let since = run.isLive ? run.startedAt : run.record?.finishedAt ?? run.startedAt
    return since.map { max(0, (now.millisecondsSinceEpoch - $0.millisecondsSinceEpoch) / 1000) }
  }

  /// The form on the wire.
  public var json: JSON {
    [
      "run_id": .string(run.directory.runID), "run_dir": .string(run.directory.path),
      "job_id": .optional(run.job?.id), "status": .string(run.state.rawValue),
      "live": .bool(run.isLive), "completed": .int(meta?.testCount ?? 0),
      "planned": .optional(meta?.plannedTestCount), "ok": .int(meta?.okCount ?? 0),
      "quality_failures": .int(meta?.qualityFailureCount ?? 0),
      "execution_errors": .int(meta?.executionErrorCount ?? 0),
      "cost_usd": .optional(meta?.costUSD),
      "targets": .array(targets.map(JSON.string)),
      "started_at": .optional(run.startedAt?.description),
      "finished_at": run.isLive ? .null : .optional(run.record?.finishedAt?.description),
      "age_seconds": .optional(ageSeconds),
      "pid": .optional(run.isLive ? run.pid.map(Int.init) : nil),
      "holder_pid": .optional(run.holder.map { Int($0.pid) }),
      "started_by": .string(run.starter.rawValue), "exit_code": .optional(run.exitCode),
      "signal": .optional(run.isLive ? nil : run.jobEnd?.signal ?? run.record?.signal),
      "stop": run.state == .stopping ? run.stop?.json ?? .null : .null,
    ]
  }

  fileprivate var cells: [String] {
    let done = meta?.testCount ?? 0
    let planned = meta?.plannedTestCount.map(String.init) ?? "?"
    return [
      run.directory.runID, run.job?.id ?? "-", run.state.rawValue, "\(done)/\(planned)",
      targets.isEmpty ? "-" : targets.joined(separator: ","),
      ageSeconds.map(Self.age) ?? "-", run.isLive ? run.pid.map { "\($0)" } ?? "-" : "-",
      run.starter.rawValue,
    ]
  }

  /// A time as one number and its unit.
  static func age(_ seconds: Int) -> String {
    switch seconds {
    case ..<100: "\(seconds)s"
    case ..<6000: "\(seconds / 60)m"
    case ..<172_800: "\(seconds / 3600)h"
    default: "\(seconds / 86400)d"
    }
  }
}

/// The table of `ps`.
public enum RunTable {
  static let headings = ["RUN", "JOB", "STATUS", "DONE", "TARGET", "AGE", "PID", "BY"]

  /// The table, its headings first.
  public static func text(_ runs: [RunLine]) -> String {
    let rows = [headings] + runs.map(\.cells)
    let widths = headings.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { cell, width in
        Self.printable(cell) + String(repeating: " ", count: width - cell.count)
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  /// Lines of text from a file without what would steer a terminal.
  public static func printableLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { printable(String($0)) }.joined(separator: "\n")
  }

  /// Text from a file without what would steer a terminal.
  public static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      return text
    }
    var clean = ""
    for scalar in text.unicodeScalars {
      clean.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? "?" : scalar)
    }
    return clean
  }
}
