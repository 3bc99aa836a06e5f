import Core
import EvalFiles
import Testing

@testable import Graders

@Suite struct ToolTrajectoryTests {
  private func ran(_ calls: [ToolCall]) -> GraderInput {
    input("x", output: [Message(role: "assistant", content: .text("x"), toolCalls: calls)])
  }

  private func ran(_ tools: String) -> GraderInput {
    ran(tools.map { ToolCall(tool: String($0)) })
  }

  private func expected(_ tools: String) -> JSON {
    .array(tools.map { ["tool": .string(String($0))] })
  }

  @Test(
    arguments: [
      ("in_order", "ab", "xaxb", 1, ["Found a at position 1", "Found b at position 3"]),
      (
        "in_order", "ba", "ab", 0.5,
        ["Found b at position 1", "Expected a at position 1, not found in remaining trace"]
      ),
      ("in_order", "", "a", 1, ["No tool sequence specified"]),
      ("exact", "ab", "ab", 1, ["Position 0: a", "Position 1: b"]),
      (
        "exact", "ab", "ax", 0.5, ["Position 0: a", "Position 1: expected b, got x"]
      ),
      (
        "exact", "ab", "a", 0.5,
        ["Expected 2 tool calls, got 1", "Position 0: a", "Position 1: expected b, got nothing"]
      ),
      // A surplus call lowers the score.
      ("exact", "a", "ab", 0.5, ["Expected 1 tool calls, got 2", "Position 0: a"]),
      ("exact", "", "a", 0, ["Expected 0 tool calls, got 1"]),
      ("exact", "", "", 1, ["No tool sequence specified"]),
      ("superset", "ab", "bxa", 1, ["Found a at position 2", "Found b at position 0"]),
      // Each call serves one expected item only.
      (
        "superset", "aa", "ab", 0.5,
        ["Found a at position 0", "Expected a not found in actual trajectory"]
      ),
      ("superset", "", "a", 1, ["No expected tools specified"]),
      ("subset", "ab", "aab", 1, nil),
      (
        "subset", "a", "ax", 0.5,
        ["Position 0: a is in allowed set", "Position 1: x is not in allowed set"]
      ),
      ("subset", "a", "", 1, ["No actual tool calls (trivially a subset)"]),
      ("subset", "", "", 1, ["No tool calls and no expected tools"]),
      ("subset", "", "ab", 0, ["2 unexpected tool call(s) with empty allowed list"]),
    ] as [(String, String, String, Double, [String]?)])
  func `each mode compares the calls in its own way`(
    mode: String, wanted: String, calls: String, score: Double, texts: [String]?
  ) async throws {
    let result = try await grade(
      "tool-trajectory", ["mode": .string(mode), "expected": expected(wanted)], ran(calls))
    #expect(result.score == score)
    if let texts { #expect(result.assertions.map(\.text) == texts) }
  }

  @Test(
    arguments: [
      (
        ["a": 2, "b": 1], 0.5,
        ["a: called 2 times (required >=2)", "b: called 0 times (required >=1)"]
      ),
      ([:], 1, ["No tool requirements specified"]),
      (["z": 0], 1, ["z: called 0 times (required >=0)"]),
    ] as [(JSON, Double, [String])])
  func `any order counts each tool`(
    minimums: JSON, score: Double, texts: [String]
  ) async throws {
    let result = try await grade(
      "tool-trajectory", ["mode": "any_order", "minimums": minimums], ran("aa"))
    #expect(result.score == score)
    #expect(result.assertions.map(\.text) == texts)
  }

  @Test(
    arguments: [
      (["q": 1], ["q": 1], "exact", true), (["q": 1], ["q": 1.0], "exact", true),
      (["q": 1], ["q": 1, "r": 2], "exact", false), (["q": 1], ["q": 1, "r": 2], "superset", true),
      (["q": 1, "r": 2], ["q": 1], "superset", false),
      (["q": 1, "r": 2], ["q": 1], "subset", true),
      (["q": 1], ["q": 1, "r": 2], "subset", false), (["q": 1], ["q": 2], "ignore", true),
      (["q": ["r": 1], "s": 1], ["q": ["r": 1], "s": 2], ["q.r"], true),
      (["q": ["r": 1]], ["q": ["r": 2]], ["q.r"], false),
      (["q": 1], ["x": 1], ["nothing"], true), ("any", ["q": 2], "exact", true),
      (["q": 1], .null, "exact", false),
    ] as [(JSON, JSON, JSON, Bool)])
  func `arguments are compared as args_match says`(
    wanted: JSON, actual: JSON, match: JSON, holds: Bool
  ) async throws {
    let call = ToolCall(tool: "a", input: actual.isNull ? nil : actual)
    for (grader, item) in [(match, nil), ("exact", match)] as [(JSON, JSON?)] {
      var entry: JSONObject = ["tool": "a", "args": wanted]
      entry["args_match"] = item
      let result = try await grade(
        "tool-trajectory",
        ["mode": "exact", "expected": [.object(entry)], "args_match": grader], ran([call]))
      #expect((result.score == 1) == holds)
    }
  }

  @Test func `in order a call with wrong arguments uses up its place`() async throws {
    let calls = [
      ToolCall(tool: "a", input: ["q": 2]), ToolCall(tool: "a", input: ["q": 1]),
    ]
    let result = try await grade(
      "tool-trajectory",
      ["mode": "in_order", "expected": [["tool": "a", "args": ["q": 1]]]], ran(calls))
    #expect(result.score == 0)
    #expect(
      result.assertions.map(\.text) == [
        "Expected a at position 0: tool found at 0 but args mismatch"
      ])
  }

  @Test func `durations count when they are known`() async throws {
    let lines = Lines()
    var run = ran([
      ToolCall(tool: "a", durationMS: 5), ToolCall(tool: "b", durationMS: 50), ToolCall(tool: "c"),
    ])
    run.warn = lines.add
    let result = try await grade(
      "tool-trajectory",
      [
        "mode": "in_order",
        "expected": [
          ["tool": "a", "max_duration_ms": 10], ["tool": "b", "max_duration_ms": 10],
          ["tool": "c", "max_duration_ms": 10],
        ],
      ], run)
    #expect(
      result.assertions.map(\.text) == [
        "Found a at position 0", "a completed in 5ms (max: 10ms)", "Found b at position 1",
        "b took 50ms (max: 10ms)", "Found c at position 2",
      ])
    #expect(result.score == 4.0 / 5.0)
    #expect(
      lines.all == ["[tool-trajectory] No duration data for c; latency assertion skipped"])
  }

  @Test func `without any output there is no trace`() async throws {
    let result = try await grade(
      "tool-trajectory", ["mode": "subset", "expected": []], input("", output: []))
    #expect(
      result.assertions == [AssertionResult("No trace available for evaluation", passed: false)])
  }
}
