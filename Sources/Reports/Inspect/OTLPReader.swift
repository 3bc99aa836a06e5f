// Traces that `--otel-file` wrote, read back as results.

import Core
import RunArtifacts

/// Reads OTLP JSON.
enum OTLPReader {
  /// Largest file accepted, bytes: it is read as a whole.
  static let limitBytes = 512 << 20

  private struct Span {
    var id: String
    var parent: String
    var name: String
    var start: Int
    var end: Int
    var attributes: [String: JSON]
  }

  /// The results in a file: every span that names a test, with the tools called beneath it.
  /// - Throws: `FileError` or `ReportError`.
  static func rows(of path: String) throws -> [ResultRow] {
    let json: JSON
    do {
      json = try JSON.parse(try FileIO.read(path, limitBytes: limitBytes))
    } catch let error as JSONParseError {
      throw ReportError("\"\(path)\" is no JSON: \(error)")
    }
    guard let resources = json["resourceSpans"]?.array else {
      throw ReportError(
        "\"\(path)\" has no \"resourceSpans\"; give a run directory, an index.jsonl or a file that "
          + "agentv eval --otel-file wrote")
    }
    let spans = resources.flatMap { $0["scopeSpans"]?.array ?? [] }
      .flatMap { $0["spans"]?.array ?? [] }.map(span)
    var children: [String: [Span]] = [:]
    for span in spans where !span.parent.isEmpty { children[span.parent, default: []].append(span) }
    let rows = spans.compactMap { span -> ResultRow? in
      guard span.attributes["agentv.test_id"]?.string != nil, span.parent.isEmpty else {
        return nil
      }
      return row(span, beneath(span, children))
    }
    guard !rows.isEmpty else { throw ReportError("\"\(path)\" has no span of a test") }
    return rows
  }

  private static func beneath(_ span: Span, _ children: [String: [Span]]) -> [Span] {
    var found: [Span] = []
    var waiting = children[span.id] ?? []
    var seen: Set<String> = [span.id]
    while let next = waiting.popLast() {
      guard seen.insert(next.id).inserted else { continue }
      found.append(next)
      waiting += children[next.id] ?? []
    }
    return found.sorted { $0.start < $1.start }
  }

  private static func span(_ json: JSON) -> Span {
    var attributes: [String: JSON] = [:]
    for attribute in json["attributes"]?.array ?? [] {
      guard let key = attribute["key"]?.string, let value = attribute["value"] else { continue }
      attributes[key] =
        value["stringValue"] ?? value["doubleValue"] ?? value["boolValue"]
        ?? (value["intValue"]?.string.flatMap(Int.init) ?? value["intValue"]?.int).map(JSON.int)
    }
    func time(_ name: String) -> Int {
      (json[name]?.string.flatMap(Int.init) ?? json[name]?.int ?? 0) / 1_000_000
    }
    return Span(
      id: json["spanId"]?.string ?? "", parent: json["parentSpanId"]?.string ?? "",
      name: json["name"]?.string ?? "", start: time("startTimeUnixNano"),
      end: time("endTimeUnixNano"), attributes: attributes)
  }

  private static func row(_ root: Span, _ spans: [Span]) -> ResultRow? {
    let all = root.attributes
    var object: JSONObject = [:]
    object["timestamp"] = .string(Timestamp(millisecondsSinceEpoch: root.end).description)
    object["test_id"] = all["agentv.test_id"]
    object["suite"] = all["agentv.suite"]
    object["category"] = all["agentv.category"]
    object["target"] = all["agentv.target"]
    object["requested_target"] = all["agentv.requested_target"]
    object["eval_file"] = all["agentv.eval_file"]
    object["experiment"] = all["agentv.experiment"]
    object["score"] = all["agentv.score"]
    object["execution_status"] = all["agentv.execution_status"]
    object["duration_ms"] = all["agentv.trace.duration_ms"] ?? .int(root.end - root.start)
    object["cost_usd"] = all["agentv.trace.cost_usd"]
    if all["agentv.trace.token_input"] != nil || all["agentv.trace.token_output"] != nil {
      object["token_usage"] = [
        "input": all["agentv.trace.token_input"] ?? 0,
        "output": all["agentv.trace.token_output"] ?? 0,
      ]
    }
    let tools = spans.filter { $0.attributes["gen_ai.tool.name"] != nil }
    if !tools.isEmpty { object["output"] = [["role": "assistant", "tool_calls": calls(tools)]] }
    var trace: JSONObject = [:]
    let counted: JSON? = tools.isEmpty ? nil : .int(tools.count)
    trace["event_count"] = all["agentv.trace.event_count"] ?? counted
    trace["llm_call_count"] = all["agentv.trace.llm_call_count"]
    if !trace.isEmpty { object["trace"] = .object(trace) }
    object["scores"] = .array(
      spans.compactMap { span in
        guard let score = span.attributes["agentv.grader.score"] else { return nil }
        let name = span.attributes["agentv.grader.name"]?.string
        return [
          "name": .string(name ?? span.name), "score": score,
          "type": span.attributes["agentv.grader.type"] ?? "unknown",
          "verdict": span.attributes["agentv.grader.verdict"] ?? "",
        ]
      })
    return ResultRow(json: .object(object))
  }

  private static func calls(_ tools: [Span]) -> JSON {
    .array(
      tools.map { span in
        var call: JSONObject = ["tool": span.attributes["gen_ai.tool.name"] ?? ""]
        call["id"] = span.attributes["gen_ai.tool.call.id"]
        call["duration_ms"] = .int(span.end - span.start)
        return .object(call)
      })
  }
}
