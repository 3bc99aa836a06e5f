// What the page shows of one test when it is opened.

import Core
import RunArtifacts

/// The detail of one test as the page's script reads it.
struct ReportDetail {
  /// Longest text of one message or reason, bytes; the rest stays in the run's own files.
  static let textLimitBytes = 64 << 10
  /// Most messages, assertions or tool calls that are shown of each kind.
  static let listLimit = 200

  /// The compact object of a row.
  static func json(_ row: ResultRow, _ detail: ResultDetail) -> JSON {
    var object = JSONObject()
    func add(_ name: String, _ value: JSON?) {
      guard let value, !value.isNull else { return }
      object.appendUnchecked(name, value)
    }
    func texts(_ name: String, _ value: String?) { add(name, value.map { .string(cut($0)) }) }
    texts("error", row.error)
    texts("stage", row.failureStage)
    texts("reason", row.failureReasonCode)
    add("input", messages(detail.input))
    add("output", messages(detail.output))
    let graders = (detail.scores?.array ?? []).prefix(listLimit).map(grader)
    if !graders.isEmpty { add("graders", .array(graders)) }
    let hasOwn = graders.contains { !($0["assertions"]?.array ?? []).isEmpty }
    if !hasOwn { add("assertions", assertions(detail.assertions)) }
    let facts = JSONObject(Self.facts(of: row, detail).map { ($0.name, .string(cut($0.value))) })
    if !facts.isEmpty { add("facts", .object(facts)) }
    texts("metadata", row.metadata.map { $0.prettyText })
    return .object(object)
  }

  private static func facts(
    of row: ResultRow, _ detail: ResultDetail
  ) -> [(name: String, value: String)] {
    var facts: [(name: String, value: String)] = []
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { facts.append((name, value)) }
    }
    add("Eval file", row.evalFile)
    add("Category", row.category)
    add("Asked for", row.requestedTarget == row.target ? nil : row.requestedTarget)
    add("Answered by", row.extra["target_used"]?.string)
    add("Finished", row.timestamp)
    if let tokens = detail.tokenUsage {
      var text = "\(Format.grouped(tokens.input)) in, \(Format.grouped(tokens.output)) out"
      if let cached = tokens.cached { text += ", \(Format.grouped(cached)) cached" }
      if let reasoning = tokens.reasoning { text += ", \(Format.grouped(reasoning)) reasoning" }
      add("Tokens", text)
    }
    add("Cost", row.costUSD.map(Format.dollars))
    add("Time with grading", row.totalDurationMS.map(Format.duration))
    add("Attempts", row.attempts.map(String.init))
    add("Conversation", row.conversationID)
    add("Workspace", row.workspacePath)
    return facts
  }

  private static func messages(_ messages: JSON?) -> JSON? {
    guard let all = messages?.array, !all.isEmpty else { return nil }
    var shown = all.prefix(listLimit).map { message in
      var object: JSONObject = [
        "role": .string(message["role"]?.string ?? "user"),
        "text": .string(cut(MessageText.text(of: message["content"]))),
      ]
      let calls = ToolCallDigest.all(in: .array([message])).prefix(listLimit)
      if !calls.isEmpty { object["tools"] = .array(calls.map(tool)) }
      return JSON.object(object)
    }
    if all.count > listLimit {
      let more = "… and \(all.count - listLimit) more messages"
      shown.append(["role": "note", "text": .string(more)])
    }
    return .array(shown)
  }

  private static func tool(_ call: ToolCallDigest) -> JSON {
    var object: JSONObject = ["name": .string(call.name)]
    if let input = call.input { object["input"] = .string(cut(input.string ?? input.prettyText)) }
    if let output = call.output {
      object["output"] = .string(cut(output.string ?? output.prettyText))
    }
    if let duration = call.durationMS { object["time"] = .string(Format.duration(duration)) }
    return .object(object)
  }

  private static func grader(_ score: JSON) -> JSON {
    var object: JSONObject = ["name": .string(score["name"]?.string ?? "grader")]
    object["type"] = score["type"]
    object["score"] = score["score"]?.double.map { .double($0) }
    object["verdict"] = score["verdict"]
    if let weight = score["weight"]?.double, weight != 1 { object["weight"] = .double(weight) }
    if let reason = score["reasoning"]?.string ?? score["reason"]?.string, !reason.isEmpty {
      object["reason"] = .string(cut(reason))
    }
    object["assertions"] = assertions(score["assertions"])
    if let inner = score["scores"]?.array, !inner.isEmpty {
      object["graders"] = .array(inner.prefix(listLimit).map(grader))
    }
    return .object(object)
  }

  private static func assertions(_ value: JSON?) -> JSON? {
    guard let all = value?.array, !all.isEmpty else { return nil }
    return .array(
      all.prefix(listLimit).map { assertion in
        var object: JSONObject = [
          "text": .string(cut(assertion["text"]?.string ?? assertion.text)),
          "passed": .bool(assertion["passed"]?.bool ?? false),
        ]
        if let evidence = assertion["evidence"]?.string, !evidence.isEmpty {
          object["evidence"] = .string(cut(evidence))
        }
        return .object(object)
      })
  }

  /// The beginning of a text, with a note when something is left out.
  static func cut(_ text: String) -> String {
    let size = text.utf8.count
    guard size > textLimitBytes else { return text }
    return String(decoding: text.utf8.prefix(textLimitBytes), as: UTF8.self)
      + "\n… \(Format.bytes(size - textLimitBytes)) more in the run directory"
  }
}
