import Core
import EvalFiles
import Testing

@testable import Graders

@Suite struct TextGraderTests {
  @Test(
    arguments: [
      ("contains", JSON.string("ell"), "hello", true, "Output contains \"ell\""),
      ("contains", "ELL", "hello", false, "Output does not contain \"ELL\""),
      ("contains", "\n", "a\r\nb", true, "Output contains \"\n\""),
      ("contains", "é", "e\u{301}", false, "Output does not contain \"é\""),
      ("icontains", "ELL", "hello", true, "Output contains \"ELL\" (case-insensitive)"),
      ("icontains", "x", "hello", false, "Output does not contain \"x\" (case-insensitive)"),
      ("contains-any", ["x", "ell", "h"], "hello", true, "Output contains \"ell\""),
      ("contains-any", ["x", "y"], "hello", false, "Output does not contain any of: \"x\", \"y\""),
      ("icontains-any", ["X", "H"], "hello", true, "Output contains \"H\" (case-insensitive)"),
      (
        "icontains-any", ["x"], "hello", false,
        "Output does not contain any of: \"x\" (case-insensitive)"
      ),
      ("contains-all", ["h", "o"], "hello", true, "Output contains all 2 expected strings"),
      ("contains-all", ["h", "x", "y"], "hello", false, "Output missing: \"x\", \"y\""),
      (
        "icontains-all", ["H"], "hello", true,
        "Output contains all 1 expected strings (case-insensitive)"
      ),
      ("icontains-all", ["X"], "hello", false, "Output missing (case-insensitive): \"X\""),
      ("starts-with", " he ", "\n hello", true, "Output starts with \" he \""),
      ("starts-with", "lo", "hello", false, "Output does not start with \"lo\""),
      ("ends-with", "lo", "hello \n", true, "Output ends with \"lo\""),
      ("ends-with", "hellohello", "hello", false, "Output does not end with \"hellohello\""),
      ("equals", "a b ", " a b", true, "Output equals \"a b \""),
      ("equals", "a", "A", false, "Output does not equal \"a\""),
      ("is-json", .null, " {\"a\": [1]} ", true, "Output is valid JSON"),
      ("is-json", .null, "```json\n{}\n```", false, "Output is not valid JSON"),
      ("is-json", .null, "", false, "Output is not valid JSON"),
    ] as [(String, JSON, String, Bool, String)])
  func `text graders judge and word it as upstream does`(
    type: String, value: JSON, answer: String, passed: Bool, text: String
  ) async throws {
    let score = try await grade(type, ["value": value], answer)
    #expect(score.score == (passed ? 1 : 0))
    #expect(score.verdict == (passed ? .pass : .fail))
    #expect(score.assertions == [AssertionResult(text, passed: passed)])
  }

  @Test func `a negated grader turns score, verdict and assertions around`() async throws {
    let score = try await grade("contains", ["value": "x"], "hello", negate: true)
    #expect((score.score, score.verdict) == (1, .pass))
    #expect(score.assertions == [AssertionResult("Output does not contain \"x\"", passed: true)])
    let skipped = try await grade("llm-grader", [:], "hello", negate: true)
    #expect((skipped.score, skipped.verdict) == (0, .skip))
  }

  @Test func `a grader that itself failed is not turned into a success by negation`() async throws {
    for (type, config) in [
      ("latency", [:]), ("regex", ["value": "("]), ("code-grader", ["command": ["/nonexistent"]]),
    ] as [(String, JSONObject)] {
      let score = try await grade(type, config, "hello", negate: true)
      #expect((score.score, score.verdict) == (0, .fail), "\(type)")
    }
  }

  @Test(.timeLimit(.minutes(1))) func `an answer of many megabytes is searched`() async throws {
    let answer = String(repeating: "ab", count: 8 << 20)
    #expect(try await grade("contains", ["value": "abba"], answer).score == 0)
  }
}
