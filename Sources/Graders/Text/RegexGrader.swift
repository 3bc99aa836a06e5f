// `regex`: JavaScript patterns against the answer.

import Core
import EvalFiles

/// Checks the answer against a pattern of JavaScript's `RegExp`.
struct RegexGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let pattern = try spec.textValue
    let flags = spec.config["flags"]?.string ?? ""
    let expression = try RegexSearch(pattern, flags: flags)
    let shown = "/\(pattern)/\(flags)\(flags.isEmpty ? "" : " (flags: \(flags))")"
    switch expression.search(input.answer) {
    case .match: return .check(true, "Output matches pattern \(shown)")
    case .noMatch: return .check(false, "Output does not match pattern \(shown)")
    case .timeout:
      if Task.isCancelled { throw .cancelled }
      throw GraderError(
        "the pattern \(shown) took more than \(RegexSearch.timeLimit.components.seconds) s on an "
          + "answer of \(input.answer.utf8.count) bytes; make it simpler, nested repetitions "
          + "backtrack")
    case .tooComplex:
      throw GraderError(
        "the pattern \(shown) needs too much memory on an answer of \(input.answer.utf8.count) "
          + "bytes; avoid repeating a group with alternatives")
    }
  }
}
