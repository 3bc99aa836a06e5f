// What a target reports about its work.

public import Core

/// Tokens that a model used.
public struct TokenUsage: Sendable, Hashable {
  /// Tokens read.
  public var input: Int
  /// Tokens written.
  public var output: Int
  /// Tokens of the input that came from a cache, if reported.
  public var cached: Int?
  /// Tokens of the output spent on reasoning, if reported.
  public var reasoning: Int?

  /// Token counts.
  public init(input: Int, output: Int, cached: Int? = nil, reasoning: Int? = nil) {
    self.input = input
    self.output = output
    self.cached = cached
    self.reasoning = reasoning
  }

  /// Reads token counts; `nil` unless `input` and `output` are numbers.
  public init?(json: JSON) {
    func number(_ value: JSON?) -> Int? {
      guard let value = value?.double, value.isFinite, abs(value) < 1e15 else { return nil }
      return Int(value.rounded())
    }
    guard let input = number(json["input"]), let output = number(json["output"]) else { return nil }
    self.init(
      input: input, output: output, cached: number(json["cached"]),
      reasoning: number(json["reasoning"]))
  }

  /// The counts as rows hold them.
  public var json: JSON {
    var object: JSONObject = ["input": .int(input), "output": .int(output)]
    object["cached"] = cached.map(JSON.int)
    object["reasoning"] = reasoning.map(JSON.int)
    return .object(object)
  }
}

/// What is known about one call of a target.
public struct TargetMetrics: Sendable, Hashable {
  /// Tokens used, if reported.
  public var tokenUsage: TokenUsage?
  /// Cost in US dollars, if reported.
  public var costUSD: Double?
  /// Duration in milliseconds, reported or measured.
  public var durationMS: Int?
  /// When the call began, ISO 8601, if known.
  public var startTime: String?
  /// When the call ended, ISO 8601, if known.
  public var endTime: String?

  /// Metrics; nothing is known by default.
  public init(
    tokenUsage: TokenUsage? = nil, costUSD: Double? = nil, durationMS: Int? = nil,
    startTime: String? = nil, endTime: String? = nil
  ) {
    self.tokenUsage = tokenUsage
    self.costUSD = costUSD
    self.durationMS = durationMS
    self.startTime = startTime
    self.endTime = endTime
  }
}

/// What a target did, counted from its messages.
public struct ToolTrace: Sendable, Hashable {
  /// Tool calls in all.
  public var eventCount: Int
  /// Calls of each tool, in the order of first use.
  public var toolCalls: JSONObject
  /// Assistant messages.
  public var llmCallCount: Int
  /// Durations of each tool's calls in milliseconds, as far as reported.
  public var toolDurations: JSONObject

  /// Counts the calls in a target's messages.
  public init(_ output: [Message]) {
    eventCount = 0
    toolCalls = [:]
    llmCallCount = 0
    toolDurations = [:]
    for message in output {
      if message.role == "assistant" { llmCallCount += 1 }
      for call in message.toolCalls {
        eventCount += 1
        toolCalls[call.tool] = .int((toolCalls[call.tool]?.int ?? 0) + 1)
        if let duration = call.durationMS {
          toolDurations[call.tool] = .array(
            (toolDurations[call.tool]?.array ?? []) + [.double(duration)])
        }
      }
    }
  }

  /// The trace as rows and script graders see it.
  public var json: JSON {
    var object: JSONObject = [
      "event_count": .int(eventCount), "tool_calls": .object(toolCalls), "error_count": 0,
      "llm_call_count": .int(llmCallCount),
    ]
    if !toolDurations.isEmpty { object["tool_durations"] = .object(toolDurations) }
    return .object(object)
  }
}
