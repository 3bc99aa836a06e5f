import Core
import EvalFiles
import Testing

@testable import Graders

@Suite struct TraceGraderTests {
  private func measured(
    _ metrics: TargetMetrics, calls: [String] = [], hasOutput: Bool = true
  ) -> GraderInput {
    let message = Message(
      role: "assistant", content: .text("x"), toolCalls: calls.map { ToolCall(tool: $0) })
    var result = input("x", output: hasOutput ? [message] : [])
    result.metrics = metrics
    return result
  }

  @Test(
    arguments: [
      ("latency", ["threshold": 500], 1, ["Duration 120ms <= 500ms threshold"]),
      ("latency", ["threshold": 120], 1, ["Duration 120ms <= 120ms threshold"]),
      ("latency", ["threshold": 119.5], 0, ["Duration 120ms > 119.5ms threshold"]),
      ("cost", ["budget": 0.02], 1, ["Cost $0.0100 <= $0.0200 budget"]),
      ("cost", ["budget": 0.005], 0, ["Cost $0.0100 > $0.0050 budget"]),
      ("token-usage", ["max_input": 100], 1, ["Input tokens 10 <= 100"]),
      (
        "token-usage", ["max_input": 10, "max_output": 4, "max_total": 17], 0,
        ["Input tokens 10 <= 10", "Output tokens 5 > 4", "Total tokens 17 <= 17"]
      ),
      ("token-usage", ["maxTotal": 16], 0, ["Total tokens 17 > 16"]),
    ] as [(String, JSONObject, Double, [String])])
  func `limits on what the target reported hold or not`(
    type: String, config: JSONObject, expected: Double, texts: [String]
  ) async throws {
    let metrics = TargetMetrics(
      tokenUsage: TokenUsage(input: 10, output: 5, cached: 2), costUSD: 0.01, durationMS: 120)
    let score = try await grade(type, config, measured(metrics))
    #expect(score.score == expected)
    #expect(score.verdict == (expected == 1 ? .pass : .fail))
    #expect(score.assertions.map(\.text) == texts)
    #expect(score.input?["type"] == .string(type))
  }

  @Test(
    arguments: [
      ("latency", ["threshold": 1], "No duration data available in trace"),
      ("cost", ["budget": 1], "No cost data available in trace"),
      ("token-usage", ["max_total": 1], "No token usage data available in trace"),
    ] as [(String, JSONObject, String)])
  func `what was not reported fails`(type: String, config: JSONObject, text: String) async throws {
    let score = try await grade(type, config, measured(TargetMetrics()))
    #expect((score.score, score.verdict) == (0, .fail))
    #expect(score.assertions == [AssertionResult(text, passed: false)])
  }

  @Test(
    arguments: [
      ("latency", [:]), ("latency", ["threshold": "x"]), ("latency", ["threshold": -1]),
      ("cost", ["budget": true]), ("token-usage", [:]), ("execution-metrics", [:]),
      ("execution-metrics", ["exploration_tolerance": 0.1]), ("skill-trigger", [:]),
      ("tool-trajectory", ["mode": "sideways"]), ("tool-trajectory", ["mode": "any_order"]),
      ("tool-trajectory", ["mode": "exact"]),
      ("tool-trajectory", ["mode": "exact", "expected": [], "args_match": "nearly"]),
    ] as [(String, JSONObject)])
  func `settings that make no sense fail the grader and say why`(
    type: String, config: JSONObject
  ) async throws {
    let score = try await grade(type, config, measured(TargetMetrics(), calls: ["Read"]))
    #expect((score.score, score.verdict) == (0, .fail))
    #expect(score.assertions.first?.text.hasPrefix("Grader 'g' failed: ") == true)
  }

  @Test func `execution metrics score the share of checks that hold`() async throws {
    let metrics = TargetMetrics(
      tokenUsage: TokenUsage(input: 10, output: 5, cached: 5), costUSD: 0.01, durationMS: 120)
    let score = try await grade(
      "execution-metrics",
      [
        "max_tool_calls": 2, "max_llm_calls": 1, "max_tokens": 20, "max_cost_usd": 0.001,
        "max_duration_ms": 120, "target_exploration_ratio": 0.5,
      ], measured(metrics, calls: ["Read", "Bash", "Grep"]))
    #expect(
      score.assertions.map(\.text) == [
        "Tool calls 3 > 2 max", "LLM calls 1 <= 1 max", "Total tokens 20 <= 20 max",
        "Cost $0.0100 > $0.0010 max", "Duration 120ms <= 120ms max",
        "Exploration ratio 0.67 within tolerance of target 0.5",
      ])
    #expect(score.score == 4.0 / 6.0)
    #expect(score.input?["actual"]?["tool_calls"] == 3)
    #expect(score.input?["config"]?["exploration_tolerance"] == 0.2)
  }

  @Test func `execution metrics without data fail those checks alone`() async throws {
    let score = try await grade(
      "execution-metrics",
      ["max_tokens": 1, "max_cost_usd": 1, "max_duration_ms": 1, "target_exploration_ratio": 0.1],
      measured(TargetMetrics()))
    #expect(
      score.assertions.map(\.text) == [
        "Token usage data not available", "Cost data not available",
        "Duration data not available", "Exploration ratio not available (no tool calls)",
      ])
    let untraced = try await grade(
      "execution-metrics", ["max_tool_calls": 1], measured(TargetMetrics(), hasOutput: false))
    #expect(untraced.assertions.map(\.text) == ["No trace summary available"])
  }

  @Test func `an exploration ratio beyond its tolerance says by how much`() async throws {
    let score = try await grade(
      "execution-metrics", ["target_exploration_ratio": 0.9, "exploration_tolerance": 0.1],
      measured(TargetMetrics(), calls: ["read", "Bash"]))
    #expect(
      score.assertions.map(\.text) == [
        "Exploration ratio 0.50 outside tolerance of target 0.9 (diff: 0.40, tolerance: 0.1)"
      ])
  }

  // MARK: skill-trigger

  private func using(_ calls: ToolCall...) -> GraderInput {
    input("x", output: [Message(role: "assistant", content: .text("x"), toolCalls: calls)])
  }

  @Test func `a skill is seen by its tool, its file and its traces`() async throws {
    let seen: [(ToolCall, String)] = [
      (
        ToolCall(tool: "Skill", input: ["skill": "org:pdf"]),
        "Skill tool invoked with skill=\"org:pdf\""
      ),
      (
        ToolCall(tool: "Read", input: ["file_path": "/x/skills/pdf/SKILL.md"]),
        "Read tool loaded skill file: /x/skills/pdf/SKILL.md"
      ),
      (
        ToolCall(tool: "Bash", output: ["stdout": "cat skills/pdf/SKILL.md"]),
        "Tool \"Bash\" output referenced skill file for \"pdf\""
      ),
    ]
    for (call, text) in seen {
      let score = try await grade(
        "skill-trigger", ["skill": "pdf"], using(ToolCall(tool: "Edit"), call))
      #expect(score.assertions == [AssertionResult(text, passed: true)])
      let unwanted = try await grade(
        "skill-trigger", ["skill": "pdf", "should_trigger": false], using(call))
      #expect(unwanted.assertions == [AssertionResult(text, passed: false)])
    }
  }

  @Test func `a skill that was not used is told from no tool calls at all`() async throws {
    let none = try await grade("skill-trigger", ["skill": "pdf"], input("x"))
    #expect(none.assertions.map(\.text) == ["No tool calls recorded"])
    let other = ToolCall(tool: "Read", input: ["file_path": "/x/skills/doc/SKILL.md"])
    let missed = try await grade("skill-trigger", ["skill": "pdf"], using(other))
    #expect(missed.assertions.map(\.text) == ["Skill \"pdf\" not found in 1 tool call(s)"])
    let right = try await grade(
      "skill-trigger", ["skill": "pdf", "should_trigger": false], using(other))
    #expect(right.assertions.map(\.text) == ["Skill \"pdf\" correctly did not trigger"])
    #expect(right.score == 1)
  }
}
