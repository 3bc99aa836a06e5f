// What the command of a `cli` target answers: JSON of a known shape, or plain text.

import Core
import EvalFiles

/// Reading of answers.
enum CLIAnswer {
  /// The response that a content stands for.
  ///
  /// An object with valid types gives messages and metrics; everything else is the answer's text.
  static func parse(_ bytes: [UInt8]) -> ProviderResponse {
    let content = String(decoding: bytes, as: UTF8.self)
    func plain() -> ProviderResponse {
      ProviderResponse(output: [Message(role: "assistant", text: content)])
    }
    let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    guard first == 0x7B, let object = (try? JSON.parse(bytes))?.object,
      let messages = messages(object), let metrics = metrics(object)
    else { return plain() }
    var response: ProviderResponse
    if !messages.isEmpty {
      response = ProviderResponse(output: messages)
    } else if let text = object["text"] {
      response = ProviderResponse(
        output: [Message(role: "assistant", text: text.string ?? text.text)])
    } else {
      return plain()
    }
    response.metrics = metrics.metrics
    response.warnings = metrics.warnings
    return response
  }

  /// `output`, else `output_messages`; empty when there is none, nil when one is of a wrong type.
  private static func messages(_ object: JSONObject) -> [Message]? {
    var result: [Message]?
    for key in ["output", "output_messages"] {
      guard let value = object[key] else { continue }
      guard let items = value.array else { return nil }
      var messages: [Message] = []
      for item in items {
        guard let role = item["role"]?.string, hasValidCalls(item) else { return nil }
        // Content of a kind that no message has counts as none.
        messages.append(
          Message(json: item, anyRole: true) ?? Message(role: role, content: nil))
      }
      if result == nil { result = messages }
    }
    return result ?? []
  }

  private static func hasValidCalls(_ message: JSON) -> Bool {
    guard let calls = message["tool_calls"] else { return true }
    return calls.array?.allSatisfy { $0["tool"]?.string != nil } ?? false
  }

  private static func metrics(
    _ object: JSONObject
  ) -> (metrics: TargetMetrics, warnings: [String])? {
    var metrics = TargetMetrics()
    var warnings: [String] = []
    if let usage = object["token_usage"] {
      guard let parsed = TokenUsage(json: usage) else { return nil }
      metrics.tokenUsage = parsed
    }
    for key in ["cost_usd", "duration_ms"] {
      guard let value = object[key] else { continue }
      guard let number = value.double else { return nil }
      guard number >= 0, number < 1e15 else {
        warnings.append("ignoring negative \(key) value (\(value.text))")
        continue
      }
      if key == "cost_usd" {
        metrics.costUSD = number
      } else {
        metrics.durationMS = Int(number.rounded())
      }
    }
    return (metrics, warnings)
  }
}
