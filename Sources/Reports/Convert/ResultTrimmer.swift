// Rows without what a comparison does not need, to be kept as a baseline (reference: cli 1, trim).

public import Core

/// Takes debugging and auditing members off rows.
public enum ResultTrimmer {
  /// Members of a row that a baseline does without; unknown ones are kept.
  static let dropped: Set<String> = [
    "requests", "trace", "workspace_path", "input", "output", "before_all_output",
    "before_each_output", "after_all_output", "after_each_output", "file_changes", "token_usage",
    "cost_usd", "duration_ms", "total_duration_ms", "start_time", "end_time", "eval_run",
    "grading_path", "timing_path", "input_path", "output_path", "response_path",
    "messages_path", "agent_events_path", "stream_log_path",
  ]
  private static let droppedOfGrader: Set<String> = [
    "raw_request", "input", "started_at", "ended_at", "duration_ms", "token_usage",
  ]

  /// A row of any shape without them.
  public static func trimmed(_ row: JSONObject) -> JSONObject {
    JSONObject(
      row.members.compactMap { member in
        guard !dropped.contains(snakeCase(member.name)) else { return nil }
        return (member.name, member.name == "scores" ? scores(member.value) : member.value)
      })
  }

  private static func scores(_ value: JSON) -> JSON {
    guard let all = value.array else { return value }
    return .array(
      all.map { score in
        guard let object = score.object else { return score }
        return .object(
          JSONObject(
            object.members.compactMap { member in
              guard !droppedOfGrader.contains(snakeCase(member.name)) else { return nil }
              return (member.name, member.name == "scores" ? scores(member.value) : member.value)
            }))
      })
  }

  /// `costUsd` is the same member as `cost_usd`.
  private static func snakeCase(_ name: String) -> String {
    var result = ""
    for character in name {
      result += character.isUppercase ? "_" + character.lowercased() : String(character)
    }
    return result
  }
}
