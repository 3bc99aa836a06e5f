// The objects of the API, named as in docs/reference/http-api.md.

import Core
import RunArtifacts

enum APISchemas {
  static let all: KeyValuePairs<String, Schema> = [
    "Error": .object(["error": .string, "code": .string, "field?": .string]),
    "Census": .object([
      "obeyed": .integer, "killed": .integer, "outside_group": .integer,
      "remaining": .array(.object(["pid": .integer, "command": .string])),
    ]),
    "Stop": .object([
      "reason": .string.orNull, "actor": .string, "force": .boolean,
      "mode": .word(StopMode.allCases.map(\.rawValue)), "requested_at": .string,
    ]),
    "Job": job, "Run": run, "Result": result, "Launch": .object(["eval_files": .array(.string)]),
    "Tally": .object([
      "name": .string, "total": .integer, "passed": .integer, "failed": .integer,
      "avg_score": .number,
    ]),
    "File": .object([
      "name": .string, "path": .string, "type": .word(["file", "dir"]), "size?": .integer,
      "children?": .array(.named("File")),
    ]),
    "Tested": .object([
      "experiment": .string, "target": .string, "eval_count": .integer, "passed_count": .integer,
      "pass_rate": .number, "avg_score": .number,
      "tests": .array(
        .object([
          "test_id": .string, "score": .number, "passed": .boolean,
          "execution_status?": .word(ExecutionStatus.allCases.map(\.rawValue)),
        ])),
    ]),
    "Benchmark": .object([
      "id": .string, "name": .string, "path": .string, "added_at": .string,
      "last_opened_at": .string,
    ]),
    "Review": .object(["test_id": .string, "comment": .string, "updated_at": .string]),
    "Remote": .object([
      "configured": .boolean, "available": .boolean, "repo": .string, "path?": .string,
      "auto_push?": .boolean, "branch_prefix?": .string, "cache_dir": .string,
      "last_synced_at?": .string, "last_error?": .string, "run_count": .integer,
      "commit?": .string, "syncing?": .boolean, "ahead?": .integer, "behind?": .integer,
    ]),
    "LaunchRequest": launchRequest,
  ]

  private static let job = Schema.object([
    "id": .string, "status": .word(JobStatus.allCases.map(\.rawValue)), "command": .string,
    "target?": .string, "started_at": .string, "finished_at": .string.orNull,
    "exit_code": .integer.orNull, "benchmark_id": .string.orNull, "run_id": .string,
    "run_dir": .string, "pid": .integer.orNull, "planned_test_count": .integer.orNull,
    "completed_test_count": .integer, "stopping": .boolean, "stop_requested_at": .string.orNull,
    "stop_mode": .word(StopMode.allCases.map(\.rawValue)).orNull,
    "stop_deadline_at": .string.orNull, "signal": .string.orNull,
    "outcome": .word(JobOutcome.allCases.map(\.rawValue)).orNull, "reason": .string.orNull,
    "actor": .string.orNull, "forced": .boolean, "census": .named("Census").orNull,
    "suite_filter": .string, "command_args": .array(.string),
  ])

  private static let run = Schema.object([
    "filename": .string, "display_name": .string, "path": .string, "timestamp": .string,
    "test_count": .integer, "pass_rate": .range("number", 0, 1), "avg_score": .number.orNull,
    "size_bytes": .integer, "source": .word(["local", "remote"]), "target?": .string,
    "experiment?": .string, "tags?": .array(.string),
    "status": .word(RunStatus.allCases.map(\.rawValue)), "live": .boolean,
    "job_id": .string.orNull, "pid": .integer.orNull, "planned_test_count": .integer.orNull,
    "completed_test_count": .integer, "ok": .integer, "quality_failures": .integer,
    "execution_errors": .integer, "targets": .array(.string), "cost_usd": .number.orNull,
    "bad_lines": .integer, "attempts": .integer, "signal": .string.orNull,
    "exit_code": .integer.orNull, "run_dir": .string, "suite_filter": .string.orNull,
    "started_at": .string.orNull, "resumed_at": .string.orNull, "finished_at": .string.orNull,
    "stop": .named("Stop").orNull,
  ])

  private static let message = Schema.object(["role": .string, "content?": .any])

  private static let result = Schema.object([
    "testId": .string, "timestamp?": .string, "suite?": .string, "category?": .string,
    "target": .string, "score?": .number,
    "executionStatus": .word(ExecutionStatus.allCases.map(\.rawValue)), "error?": .string,
    "assertions?": .array(.any), "scores?": .array(.any), "tokenUsage?": .object([:]),
    "durationMs?": .integer, "costUsd?": .number, "input?": .array(message),
    "output?": .array(message), "evalFile?": .string, "requestedTarget?": .string,
    "failureStage?": .string, "failureReasonCode?": .string, "metadata?": .any,
    "attempts?": .integer,
  ])

  private static let launchRequest = Schema.object([
    "suite_filter?": .string.orNull, "test_ids?": Schema.array(.string).orNull,
    "target?": .string.orNull, "targets?": Schema.array(.string).orNull,
    "threshold?": Schema.range("number", 0, 1).orNull,
    "workers?": Schema.range("integer", 1, 50).orNull, "dry_run?": .boolean.orNull,
    "output?": .string.orNull, "resume?": .boolean.orNull, "rerun_failed?": .boolean.orNull,
    "retry_errors?": .string.orNull, "experiment?": .string.orNull,
  ])
}
