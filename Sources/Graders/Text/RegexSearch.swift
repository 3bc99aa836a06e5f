// Matching with JavaScript's patterns on ICU's engine, never longer than a time limit.

import Core
import EvalFiles
import Foundation

/// A compiled pattern of JavaScript's `RegExp`.
struct RegexSearch {
  /// Longest time that one match may take.
  ///
  /// A pattern that backtracks for ever would otherwise hold
  /// up the whole run; ICU reports progress every 10,000 steps, which is well below a millisecond.
  static let timeLimit = Duration.seconds(1)

  /// What a search came to.
  enum Outcome { case match, noMatch, timeout, tooComplex }

  private let expression: NSRegularExpression

  /// Compiles a pattern.
  /// - Throws: `GraderError` saying what is wrong with it.
  init(_ pattern: String, flags: String) throws(GraderError) {
    var translator = RegexTranslator(pattern: pattern)
    let translated: String
    do {
      translated = try translator.translate(flags: flags)
    } catch {
      throw GraderError("Invalid regular expression: /\(pattern)/\(flags): \(error.reason)")
    }
    do {
      expression = try NSRegularExpression(
        pattern: translated, options: flags.contains("i") ? .caseInsensitive : [])
    } catch {
      let hint = pattern.contains("(?<") ? "; look-behind must have a bounded length" : ""
      throw GraderError("Invalid regular expression: /\(pattern)/\(flags)\(hint)")
    }
  }

  /// Looks for the first match in a text.
  func search(_ text: String) -> Outcome {
    var outcome = Outcome.noMatch
    let deadline = ContinuousClock.now + Self.timeLimit
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
