// One launched run as the API tells about it. A value; owned by JobRegistry on the loop.

import Core
import RunControl

struct Job: Sendable {
  let id: String
  /// The benchmark it was launched in; `nil` for the server's own project.
  let benchmarkID: String?
  let plan: LaunchPlan
  let startedAt: Timestamp
  /// Time from a stop until SIGKILL.
  let stopGrace: Duration
  var state = JobState()
  var plannedTestCount: Int?
  var completedTestCount = 0

  /// Directory of the files shared with the holder.
  var directory: String { "\(plan.runDirectory)/.jobs/\(id)" }

  /// The job object of the API and of the `status` and `end` events.
  var json: JSON {
    let end = state.end
    var object: JSONObject = [
      "id": .string(id), "status": .string(state.status.rawValue),
      "command": .string(plan.command),
    ]
    if let target = plan.target { object["target"] = .string(target) }
    object["started_at"] = .string(startedAt.description)
    object["finished_at"] = .optional(end?.endedAt.description)
    object["exit_code"] = .optional(end?.exitCode)
    object["benchmark_id"] = .optional(benchmarkID)
    object["run_id"] = .string(plan.runID)
    object["run_dir"] = .string(plan.displayDirectory)
    object["pid"] = .optional(state.pid.map(Int.init))
    object["planned_test_count"] = .optional(plannedTestCount)
    object["completed_test_count"] = .int(completedTestCount)
    object["stopping"] = .bool(state.isStopping)
    object["stop_requested_at"] = .optional(state.stop?.requestedAt.description)
    object["stop_mode"] = .optional(state.mode?.rawValue)
    object["stop_deadline_at"] = .optional(stopDeadline?.description)
    object["signal"] = .optional(end?.signal)
    object["outcome"] = .optional(end?.outcome.rawValue)
    object["reason"] = .optional(end == nil ? state.stop?.reason : end?.reason)
    object["actor"] = .optional(end == nil ? state.stop?.actor : end?.actor)
    object["forced"] = .bool(state.isForced)
    object["census"] = end?.census?.json ?? .null
    object["suite_filter"] = .string(plan.suiteFilter)
    object["command_args"] = .array(plan.arguments.map(JSON.string))
    return .object(object)
  }

  /// When what ignores the stop is killed; `nil` while nobody asked for a stop.
  var stopDeadline: Timestamp? {
    guard let stop = state.stop, state.mode != .afterCurrent else { return nil }
    let grace = state.isForced ? 0 : stopGrace.milliseconds
    return Timestamp(millisecondsSinceEpoch: stop.requestedAt.millisecondsSinceEpoch + grace)
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
