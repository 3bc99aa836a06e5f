// Graders of what the target reported: duration, cost, tokens.

import Core
import EvalFiles

/// `latency`: the duration of the target's call.
struct LatencyGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    guard let threshold = try spec.limit("threshold") else {
      throw GraderError("it needs a `threshold` in milliseconds")
    }
    let shown = NumberText.plain(threshold)
    var judgement: Judgement
    if let duration = input.metrics.durationMS {
      let holds = Double(duration) <= threshold
      judgement = .check(
        holds, "Duration \(duration)ms \(holds ? "<=" : ">") \(shown)ms threshold")
    } else {
      judgement = .check(false, "No duration data available in trace")
    }
    judgement.input = [
      "type": "latency", "threshold": .double(threshold),
      "duration_ms": .optional(input.metrics.durationMS),
    ]
    return judgement
  }
}

/// `cost`: what the target's call cost.
struct CostGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    guard let budget = try spec.limit("budget") else {
      throw GraderError("it needs a `budget` in US dollars")
    }
    var judgement: Judgement
    if let cost = input.metrics.costUSD {
      let holds = cost <= budget
      judgement = .check(
        holds,
        "Cost \(NumberText.dollars(cost)) \(holds ? "<=" : ">") \(NumberText.dollars(budget)) budget"
      )
    } else {
      judgement = .check(false, "No cost data available in trace")
    }
    judgement.input = [
      "type": "cost", "budget": .double(budget), "cost_usd": .optional(input.metrics.costUSD),
    ]
    return judgement
  }
}

/// `token-usage`: all limits must hold.
struct TokenUsageGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let maxTotal = try spec.limit("max_total")
    let maxInput = try spec.limit("max_input")
    let maxOutput = try spec.limit("max_output")
    guard maxTotal != nil || maxInput != nil || maxOutput != nil else {
      throw GraderError("it needs at least one of max_total, max_input, max_output")
    }
    var echo: JSONObject = [
      "type": "token-usage", "max_total": .optional(maxTotal), "max_input": .optional(maxInput),
      "max_output": .optional(maxOutput), "token_usage": .null,
    ]
    guard let usage = input.metrics.tokenUsage else {
      var judgement = Judgement.check(false, "No token usage data available in trace")
      judgement.input = echo
      return judgement
    }
    let total = usage.totalWithCache
    echo["token_usage"] = [
      "input": .int(usage.input), "output": .int(usage.output), "cached": .int(usage.cached ?? 0),
      "total": .int(total),
    ]
    var assertions: [AssertionResult] = []
    for (name, count, limit) in [
      ("Input", usage.input, maxInput), ("Output", usage.output, maxOutput),
      ("Total", total, maxTotal),
    ] {
      guard let limit else { continue }
      let holds = Double(count) <= limit
      assertions.append(
        AssertionResult(
          "\(name) tokens \(count) \(holds ? "<=" : ">") \(NumberText.plain(limit))", passed: holds)
      )
    }
    let holds = assertions.allSatisfy(\.passed)
    return Judgement(score: holds ? 1 : 0, assertions: assertions, input: echo)
  }
}

extension TokenUsage {
  /// Tokens read, written and taken from a cache.
  var totalWithCache: Int { input + output + (cached ?? 0) }
}
