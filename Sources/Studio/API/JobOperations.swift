// The operations on jobs, and on what can be launched.

import Core

extension APIDescription {
  private static let stopBody = Schema.object([
    "mode?": Schema.word(StopMode.allCases.map(\.rawValue)).orNull, "force?": .boolean.orNull,
    "reason?": .string.orNull,
  ])
  private static let stopAnswer = Schema.object([
    "stopped": .boolean, "status": .string, "reason?": .string,
  ])

  static let jobOperations: [Operation] = [
    Operation(
      method: .post, path: "/api/eval/run", summary: "Launches a run.",
      body: .named("LaunchRequest"), status: 202, answer: .named("Job"), errors: [400, 409]),
    Operation(
      method: .post, path: "/api/eval/run/:id/stop", summary: "Stops a run.", body: stopBody,
      isBodyRequired: false, answer: stopAnswer, errors: [400, 404]),
    Operation(
      method: .post, path: "/api/eval/stop", summary: "Stops several runs.",
      body: Schema.object(["ids?": Schema.array(.string).orNull, "all?": .boolean.orNull])
        .and(stopBody),
      answer: .object([
        "jobs": .array(
          .object([
            "id": .string, "stopped": .boolean, "status": .string.orNull, "reason?": .string,
          ]))
      ]), errors: [400]),
    Operation(
      method: .get, path: "/api/eval/status/:id", summary: "A job with the tails of its output.",
      answer: Schema.named("Job").and(.object(["stdout": .string, "stderr": .string])),
      errors: [404]),
    Operation(
      method: .get, path: "/api/eval/runs", summary: "All jobs.",
      query: list(StudioServer.jobFields),
      answer: page("runs", .named("Job")), errors: [400]),
    Operation(
      method: .get, path: "/api/eval/run/:id/log", summary: "The output of a job, also by ranges.",
      answer: .string, mediaType: "text/plain", errors: [404, 416]),
    Operation(
      method: .get, path: "/api/eval/run/:id/events", summary: "The events of a job.",
      answer: .string, mediaType: "text/event-stream", errors: [404]),
    Operation(
      method: .post, path: "/api/eval/preview", summary: "The command line of a launch.",
      body: .named("LaunchRequest"), answer: .object(["command": .string]), errors: [400]),
    Operation(
      method: .get, path: "/api/eval/discover", summary: "The eval files of the project.",
      answer: .object([
        "eval_files": .array(
          .object(["path": .string, "relative_path": .string, "category": .string]))
      ])),
    Operation(
      method: .get, path: "/api/eval/targets", summary: "The targets of the project.",
      answer: .object(["targets": .array(.string)])),
  ]
}
