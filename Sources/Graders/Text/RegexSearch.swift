// Matching with JavaScript's patterns on ICU's engine, never longer than a time limit.

import Core
import EvalFiles
import Foundation

/// A compiled pattern of JavaScript's `RegExp`.
struct RegexSearch: Sendable {
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
  func search(_ text: String) -> Outcome { first(in: text).outcome }

  /// Looks for the first match in a text and says where it is.
  func first(in text: String) -> (outcome: Outcome, range: Range<String.Index>?) {
    var outcome = Outcome.noMatch
    var range: Range<String.Index>?
    let deadline = ContinuousClock.now + Self.timeLimit
    // Foundation hands the way to stop to its callback as a pointer; nothing else here is unsafe.
    unsafe expression.enumerateMatches(
      in: text, options: [.reportProgress, .reportCompletion],
      range: NSRange(location: 0, length: text.utf16.count)
    ) { match, flags, stop in
      if let match {
        outcome = .match
        range = Range(match.range, in: text)
      } else if flags.contains(.internalError), outcome == .noMatch {
        outcome = .tooComplex
      } else if flags.contains(.progress), ContinuousClock.now > deadline || Task.isCancelled {
        outcome = .timeout
      } else {
        return
      }
      unsafe stop.pointee = true
    }
    return (outcome, range)
  }
}

/// A regular expression of people's, looked for in any case of letters and never for long.
public struct PatternSearch: Sendable {
  /// What a search came to.
  public enum Outcome: Sendable {
    case match(Range<String.Index>)
    case noMatch
    /// It took longer than a second, or more memory than it may.
    case tooSlow
  }

  private let search: RegexSearch

  /// Compiles a pattern, written as in JavaScript.
  /// - Throws: `GraderError` saying what is wrong with it.
  public init(_ pattern: String) throws(GraderError) {
    search = try RegexSearch(pattern, flags: "i")
  }

  /// Looks for the first match in a text.
  public func first(in text: String) -> Outcome {
    let found = search.first(in: text)
    switch found.outcome {
    case .match: return found.range.map(Outcome.match) ?? .noMatch
    case .noMatch: return .noMatch
    case .timeout, .tooComplex: return .tooSlow
    }
  }
}
