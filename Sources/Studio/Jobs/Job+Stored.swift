// A job as the journal keeps it, so that a later server goes on where this one was.

import Core
import JobStore
import RunControl

extension Job {
  /// The job's present state for the journal.
  var stored: StoredJob {
    StoredJob(
      id: id, project: plan.project, runDirectory: plan.runDirectory,
      isLive: state.phase != .ended, status: state.status.rawValue,
      outcome: state.end?.outcome.rawValue, target: plan.target,
      startedAt: startedAt.description, finishedAt: state.end?.endedAt.description,
      text: [id, plan.command, plan.suiteFilter, plan.runID, plan.target ?? ""]
        .joined(separator: "\n").lowercased(),
      object: json.serialized(), record: record.serialized())
  }

  /// What a later server needs beyond the columns.
  var record: JSON {
    [
      "benchmark_id": .optional(benchmarkID), "plan": plan.json,
      "started_at": .string(startedAt.description),
      "stop_grace_ms": .int(stopGrace.milliseconds), "phase": .string(state.phase.rawValue),
      "stop": state.stop?.json ?? .null, "stop_mode": .optional(state.mode?.rawValue),
      "pid": .optional(state.pid.map(Int.init)), "end": state.end?.json ?? .null,
      "planned": .optional(plannedTestCount), "completed": .int(completedTestCount),
    ]
  }

  /// A job of the journal; `nil` when its record means nothing.
  init?(_ stored: StoredJob) {
    guard let record = try? JSON.parse(stored.record) else { return nil }
    self.init(id: stored.id, record: record)
  }

  /// A job by its record.
  init?(id: String, record: JSON) {
    guard let plan = LaunchPlan(json: record["plan"] ?? .null),
      let startedAt = record["started_at"]?.string.flatMap(Timestamp.init),
      let phase = record["phase"]?.string.flatMap(JobState.Phase.init(rawValue:))
    else { return nil }
    self.init(
      id: id, benchmarkID: record["benchmark_id"]?.string, plan: plan, startedAt: startedAt,
      stopGrace: .milliseconds(max(0, record["stop_grace_ms"]?.int ?? 10_000)),
      state: JobState(
        left: phase, stop: record["stop"].flatMap(StopRequest.init(json:)),
        mode: record["stop_mode"]?.string.flatMap(StopMode.init(rawValue:)),
        pid: record["pid"]?.int.flatMap(Int32.init(exactly:)),
        end: record["end"].flatMap(JobEnd.init(json:))),
      plannedTestCount: record["planned"]?.int, completedTestCount: record["completed"]?.int ?? 0)
  }
}

extension LaunchPlan {
  fileprivate var json: JSON {
    [
      "arguments": .array(arguments.map(JSON.string)), "command": .string(command),
      "project": .string(project), "run_dir": .string(runDirectory), "run_id": .string(runID),
      "target": .optional(target), "suite_filter": .string(suiteFilter),
    ]
  }

  fileprivate init?(json: JSON) {
    guard let command = json["command"]?.string, let project = json["project"]?.string,
      let runDirectory = json["run_dir"]?.string, let runID = json["run_id"]?.string,
      let suiteFilter = json["suite_filter"]?.string, let arguments = json["arguments"]?.array
    else { return nil }
    self.init(
      arguments: arguments.compactMap(\.string), command: command, project: project,
      runDirectory: runDirectory, runID: runID, target: json["target"]?.string,
      suiteFilter: suiteFilter)
  }
}

extension JobEnd {
  fileprivate var json: JSON {
    [
      "exit_code": .optional(exitCode), "signal": .optional(signal),
      "outcome": .string(outcome.rawValue), "reason": .optional(reason),
      "actor": .optional(actor), "census": census?.json ?? .null,
      "ended_at": .string(endedAt.description),
    ]
  }

  fileprivate init?(json: JSON) {
    guard let outcome = json["outcome"]?.string.flatMap(JobOutcome.init(rawValue:)),
      let endedAt = json["ended_at"]?.string.flatMap(Timestamp.init)
    else { return nil }
    self.init(
      exitCode: json["exit_code"]?.int, signal: json["signal"]?.string, outcome: outcome,
      reason: json["reason"]?.string, actor: json["actor"]?.string,
      census: json["census"].flatMap { $0.isNull ? nil : Census(json: $0) }, endedAt: endedAt)
  }
}
