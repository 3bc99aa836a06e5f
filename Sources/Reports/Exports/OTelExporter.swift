// OpenTelemetry traces in OTLP's JSON mapping (opentelemetry-proto, ExportTraceServiceRequest: ids
// in hexadecimal, 64-bit integers as strings). Names follow the GenAI semantic conventions where
// they have one; the rest is in the namespace `agentv`.

import Core
import RunArtifacts

/// Writes one trace for each row.
struct OTelExporter {
  let source: ResultSource
  /// Whether prompts and answers are written; they may hold secrets.
  let capturesContent: Bool

  /// Whether the steps of each turn stand below a span of the turn, where there are several.
  var groupsTurns = false

  /// What stands before the spans of a request.
  var opening: String {
    let resource: JSON = [
      "attributes": [
        Self.attribute("service.name", .string("agentv")),
        Self.attribute("agentv.run_id", .string(source.label)),
      ]
    ]
    return "{\"resourceSpans\":[{\"resource\":\(resource.text),"
      + "\"scopeSpans\":[{\"scope\":{\"name\":\"agentv\"},\"spans\":["
  }

  /// What stands behind them.
  var closing: String { "\n]}]}]}\n" }

  func write(_ digests: [ResultDigest], to file: inout OutputFile) throws {
    try file.write(opening)
    var isFirst = true
    for digest in digests {
      for span in try spans(of: digest) {
        try file.write((isFirst ? "\n" : ",\n") + JSON.object(span).text)
        isFirst = false
      }
    }
    try file.write(closing)
  }

  /// The trace of one test.
  func spans(of digest: ResultDigest) throws -> [JSONObject] {
    let row = try source.row(of: digest)
    return spans(digest, row, ResultDetail(row, ArtifactReader(source.directory)))
  }

  private func spans(
    _ digest: ResultDigest, _ row: ResultRow, _ detail: ResultDetail
  ) -> [JSONObject] {
    let identity = [source.label, row.evalFile ?? "", row.testID, row.identity.target]
    let ids = SpanIDs(seed: (identity + [row.timestamp ?? ""]).joined(separator: "\u{0}"))
    let end = row.timestamp.flatMap(Timestamp.init)?.millisecondsSinceEpoch ?? 0
    let graders = detail.scores?.array ?? []
    let target = detail.durationMS ?? 0
    let start = end - max(row.totalDurationMS ?? target, target)
    var root = span("agentv.eval", ids.next(), in: ids, parent: nil, from: start, to: end)
    root["attributes"] = .array(rootAttributes(digest, row, detail))
    root["events"] = .array(graders.map { evaluation($0, at: end) })
    root["status"] =
      row.executionStatus == .executionError
      ? ["code": 2, "message": .string(row.error ?? "")] : ["code": 1]
    let parent = root["spanId"]?.string ?? ""
    var agent = span(
      "invoke_agent \(row.target)", ids.next(), in: ids, parent: parent, from: start,
      to: min(end, start + target), kind: 3)
    agent["attributes"] = .array(agentAttributes(row, detail))
    var spans = [root, agent]
    let agentID = agent["spanId"]?.string ?? ""
    let turns = groupsTurns ? Self.turns(detail.output) : []
    if turns.count > 1 {
      for (index, messages) in turns.enumerated() {
        let calls = ToolCallDigest.all(in: .array(messages))
        let turn = span(
          "agentv.turn.\(index + 1)", ids.next(), in: ids, parent: agentID,
          from: calls.compactMap(\.start).min() ?? start,
          to: calls.compactMap(\.end).max() ?? min(end, start + target))
        spans.append(turn)
        for call in calls {
          spans.append(
            tool(
              call, ids, parent: turn["spanId"]?.string ?? agentID, within: start...max(start, end))
          )
        }
      }
    } else {
      for call in ToolCallDigest.all(in: detail.output) {
        spans.append(tool(call, ids, parent: agentID, within: start...max(start, end)))
      }
    }
    for grader in graders { spans.append(self.grader(grader, ids, parent: parent, end: end)) }
    return spans
  }

  /// The messages of an answer by turn: one begins with each message of the user.
  private static func turns(_ messages: JSON?) -> [[JSON]] {
    var turns: [[JSON]] = []
    for message in messages?.array ?? [] {
      if turns.isEmpty || message["role"] == "user" { turns.append([]) }
      turns[turns.count - 1].append(message)
    }
    return turns
  }

  private func span(
    _ name: String, _ id: String, in ids: SpanIDs, parent: String?, from start: Int, to end: Int,
    kind: Int = 1
  ) -> JSONObject {
    var span: JSONObject = ["traceId": .string(ids.trace), "spanId": .string(id)]
    if let parent { span["parentSpanId"] = .string(parent) }
    span["name"] = .string(name)
    span["kind"] = .int(kind)
    span["startTimeUnixNano"] = Self.nanoseconds(start)
    span["endTimeUnixNano"] = Self.nanoseconds(max(start, end))
    return span
  }

  private func rootAttributes(
    _ digest: ResultDigest, _ row: ResultRow, _ detail: ResultDetail
  ) -> [JSON] {
    var list = AttributeList()
    list.add("agentv.test_id", row.testID)
    list.add("agentv.suite", row.suite)
    list.add("agentv.category", row.category)
    list.add("agentv.target", row.target)
    list.add("agentv.requested_target", row.requestedTarget)
    list.add("agentv.eval_file", row.evalFile)
    list.add("agentv.experiment", row.experiment)
    list.add("agentv.score", row.score)
    list.add("agentv.execution_status", row.executionStatus.rawValue)
    list.add("agentv.failure_stage", row.failureStage)
    list.add("error.type", row.failureReasonCode)
    list.add("agentv.trace.duration_ms", detail.durationMS)
    list.add("agentv.trace.cost_usd", row.costUSD)
    list.add("agentv.trace.token_input", detail.tokenUsage?.input)
    list.add("agentv.trace.token_output", detail.tokenUsage?.output)
    list.add("agentv.trace.token_cached", detail.tokenUsage?.cached)
    list.add("agentv.trace.event_count", digest.toolCalls)
    list.add("agentv.trace.llm_call_count", digest.llmCalls)
    list.add("session.id", source.label)
    return list.attributes
  }

  private func agentAttributes(_ row: ResultRow, _ detail: ResultDetail) -> [JSON] {
    var list = AttributeList()
    list.add("gen_ai.operation.name", "invoke_agent")
    list.add("gen_ai.agent.name", row.target)
    list.add("gen_ai.conversation.id", row.conversationID)
    list.add("gen_ai.usage.input_tokens", detail.tokenUsage?.input)
    list.add("gen_ai.usage.output_tokens", detail.tokenUsage?.output)
    list.add("gen_ai.usage.cache_read.input_tokens", detail.tokenUsage?.cached)
    if capturesContent {
      list.add("gen_ai.input.messages", detail.input.map { Self.messages($0) })
      list.add("gen_ai.output.messages", detail.output.map { Self.messages($0) })
    }
    return list.attributes
  }

  private func tool(
    _ call: ToolCallDigest, _ ids: SpanIDs, parent: String, within run: ClosedRange<Int>
  ) -> JSONObject {
    let start = call.start ?? run.lowerBound
    var span = span(
      "execute_tool \(call.name)", ids.next(), in: ids, parent: parent, from: start,
      to: call.end ?? start + (call.durationMS ?? 0))
    var list = AttributeList()
    list.add("gen_ai.operation.name", "execute_tool")
    list.add("gen_ai.tool.name", call.name)
    list.add("gen_ai.tool.call.id", call.id)
    if capturesContent {
      list.add("gen_ai.tool.call.arguments", call.input?.text)
      list.add("gen_ai.tool.call.result", call.output.map { $0.string ?? $0.text })
    }
    span["attributes"] = .array(list.attributes)
    return span
  }

  private func grader(
    _ score: JSON, _ ids: SpanIDs, parent: String, end: Int
  ) -> JSONObject {
    let started = score["started_at"]?.string.flatMap(Timestamp.init)?.millisecondsSinceEpoch
    let ended = score["ended_at"]?.string.flatMap(Timestamp.init)?.millisecondsSinceEpoch
    var span = span(
      "agentv.grader \(score["name"]?.string ?? "grader")", ids.next(), in: ids, parent: parent,
      from: started ?? end, to: ended ?? end)
    var list = AttributeList()
    list.add("agentv.grader.name", score["name"]?.string)
    list.add("agentv.grader.type", score["type"]?.string)
    list.add("agentv.grader.score", score["score"]?.double)
    list.add("agentv.grader.verdict", score["verdict"]?.string)
    span["attributes"] = .array(list.attributes)
    return span
  }

  /// The conventions' event for one judgement.
  private func evaluation(_ score: JSON, at time: Int) -> JSON {
    var list = AttributeList()
    list.add("gen_ai.evaluation.name", score["name"]?.string ?? "grader")
    list.add("gen_ai.evaluation.score.value", score["score"]?.double)
    list.add("gen_ai.evaluation.score.label", score["verdict"]?.string)
    if capturesContent, let reason = score["reasoning"]?.string, !reason.isEmpty {
      list.add("gen_ai.evaluation.explanation", reason)
    }
    return [
      "timeUnixNano": Self.nanoseconds(time), "name": "gen_ai.evaluation.result",
      "attributes": .array(list.attributes),
    ]
  }

  /// Messages as the conventions' JSON: a role and parts.
  private static func messages(_ messages: JSON) -> String {
    JSON.array(
      (messages.array ?? []).map { message in
        [
          "role": message["role"] ?? "user",
          "parts": [
            ["type": "text", "content": .string(MessageText.text(of: message["content"]))]
          ],
        ]
      }
    ).text
  }

  private static func nanoseconds(_ milliseconds: Int) -> JSON {
    .string(milliseconds <= 0 ? "0" : "\(milliseconds)000000")
  }

  static func attribute(_ name: String, _ value: JSON) -> JSON {
    let wrapped: JSON =
      switch value {
      case .string: ["stringValue": value]
      case .bool: ["boolValue": value]
      case .int(let number): ["intValue": .string(String(number))]
      default: ["doubleValue": value]
      }
    return ["key": .string(name), "value": wrapped]
  }
}

/// Attributes of a span; what is not known is left out.
private struct AttributeList {
  private(set) var attributes: [JSON] = []

  mutating func add(_ name: String, _ value: String?) {
    if let value { attributes.append(OTelExporter.attribute(name, .string(value))) }
  }
  mutating func add(_ name: String, _ value: Int?) {
    if let value { attributes.append(OTelExporter.attribute(name, .int(value))) }
  }
  mutating func add(_ name: String, _ value: Double?) {
    // JSON has no NaN; a double without fraction stays one.
    if let value, value.isFinite {
      attributes.append(OTelExporter.attribute(name, .double(value)))
    }
  }
}

/// Ids of one trace, the same ones whenever the same row is exported: a backend then replaces.
private final class SpanIDs {
  let trace: String
  private let seed: String
  private var count = 0

  init(seed: String) {
    self.seed = seed
    trace = SHA256.hexadecimal(Array(seed.utf8), bytes: 16)
  }

  /// The next span's id: 8 bytes, never all zero.
  func next() -> String {
    count += 1
    return SHA256.hexadecimal(Array("\(seed)\u{0}\(count)".utf8), bytes: 8)
  }
}
