// `is-json`: the whole answer is one JSON text; code fences are not taken off.

import Core
import EvalFiles

/// Checks that the answer parses as JSON (RFC 8259).
struct IsJSONGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let isJSON = (try? JSON.parse(input.answer)) != nil
    return .check(isJSON, "Output is \(isJSON ? "" : "not ")valid JSON")
  }
}
