// What a script asks, and how it is answered.

import Core
import EvalFiles
import Graders
import HTTPServer

/// One question of a script.
struct ProxyCall: Sendable {
  var question: GraderQuestion
  /// Another target than the test's grading target, if the script names one.
  var target: String?

  /// Reads the body of a request.
  /// - Throws: `GraderError` naming the field.
  init(_ json: JSON) throws(GraderError) {
    guard let text = json["question"]?.string, !text.isEmpty else {
      throw GraderError("Missing required field: question")
    }
    question = GraderQuestion(
      prompt: text, systemPrompt: (json["systemPrompt"] ?? json["system_prompt"])?.string,
      temperature: json["temperature"]?.double,
      maxOutputTokens: (json["maxOutputTokens"] ?? json["max_output_tokens"])?.int)
    target = json["target"]?.string
  }

  /// An answer as scripts get it.
  static func json(_ reply: GraderReply) -> JSON {
    var object: JSONObject = [
      "output": [["role": "assistant", "content": .string(reply.text)]],
      "rawText": .string(reply.text),
    ]
    if let usage = reply.tokenUsage { object["tokenUsage"] = usage.json }
    if let cost = reply.costUSD { object["costUsd"] = .double(cost) }
    return .object(object)
  }

  /// The answer to one question of a batch that failed.
  static func json(_ error: GraderError) -> JSON {
    ["output": [], "rawText": .string("Error: \(error.description)")]
  }
}

/// Words of an answer that is an error.
enum ProxyError {
  static func response(_ status: Int, _ message: String) -> HTTPResponse {
    let code =
      switch status {
      case 400: "bad-request"
      case 401: "unauthorized"
      case 429: "too-many-calls"
      case 503: "closing"
      default: "target-failed"
      }
    return .error(status, code: code, message: message)
  }
}
