// `regex`: JavaScript patterns on ICU's engine, with a time limit.

import Core
import EvalFiles
import Foundation

/// Checks the answer against a pattern of JavaScript's `RegExp`.
struct RegexGrader: Grader {
  /// Longest time that one match may take.
  ///
  /// A pattern that backtracks for ever would otherwise hold
  /// up the whole run; ICU reports progress every 10,000 steps, which is well below a millisecond.
  static let timeLimit = Duration.seconds(1)

  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let pattern = try spec.textValue
    let flags = spec.config["flags"]?.string ?? ""
    let expression = try Self.compile(pattern, flags: flags)
    let shown = "/\(pattern)/\(flags)\(flags.isEmpty ? "" : " (flags: \(flags))")"
    switch Self.search(expression, in: input.answer) {
    case .match: return .check(true, "Output matches pattern \(shown)")
    case .noMatch: return .check(false, "Output does not match pattern \(shown)")
    case .timeout:
      if Task.isCancelled { throw .cancelled }
      throw GraderError(
        "the pattern \(shown) took more than \(Self.timeLimit.components.seconds) s on an answer "
          + "of \(input.answer.utf8.count) bytes; make it simpler, nested repetitions backtrack")
    case .tooComplex:
      throw GraderError(
        "the pattern \(shown) needs too much memory on an answer of \(input.answer.utf8.count) "
          + "bytes; avoid repeating a group with alternatives")
    }
  }

  static func compile(
    _ pattern: String, flags: String
  ) throws(GraderError) -> NSRegularExpression {
    var translator = RegexTranslator(pattern: pattern)
    let translated: String
    do {
      translated = try translator.translate(flags: flags)
    } catch {
      throw GraderError("Invalid regular expression: /\(pattern)/\(flags): \(error.reason)")
    }
    do {
      return try NSRegularExpression(
        pattern: translated, options: flags.contains("i") ? .caseInsensitive : [])
    } catch {
      let hint = pattern.contains("(?<") ? "; look-behind must have a bounded length" : ""
      throw GraderError("Invalid regular expression: /\(pattern)/\(flags)\(hint)")
    }
  }

  private enum Outcome { case match, noMatch, timeout, tooComplex }

  private static func search(_ expression: NSRegularExpression, in text: String) -> Outcome {
    var outcome = Outcome.noMatch
    let deadline = ContinuousClock.now + timeLimit
    // Foundation hands the way to stop to its callback as a pointer; nothing else here is unsafe.
    unsafe expression.enumerateMatches(
      in: text, options: [.reportProgress, .reportCompletion],
      range: NSRange(location: 0, length: text.utf16.count)
    ) { match, flags, stop in
      if match != nil {
        outcome = .match
      } else if flags.contains(.internalError), outcome == .noMatch {
        outcome = .tooComplex
      } else if flags.contains(.progress), ContinuousClock.now > deadline || Task.isCancelled {
        outcome = .timeout
      } else {
        return
      }
      unsafe stop.pointee = true
    }
    return outcome
  }
}
