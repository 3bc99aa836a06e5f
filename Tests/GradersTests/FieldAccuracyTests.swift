import Core
import EvalFiles
import Testing

@testable import Graders

@Suite struct FieldAccuracyTests {
  private func compare(
    _ fields: JSON, _ answer: String, _ expected: MessageContent, _ aggregation: String? = nil
  ) async throws -> GraderScore {
    var config: JSONObject = ["fields": fields]
    config["aggregation"] = aggregation.map(JSON.string)
    let test = EvalTest(
      id: "t", suite: "s", input: [Message(role: "user", text: "hi")],
      expectedOutput: [Message(role: "assistant", content: expected)])
    return try await grade("field-accuracy", config, input(answer, test: test))
  }

  @Test(
    arguments: [
      (["match": "exact"], "\"a\"", "a", true, "v"),
      (["match": "exact"], "\"a\"", "b", false, "v (value mismatch)"),
      (
        ["match": "exact"], "1", "1", false,
        "v (type mismatch: got number, expected string)"
      ),
      (["match": "exact"], "1.0", 1, true, "v"), (["match": "exact"], "null", .null, true, "v"),
      (["match": "exact"], "[1, {\"a\": 2}]", [1, ["a": 2]], true, "v"),
      (["match": "exact"], "[1]", .null, false, "v (value mismatch)"),
      (["match": "numeric_tolerance"], "2", 2, true, "v (within tolerance: diff=0.00)"),
      (
        ["match": "numeric_tolerance", "tolerance": 0.5], "2.4", 2, true,
        "v (within tolerance: diff=0.40)"
      ),
      (
        ["match": "numeric_tolerance", "tolerance": 0.5], "3", 2, false,
        "v (outside tolerance: diff=1.00, tolerance=0.5)"
      ),
      (
        ["match": "numeric_tolerance", "tolerance": 0.1, "relative": true], "105", 100, true,
        "v (within tolerance: diff=5.00)"
      ),
      (
        ["match": "numeric_tolerance", "tolerance": 0.1, "relative": true], "0.2", 0, false,
        "v (outside tolerance: diff=0.20, tolerance=0.1)"
      ),
      (
        ["match": "numeric_tolerance", "tolerance": 1], "\"12.5 kg\"", 12, true,
        "v (within tolerance: diff=0.50)"
      ),
      (["match": "numeric_tolerance"], "\"twelve\"", 12, false, "v (non-numeric value)"),
      (
        ["match": "numeric_tolerance", "tolerance": 1], "\"1e1x\"", 10, true,
        "v (within tolerance: diff=0.00)"
      ),
      (["match": "date"], "\"2025-01-15\"", "2025-01-15T23:59:59Z", true, "v"),
      (["match": "date"], "\"15-JAN-2025\"", "2025/1/15", true, "v"),
      (["match": "date"], "\"January 15, 2025\"", "15 Jan 2025", true, "v"),
      (["match": "date"], "\"01/02/2025\"", "2025-01-02", true, "v"),
      (["match": "date"], "\"15/02/2025\"", "2025-02-15", true, "v"),
      (["match": "date", "formats": ["DD/MM/YYYY"]], "\"01/02/2025\"", "2025-02-01", true, "v"),
      (
        ["match": "date", "formats": ["YYYY-MM-DD", "DD-MM-YYYY"]], "\"01-02-2025\"",
        "2025-02-01", true, "v"
      ),
      (["match": "date", "formats": ["MM/DD/YYYY"]], "\"01/02/2025\"", "2025-01-02", true, "v"),
      (
        ["match": "date"], "\"2025-01-15\"", "2025-01-16", false,
        "v (date mismatch: got 2025-01-15, expected 2025-01-16)"
      ),
      (["match": "date"], "\"soon\"", "2025-01-16", false, "v (unparseable candidate date)"),
      (["match": "date"], "\"2025-01-16\"", "later", false, "v (unparseable expected date)"),
    ] as [(JSONObject, String, JSON, Bool, String)])
  func `a field matches as its match says`(
    field: JSONObject, value: String, expected: JSON, holds: Bool, text: String
  ) async throws {
    var field = field
    field["path"] = "v"
    let score = try await compare(
      [.object(field)], "{\"v\": \(value)}", .object(["v": expected]))
    #expect(score.assertions == [AssertionResult(text, passed: holds)])
    #expect(score.score == (holds ? 1 : 0))
  }

  @Test func `paths reach into lists and mappings`() async throws {
    let score = try await compare(
      [["path": "a.items[1].n", "match": "exact"]], #"{"a": {"items": [0, {"n": 5}]}}"#,
      .object(["a": ["items": [0, ["n": 5]]]]))
    #expect(score.score == 1)
  }

  @Test func `missing fields count as the rules say`() async throws {
    let fields: JSON = [
      ["path": "a", "match": "exact"], ["path": "b", "match": "exact", "required": false],
      ["path": "c", "match": "exact", "weight": 3],
    ]
    let score = try await compare(fields, "{}", .object(["a": 1, "b": 1]))
    #expect(
      score.assertions == [
        AssertionResult("a (required, missing)", passed: false),
        AssertionResult("b: optional field missing", passed: true),
        AssertionResult("c: no expected value", passed: true),
      ])
    #expect(score.score == 0.75)
    #expect(
      try await compare(fields, "{}", .object(["a": 1, "b": 1]), "all_or_nothing").score == 0)
    let optional: JSON = [["path": "b", "match": "exact", "required": false]]
    #expect(try await compare(optional, "{}", .object(["b": 1])).score == 0)
    #expect(
      try await compare(optional, "{}", .object(["b": 1]), "all_or_nothing").score == 1)
  }

  @Test func `answers in fences and expected texts are parsed`() async throws {
    let score = try await compare(
      [["path": "a", "match": "exact"]], "Here:\n```json\n{\"a\": 1}\n```\nDone.",
      .text("{\"a\": 1}"))
    #expect(score.score == 1)
    let bad = try await compare([["path": "a", "match": "exact"]], "nothing", .text("{\"a\": 1}"))
    #expect(bad.assertions.map(\.text) == ["Failed to parse candidate answer as JSON"])
    let none = try await compare([["path": "a", "match": "exact"]], "{}", .text("words"))
    #expect(none.assertions.map(\.text) == ["No expected data found in expected_output"])
  }

  @Test func `a field that cannot be compared is left out with a warning`() async throws {
    let lines = Lines()
    let test = EvalTest(
      id: "t", suite: "s", input: [Message(role: "user", text: "hi")],
      expectedOutput: [Message(role: "assistant", content: .object(["a": 1]))])
    var run = input("{\"a\": 1}", test: test)
    run.warn = lines.add
    let score = try await grade(
      "field-accuracy",
      ["fields": [["path": "a", "match": "exact"], ["path": "b", "match": "fuzzy"]]], run)
    #expect(score.score == 1)
    #expect(lines.all.count == 1)
    let empty = try await grade("field-accuracy", ["fields": [["path": "b"]]], run)
    #expect(empty.assertions.first?.text.hasPrefix("Grader 'g' failed: ") == true)
  }
}
