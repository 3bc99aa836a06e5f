// One result with everything that belongs to it, in the shape of upstream's raw rows (reference:
// run-artifacts 3.1) with our members after them.

public import Core
public import RunArtifacts

/// Results as records that need no other file.
public enum ResultRecord {
  /// The record of a row: the answer and the assertions in place of paths to them.
  /// - Parameters:
  ///   - row: a row that counts.
  ///   - detail: what belongs to it.
  /// - Returns: an object that is a row again.
  public static func json(_ row: ResultRow, _ detail: ResultDetail) -> JSON {
    var object = JSONObject()
    func add(_ name: String, _ value: JSON?) {
      if let value, !value.isNull { object.appendUnchecked(name, value) }
    }
    add("timestamp", row.timestamp.map(JSON.string))
    add("test_id", .string(row.testID))
    add("suite", row.suite.map(JSON.string))
    add("category", row.category.map(JSON.string))
    add("conversation_id", row.conversationID.map(JSON.string))
    add("score", row.score.map(JSON.double))
    add("assertions", detail.assertions ?? [])
    add("target", .string(row.target))
    add("token_usage", detail.tokenUsage?.json)
    add("cost_usd", row.costUSD.map(JSON.double))
    add("duration_ms", detail.durationMS.map(JSON.int))
    add("input", detail.input)
    add("output", detail.output ?? [])
    add("scores", row.scores.isEmpty ? detail.scores : .array(row.scores))
    add("error", row.error.map(JSON.string))
    for (name, value) in row.extra where !taken.contains(name) { add(name, value) }
    add("workspace_path", row.workspacePath.map(JSON.string))
    add("execution_status", .string(row.executionStatus.rawValue))
    add("failure_stage", row.failureStage.map(JSON.string))
    add("failure_reason_code", row.failureReasonCode.map(JSON.string))
    add("metadata", row.metadata)
    add("experiment", row.experiment.map(JSON.string))
    add("eval_file", row.evalFile.map(JSON.string))
    add("requested_target", row.requestedTarget.map(JSON.string))
    add("total_duration_ms", row.totalDurationMS.map(JSON.int))
    add("attempts", row.attempts.map(JSON.int))
    return .object(object)
  }

  private static let taken: Set<String> = ["assertions", "input", "output", "messages_path"]
}

/// `--benchmark-json`: the summary that Agent-Skills tools read (reference: run-artifacts 5).
public enum BenchmarkDocument {
  /// The document for rows; the pass rate counts tests whose status is `ok`.
  public static func json(_ digests: [ResultDigest]) -> JSON {
    func spread(_ values: [Double]) -> JSON {
      guard let mean = Statistics.mean(values) else { return ["mean": 0, "stddev": 0] }
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return [
        "mean": .double(mean.rounded(decimals: 3)),
        "stddev": .double(variance.squareRoot().rounded(decimals: 3)),
      ]
    }
    return [
      "run_summary": [
        "with_skill": [
          "pass_rate": spread(digests.map { $0.isPassed ? 1 : 0 }),
          "time_seconds": spread(digests.map { Double($0.durationMS ?? 0) / 1000 }),
          "tokens": spread(digests.map { Double($0.tokens?.total ?? 0) }),
        ]
      ]
    ]
  }
}
