// `execution-metrics`: several limits on what a target did; the score is the share that holds.

import Core
import EvalFiles

/// Checks tool calls, model calls, tokens, cost, duration and the share of exploring calls.
struct ExecutionMetricsGrader: Grader {
  /// Tools that look without changing anything.
  static let explorationTools: Set<String> = [
    "read", "grep", "glob", "search", "list", "Read", "Grep", "Glob", "WebSearch", "WebFetch",
  ]
  static let defaultTolerance = 0.2
  private static let names = [
    "max_tool_calls", "max_llm_calls", "max_tokens", "max_cost_usd", "max_duration_ms",
    "target_exploration_ratio",
  ]

  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    var limits: [String: Double] = [:]
    var shown: JSONObject = [:]
    for name in Self.names {
      guard let limit = try spec.limit(name) else { continue }
      limits[name] = limit
      shown[name] = .double(limit)
    }
    guard !limits.isEmpty else {
      throw GraderError("it needs at least one of \(Self.names.joined(separator: ", "))")
    }
    let tolerance = try spec.limit("exploration_tolerance") ?? Self.defaultTolerance
    if limits["target_exploration_ratio"] != nil {
      shown["exploration_tolerance"] = .double(tolerance)
    }
    let needsTrace =
      limits["max_tool_calls"] != nil || limits["max_llm_calls"] != nil
      || limits["target_exploration_ratio"] != nil
    guard input.trace != nil || !needsTrace else {
      return Judgement(
        score: 0, assertions: [AssertionResult("No trace summary available", passed: false)],
        input: ["type": "execution-metrics", "config": .object(shown), "actual": .null])
    }
    var checks = Checks()
    checks.counts(limits, input)
    checks.costs(limits, input.metrics)
    if let ratio = limits["target_exploration_ratio"], let trace = input.trace {
      checks.exploration(trace, target: ratio, tolerance: tolerance)
    }
    let passed = checks.assertions.count(where: \.passed)
    return Judgement(
      score: Double(passed) / Double(checks.assertions.count), assertions: checks.assertions,
      input: [
        "type": "execution-metrics", "config": .object(shown),
        "actual": checks.actual.isEmpty ? .null : .object(checks.actual),
      ])
  }
}

/// What was checked, and the numbers that were found.
private struct Checks {
  var assertions: [AssertionResult] = []
  var actual: JSONObject = [:]

  private mutating func add(_ text: String, _ passed: Bool) {
    assertions.append(AssertionResult(text, passed: passed))
  }

  private mutating func compare(
    _ name: String, _ value: Double, _ limit: Double, _ form: (Double) -> String
  ) {
    let holds = value <= limit
    add("\(name) \(form(value)) \(holds ? "<=" : ">") \(form(limit)) max", holds)
  }

  mutating func counts(_ limits: [String: Double], _ input: GraderInput) {
    if let limit = limits["max_tool_calls"], let trace = input.trace {
      actual["tool_calls"] = .int(trace.eventCount)
      compare("Tool calls", Double(trace.eventCount), limit, NumberText.plain)
    }
    if let limit = limits["max_llm_calls"], let trace = input.trace {
      actual["llm_calls"] = .int(trace.llmCallCount)
      compare("LLM calls", Double(trace.llmCallCount), limit, NumberText.plain)
    }
  }

  mutating func costs(_ limits: [String: Double], _ metrics: TargetMetrics) {
    if let limit = limits["max_tokens"] {
      if let usage = metrics.tokenUsage {
        // The same sum as `token-usage` makes: two graders of one run shall not disagree.
        actual["tokens"] = .int(usage.totalWithCache)
        compare("Total tokens", Double(usage.totalWithCache), limit, NumberText.plain)
      } else {
        add("Token usage data not available", false)
      }
    }
    if let limit = limits["max_cost_usd"] {
      if let cost = metrics.costUSD {
        actual["cost_usd"] = .double(cost)
        compare("Cost", cost, limit, NumberText.dollars)
      } else {
        add("Cost data not available", false)
      }
    }
    if let limit = limits["max_duration_ms"] {
      if let duration = metrics.durationMS {
        actual["duration_ms"] = .int(duration)
        compare("Duration", Double(duration), limit) { "\(NumberText.plain($0))ms" }
      } else {
        add("Duration data not available", false)
      }
    }
  }

  mutating func exploration(_ trace: ToolTrace, target: Double, tolerance: Double) {
    guard trace.eventCount > 0 else {
      add("Exploration ratio not available (no tool calls)", false)
      return
    }
    let exploring = trace.toolCalls.reduce(0) { sum, call in
      ExecutionMetricsGrader.explorationTools.contains(call.name)
        ? sum + (call.value.int ?? 0) : sum
    }
    let ratio = Double(exploring) / Double(trace.eventCount)
    actual["exploration_ratio"] = .double(ratio)
    let shown = NumberText.fixed(ratio, 2)
    let wanted = NumberText.plain(target)
    let difference = abs(ratio - target)
    // 0.7 - 0.5 is a little more than 0.2 in binary.
    if difference <= tolerance + 1e-9 {
      add("Exploration ratio \(shown) within tolerance of target \(wanted)", true)
    } else {
      add(
        "Exploration ratio \(shown) outside tolerance of target \(wanted) (diff: "
          + "\(NumberText.fixed(difference, 2)), tolerance: \(NumberText.plain(tolerance)))", false)
    }
  }
}
