import Core
import EvalFiles
import Testing

@testable import Graders

@Suite struct RegexGraderTests {
  @Test(arguments: [
    ("h.llo", "", "say hello", true), ("^hello$", "", "a\nhello", false),
    ("^hello$", "m", "a\nhello\nb", true), ("^hello$", "", "hello\n", false),
    ("a.b", "", "a\nb", false), ("a.b", "s", "a\nb", true), ("a.b", "", "a\u{85}b", true),
    ("HELLO", "i", "hello", true), ("\\d+", "", "٣", false), ("\\d+", "", "3", true),
    ("^\\w+$", "", "é", false), ("^\\W$", "", "é", true), ("\\s", "", "\u{FEFF}", true),
    ("\\bfoo\\b", "", "a foo.", true), ("\\bfoo\\b", "", "food", false), ("a\\Bb", "", "ab", true),
    ("\\Ba", "", "a", false), ("[[]", "", "[", true), ("[a&&b]", "", "&", true),
    ("[^]", "", "\n", true), ("[]", "", "x", false), ("[\\d-x]", "", "-", true),
    ("[\\w.]+@", "", "a.b@", true), ("[^\\D]", "", "5", true), ("[^\\D]", "", "x", false),
    ("[\\b]", "", "\u{8}", true), ("a{2}", "", "aa", true), ("a{,2}", "", "a{,2}", true),
    ("{", "", "{", true), ("x{y}", "", "x{y}", true), ("}", "", "}", true), ("]", "", "]", true),
    ("(a)(b)\\2", "", "abb", true), ("(?<n_1>a)\\k<n_1>", "", "aa", true),
    ("(?:a|b)+?c", "", "abc", true),
    ("a(?=b)", "", "ab", true), ("a(?!b)", "", "ab", false), ("(?<=a)b", "", "ab", true),
    ("(?<!a)b", "", "ab", false), ("\\/", "", "/", true), ("\\-\\_", "", "-_", true),
    ("\\x41\\u0042", "", "AB", true), ("\\u{1F600}", "u", "😀", true),
    ("\\uD83D\\uDE00", "", "😀", true),
    ("\\a", "", "a", true), ("\\cA", "", "\u{1}", true), ("\\0", "", "\0", true),
    ("\\p{Lu}", "u", "É", true), ("\\p{Lu}", "", "p{Lu}", true),
    ("\\t\\n\\v\\f\\r", "", "\t\n\u{B}\u{C}\r", true),
    ("b", "y", "ab", false), ("a", "gy", "ab", true), (" #x", "", "a #x", true),
    ("^(?:\\+?1[-. ]?)?\\(?\\d{3}\\)?[-. ]?\\d{3}[-. ]?\\d{4}$", "", "(555) 123-4567", true),
    ("\\$[\\d,]+\\.\\d{2}", "", "$1,234.50", true), ("[A-Z]{2}\\d{4,}", "", "AB12345", true),
    ("\"score\":\\s*0\\.\\d", "", "{\"score\": 0.7}", true), ("(a)|b\\1", "", "a", true),
  ])
  func `patterns mean what they mean in JavaScript`(
    pattern: String, flags: String, answer: String, matches: Bool
  ) async throws {
    let score = try await grade(
      "regex",
      flags.isEmpty
        ? ["value": .string(pattern)] : ["value": .string(pattern), "flags": .string(flags)],
      answer)
    let note = flags.isEmpty ? "" : " (flags: \(flags))"
    #expect(
      score.assertions == [
        AssertionResult(
          "Output \(matches ? "matches" : "does not match") pattern /\(pattern)/\(flags)\(note)",
          passed: matches)
      ])
  }

  @Test(arguments: [
    ("(", "", "Unterminated group"), (")", "", "Unmatched ')'"), ("*a", "", "Nothing to repeat"),
    ("a**", "", "Nothing to repeat"), ("a++", "", "Nothing to repeat"),
    ("[a", "", "Unterminated character class"),
    ("[b-a]", "", "Range out of order"), ("(?x)", "", "Invalid group"),
    ("\\", "", "\\ at end of pattern"),
    ("a", "x", "Invalid flags 'x'"), ("a", "ii", "Invalid flags"), ("a", "uv", "Invalid flags"),
    ("(?<a>x)(?<a>y)", "", "Duplicate capture group name 'a'"),
    ("\\k<b>(?<a>x)", "u", "Invalid named capture"),
    ("\\j", "u", "Invalid escape"), ("{", "u", "Incomplete quantifier"),
    ("(?<=a+)b", "", "Invalid regular expression"),
  ])
  func `a pattern that is none fails the grader and says why`(
    pattern: String, flags: String, reason: String
  ) async throws {
    let score = try await grade(
      "regex", ["value": .string(pattern), "flags": .string(flags)], "a")
    #expect((score.score, score.verdict) == (0, .fail))
    let text = score.assertions.first?.text ?? ""
    #expect(
      text.hasPrefix("Grader 'g' failed: Invalid regular expression: /\(pattern)/\(flags)"),
      "\(text)")
    #expect(text.contains(reason), "\(text)")
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["(a+)+b", "(a|aa)+$", "(.*a){25}b"])
  func `a pattern that backtracks for ever is cut off after a second`(pattern: String) async throws
  {
    let start = ContinuousClock.now
    let score = try await grade(
      "regex", ["value": .string(pattern)], String(repeating: "a", count: 60) + "!")
    #expect(start.duration(to: .now) < .seconds(20))
    #expect(
      score.assertions.first?.text.contains("took more than 1 s on an answer of 61 bytes") == true)
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "[ab]*c", "a*c", ".*c", "(?:a|b)*c", "\\w+@", "(?=(a+)+b)c", "(a+)\\1+b", "(?<!a{1,20})b",
      "^(?:a?){40}a{40}$", "(?:a*)*b", "(?:(?:a+)+)+$b", "[^b]*?b", "a{1,30}a{1,30}a{1,30}b",
    ])
  func `no pattern holds a long answer for more than a few seconds`(pattern: String) async throws {
    let start = ContinuousClock.now
    let score = try await grade(
      "regex", ["value": .string(pattern)], String(repeating: "a", count: 4 << 20))
    #expect((score.score, score.verdict) == (0, .fail))
    #expect(start.duration(to: .now) < .seconds(30))
  }

  @Test(.timeLimit(.minutes(1))) func `a stop ends a pattern that backtracks`() async throws {
    let task = Task {
      try await grade("regex", ["value": "(a+)+b"], String(repeating: "a", count: 60))
    }
    task.cancel()
    await #expect(throws: GraderError.self) { try await task.value }
  }

  @Test func `an answer too long for a pattern is reported, not taken for a miss`() async throws {
    let score = try await grade(
      "regex", ["value": "(?:x|y)*z"], String(repeating: "x", count: 3_000_000))
    #expect(score.score == 0)
    #expect(score.assertions.first?.text.contains("too much memory") == true, "\(score.assertions)")
  }
}
