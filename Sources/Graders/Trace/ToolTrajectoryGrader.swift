// `tool-trajectory`: the target's tool calls against the expected ones.

import Core
import EvalFiles

/// Compares tool calls in one of five modes.
struct ToolTrajectoryGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let mode = spec.config["mode"]?.string ?? ""
    let calls = input.output.flatMap(\.toolCalls)
    guard ["any_order", "in_order", "exact", "superset", "subset"].contains(mode) else {
      throw GraderError(
        "mode must be any_order, in_order, exact, superset or subset, found "
          + (spec.config["mode"]?.text ?? "none"))
    }
    let isAnyOrder = mode == "any_order"
    let minimums = isAnyOrder ? try Self.minimums(spec) : []
    let expected = isAnyOrder ? [] : try ExpectedCall.read(spec)
    if calls.isEmpty, input.trace == nil, input.output.isEmpty {
      return .check(false, "No trace available for evaluation")
    }
    switch mode {
    case "any_order": return Self.anyOrder(minimums, calls)
    case "in_order": return Self.inOrder(expected, calls, input.warn)
    case "exact": return Self.exact(expected, calls, input.warn)
    case "superset": return Self.superset(expected, calls)
    default: return Self.subset(expected, calls)
    }
  }

  private static func minimums(
    _ spec: GraderSpec
  ) throws(GraderError) -> [(tool: String, count: Double)] {
    guard let object = spec.config["minimums"]?.object else {
      throw GraderError("the mode any_order needs `minimums`: a count for each tool")
    }
    return object.compactMap { member in
      member.value.double.flatMap { $0 >= 0 ? (member.name, $0) : nil }
    }
  }

  private static func share(_ assertions: [AssertionResult]) -> Judgement {
    let passed = assertions.count(where: \.passed)
    return Judgement(
      score: Double(passed) / Double(max(1, assertions.count)), assertions: assertions)
  }

  // MARK: Modes

  private static func anyOrder(
    _ minimums: [(tool: String, count: Double)], _ calls: [ToolCall]
  ) -> Judgement {
    if minimums.isEmpty { return .check(true, "No tool requirements specified") }
    return share(
      minimums.map { minimum in
        let count = calls.count { $0.tool == minimum.tool }
        return AssertionResult(
          "\(minimum.tool): called \(count) times (required >=\(NumberText.plain(minimum.count)))",
          passed: Double(count) >= minimum.count)
      })
  }

  private static func inOrder(
    _ expected: [ExpectedCall], _ calls: [ToolCall], _ warn: @Sendable (String) -> Void
  ) -> Judgement {
    if expected.isEmpty { return .check(true, "No tool sequence specified") }
    var sequence = SequenceScore(expected)
    var next = 0
    for (index, item) in expected.enumerated() {
      while next < calls.count, calls[next].tool != item.tool { next += 1 }
      guard next < calls.count else {
        sequence.miss("Expected \(item.tool) at position \(index), not found in remaining trace")
        continue
      }
      if item.accepts(calls[next]) {
        sequence.hit("Found \(item.tool) at position \(next)", item, calls[next], warn)
      } else {
        sequence.miss(
          "Expected \(item.tool) at position \(index): tool found at \(next) but args mismatch")
      }
      next += 1
    }
    return sequence.judgement(over: expected.count)
  }

  private static func exact(
    _ expected: [ExpectedCall], _ calls: [ToolCall], _ warn: @Sendable (String) -> Void
  ) -> Judgement {
    if expected.isEmpty, calls.isEmpty { return .check(true, "No tool sequence specified") }
    var sequence = SequenceScore(expected)
    if calls.count != expected.count {
      sequence.miss("Expected \(expected.count) tool calls, got \(calls.count)")
    }
    for (index, item) in expected.enumerated() {
      guard index < calls.count else {
        sequence.miss("Position \(index): expected \(item.tool), got nothing")
        continue
      }
      let call = calls[index]
      if call.tool != item.tool {
        sequence.miss("Position \(index): expected \(item.tool), got \(call.tool)")
      } else if item.accepts(call) {
        sequence.hit("Position \(index): \(item.tool)", item, call, warn)
      } else {
        sequence.miss("Position \(index): \(item.tool) args mismatch")
      }
    }
    // A call too many is as wrong as one too few.
    return sequence.judgement(over: max(expected.count, calls.count))
  }

  private static func superset(_ expected: [ExpectedCall], _ calls: [ToolCall]) -> Judgement {
    if expected.isEmpty { return .check(true, "No expected tools specified") }
    var used = Set<Int>()
    return share(
      expected.map { item in
        let found = calls.indices.first { !used.contains($0) && item.matches(calls[$0]) }
        guard let found else {
          return AssertionResult(
            "Expected \(item.tool) not found in actual trajectory", passed: false)
        }
        used.insert(found)
        return AssertionResult("Found \(item.tool) at position \(found)", passed: true)
      })
  }

  private static func subset(_ allowed: [ExpectedCall], _ calls: [ToolCall]) -> Judgement {
    if calls.isEmpty {
      return .check(
        true,
        allowed.isEmpty
          ? "No tool calls and no expected tools" : "No actual tool calls (trivially a subset)")
    }
    if allowed.isEmpty {
      return .check(false, "\(calls.count) unexpected tool call(s) with empty allowed list")
    }
    return share(
      calls.enumerated().map { index, call in
        let isAllowed = allowed.contains { $0.matches(call) }
        return AssertionResult(
          "Position \(index): \(call.tool) is \(isAllowed ? "" : "not ")in allowed set",
          passed: isAllowed)
      })
  }
}

/// One expected call.
private struct ExpectedCall {
  var tool: String
  /// `nil` when any arguments are fine.
  var arguments: JSONObject?
  var match: ArgumentMatch
  var maximumDurationMS: Double?

  static func read(_ spec: GraderSpec) throws(GraderError) -> [ExpectedCall] {
    guard let items = spec.config["expected"]?.array else {
      throw GraderError(
        "the mode \(spec.config["mode"]?.string ?? "") needs `expected`: a list of tool calls")
    }
    let usual =
      try ArgumentMatch.read(spec.config["args_match"] ?? spec.config["argsMatch"]) ?? .exact
    var calls: [ExpectedCall] = []
    for item in items {
      guard let tool = item["tool"]?.string else { continue }
      let duration = (item["max_duration_ms"] ?? item["maxDurationMs"])?.double
      calls.append(
        ExpectedCall(
          tool: tool, arguments: item["args"]?.object,
          match: try ArgumentMatch.read(item["args_match"] ?? item["argsMatch"]) ?? usual,
          maximumDurationMS: duration.flatMap { $0 >= 0 ? $0 : nil }))
    }
    return calls
  }

  func accepts(_ call: ToolCall) -> Bool {
    arguments.map { match.holds(expected: $0, actual: call.input) } ?? true
  }

  func matches(_ call: ToolCall) -> Bool { call.tool == tool && accepts(call) }
}

/// Hits of a sequence and of the durations that come with it.
private struct SequenceScore {
  private var assertions: [AssertionResult] = []
  private var hits = 0
  private var durationChecks: Int

  init(_ expected: [ExpectedCall]) {
    durationChecks = expected.count { $0.maximumDurationMS != nil }
  }

  mutating func miss(_ text: String) { assertions.append(AssertionResult(text, passed: false)) }

  mutating func hit(
    _ text: String, _ item: ExpectedCall, _ call: ToolCall, _ warn: (String) -> Void
  ) {
    assertions.append(AssertionResult(text, passed: true))
    hits += 1
    guard let limit = item.maximumDurationMS else { return }
    guard let duration = call.durationMS else {
      warn("[tool-trajectory] No duration data for \(item.tool); latency assertion skipped")
      durationChecks -= 1
      return
    }
    let holds = duration <= limit
    if holds { hits += 1 }
    assertions.append(
      AssertionResult(
        "\(item.tool) \(holds ? "completed in" : "took") \(NumberText.plain(duration))ms "
          + "(max: \(NumberText.plain(limit))ms)", passed: holds))
  }

  func judgement(over count: Int) -> Judgement {
    Judgement(score: Double(hits) / Double(max(1, count + durationChecks)), assertions: assertions)
  }
}
