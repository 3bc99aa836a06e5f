// Grading of one answer, without a target.

import Core
import EvalFiles

@testable import Graders

/// The input of a grader that judges an answer.
func input(
  _ answer: String, test: EvalTest? = nil, output: [Message]? = nil, dryRun: Bool = false,
  environment: [String: String] = ["PATH": "/usr/bin:/bin"], timeout: Duration? = nil
) -> GraderInput {
  GraderInput(
    test: test ?? EvalTest(id: "t", suite: "s", input: [Message(role: "user", text: "hi")]),
    output: output ?? [Message(role: "assistant", text: answer)],
    target: ResolvedTarget(requested: "m", name: "m", provider: "mock"),
    environment: environment, agentTimeout: timeout, dryRun: dryRun)
}

/// The score of one grader on an answer.
func grade(
  _ type: String, _ config: JSONObject = [:], _ answer: String, negate: Bool = false,
  dryRun: Bool = false
) async throws -> GraderScore {
  let spec = GraderSpec(name: "g", type: type, negate: negate, config: config)
  let test = EvalTest(
    id: "t", suite: "s", input: [Message(role: "user", text: "hi")], assertions: [spec])
  return try await GraderRegistry.grade(spec, input(answer, test: test, dryRun: dryRun))
}
