// The camelCase result object of the HTTP API (reference: studio-api 6.2), put together from a row
// and the artifacts it points to, or from what upstream's raw rows carry inline.

public import Core

/// One result as the HTTP API returns it.
///
/// Blocks: never on the loop thread.
/// - Parameters:
///   - row: a row of the run.
///   - directory: the run's directory; artifacts are opened beneath it and nowhere else.
/// - Returns: an `EvalResult` object.
public func evalResultJSON(_ row: ResultRow, in directory: RunDirectory) -> JSON {
  let detail = ResultDetail(row, ArtifactReader(directory))
  var object = JSONObject()
  func add(_ name: String, _ value: JSON?) {
    if let value, !value.isNull { object.appendUnchecked(name, value) }
  }
  add("timestamp", row.timestamp.map(JSON.string))
  add("testId", .string(row.testID))
  add("suite", row.suite.map(JSON.string))
  add("category", row.category.map(JSON.string))
  add("target", .string(row.target))
  add("score", row.score.map(JSON.double))
  add("executionStatus", .string(row.executionStatus.rawValue))
  add("error", row.error.map(JSON.string))
  add("assertions", detail.assertions)
  add("scores", detail.scores)
  add("tokenUsage", detail.tokenUsage?.json)
  add("durationMs", detail.durationMS.map(JSON.int))
  add("costUsd", row.costUSD.map(JSON.double))
  add("input", detail.input)
  add("output", detail.output)
  add("evalFile", row.evalFile.map(JSON.string))
  add("requestedTarget", row.requestedTarget.map(JSON.string))
  add("failureStage", row.failureStage.map(JSON.string))
  add("failureReasonCode", row.failureReasonCode.map(JSON.string))
  add("metadata", row.metadata)
  return .object(object)
}

/// The Markdown form of a list of messages: `@[role]:`, newline, content, blank line.
public enum Transcript {
  /// Renders messages, each an object with `role` and `content`.
  public static func render(_ messages: [JSON]) -> String {
    messages.map { message in
      "@[\(message["role"]?.string ?? "user")]:\n\(content(message["content"]))"
    }.joined(separator: "\n\n") + "\n"
  }

  /// Text of a message's content: strings as they are, text blocks joined, other blocks as JSON.
  private static func content(_ content: JSON?) -> String {
    switch content {
    case .string(let text): text
    case .array(let blocks):
      blocks.map { $0["value"]?.string ?? $0["text"]?.string ?? $0.text }.joined(separator: "\n")
    case .null, nil: ""
    case .some(let value): value.text
    }
  }

  /// Reads the Markdown form; text without a role line becomes one message of the default role.
  public static func parse(_ text: String, defaultRole: String) -> JSON {
    var messages: [JSON] = []
    var role = defaultRole
    var lines: [Substring] = []
    var isOpen = false
    func flush() {
      while lines.last?.isEmpty == true { lines.removeLast() }
      guard isOpen || !lines.isEmpty else { return }
      messages.append([
        "role": .string(role), "content": .string(lines.joined(separator: "\n")),
      ])
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("@["), line.hasSuffix("]:") {
        flush()
        role = String(line.dropFirst(2).dropLast(2))
        lines = []
        isOpen = true
      } else {
        lines.append(line)
      }
    }
    flush()
    return .array(messages)
  }
}
