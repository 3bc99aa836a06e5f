// The operations on runs on disk.

import Core
import RunArtifacts

extension APIDescription {
  private static let choice: [Operation.Query] = [
    .init("target", .string, "Where several tests share the id."),
    .init("eval_file", .string, "Where several tests share the id."),
  ]

  private static let facet = Schema.array(.object(["name": .string, "run_count": .integer]))

  /// A test beside the one that was asked for.
  private static let neighbour = Schema.object([
    "test_id": .string, "target": .string, "requested_target?": .string, "eval_file?": .string,
    "execution_status": .word(ExecutionStatus.allCases.map(\.rawValue)),
  ])

  static let runOperations: [Operation] = [
    Operation(
      method: .get, path: "/api/runs", summary: "All runs.", query: list(StudioServer.runFields),
      answer: page("runs", .named("Run")), errors: [400]),
    Operation(
      method: .get, path: "/api/facets", summary: "What the list of runs can be filtered by.",
      answer: .object([
        "targets": facet, "experiments": facet, "tags": facet, "sources": facet,
      ])),
    Operation(
      method: .get, path: "/api/runs/:runId", summary: "One run with its results.",
      query: [.init("view", .word(ResultView.allCases.map(\.rawValue)), "How much of each result.")]
        + list(StudioServer.resultFields),
      answer: page("results", .named("Result")).and(
        .object([
          "source": .string, "source_label": .string, "run_dir?": .string,
          "suite_filter?": .string, "planned_test_count?": .integer, "run_id": .string,
          "view": .string, "bad_lines": .integer, "run": .named("Run"),
          "launch?": .named("Launch"), "columns?": .object([:]),
        ])), errors: [400, 404]),
    Operation(
      method: .delete, path: "/api/runs/:runId", summary: "Removes a run.",
      answer: .object(["ok": .boolean]), errors: [400, 404, 409]),
    Operation(
      method: .get, path: "/api/runs/:runId/suites", summary: "A run by suites.",
      answer: .object(["suites": .array(.named("Tally"))]), errors: [404]),
    Operation(
      method: .get, path: "/api/runs/:runId/categories", summary: "A run by categories.",
      answer: .object([
        "categories": .array(Schema.named("Tally").and(.object(["suite_count": .integer])))
      ]), errors: [404]),
    Operation(
      method: .get, path: "/api/runs/:runId/categories/:category/suites",
      summary: "The suites of one category.",
      answer: .object(["suites": .array(.named("Tally"))]), errors: [404]),
    Operation(
      method: .get, path: "/api/runs/:runId/evals/:evalId", summary: "The result of one test.",
      query: choice,
      answer: .object([
        "eval": .named("Result"), "position": .integer, "total": .integer,
        "previous": neighbour.orNull, "next": neighbour.orNull,
      ]), errors: [404]),
    Operation(
      method: .get, path: "/api/runs/:runId/evals/:evalId/attempts",
      summary: "All attempts of one test.", query: choice,
      answer: .object([
        "attempts": .array(
          Schema.named("Result").and(.object(["attempt": .integer, "counts": .boolean])))
      ]), errors: [404]),
    Operation(
      method: .get, path: "/api/runs/:runId/evals/:evalId/files",
      summary: "The files of one test.", query: choice,
      answer: .object(["files": .array(.named("File"))]), errors: [404]),
    Operation(
      method: .get, path: "/api/runs/:runId/evals/:evalId/files/*path",
      summary: "A file of the run.",
      answer: .object([
        "content": .string, "language": .string, "size": .integer, "truncated": .boolean,
      ]), errors: [400, 403, 404]),
    Operation(
      method: .put, path: "/api/runs/:runId/tags", summary: "Replaces the tags of a run.",
      body: .object(["tags": .array(.string)]),
      answer: .object(["tags": .array(.string), "updated_at": .string]), errors: [400, 404]),
    Operation(
      method: .delete, path: "/api/runs/:runId/tags", summary: "Removes the tags of a run.",
      answer: .object(["ok": .boolean]), errors: [400, 404]),
  ]
}
