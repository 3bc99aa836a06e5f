// What the APIs of models have in common.

import Core
import EvalFiles
import HTTPClient

/// One way to talk to a model: builds requests, reads answers.
protocol ModelAPI: Sendable {
  /// Where to send to.
  var url: String { get }
  /// Header fields of its own, the key included.
  var headers: [HTTPClientField] { get }

  /// The body of a call.
  func body(_ conversation: ModelConversation) -> JSON

  /// Something that reads one answer.
  func reader() -> any ModelAnswerReader
}

/// Puts one answer together.
protocol ModelAnswerReader: Sendable {
  /// Whether the answer has said that it is complete.
  var isComplete: Bool { get }

  /// Takes an event of a stream.
  mutating func take(_ event: JSON) throws(ModelFault)

  /// Takes an answer that came in one piece, from a server that does not stream.
  mutating func take(whole answer: JSON) throws(ModelFault)

  /// The answer.
  func answer() throws(ModelFault) -> ModelAnswer
}

/// What a model answered.
struct ModelAnswer: Sendable, Hashable {
  var text: String
  var usage: TokenUsage?
  /// As the service reported it.
  var costUSD: Double?
  var warnings: [String] = []
}

/// Why there is no answer although the service answered.
struct ModelFault: Error, Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    /// The service said so; the status is the one it would have sent instead of a stream.
    case status(Int)
    /// The model or a filter declined.
    case refused
    /// It cannot be read.
    case unreadable
    /// It broke off.
    case incomplete
  }
  var kind: Kind
  var message: String

  init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The fault for an error object in a stream.
  static func reported(_ error: JSON) -> ModelFault {
    let type = (error["type"] ?? error["code"] ?? error["status"])?.string ?? ""
    let message = error["message"]?.string ?? error.string ?? error.text
    let word = error["code"]?.string ?? ""
    let number = error["code"]?.int ?? Int(word) ?? 0
    let named = statuses[type] ?? statuses[word] ?? 500
    let status = (400...599).contains(number) ? number : named
    return ModelFault(.status(status), type.isEmpty ? message : "\(message) (\(type))")
  }

  private static let statuses = [
    "invalid_request_error": 400, "authentication_error": 401, "permission_error": 403,
    "not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429,
    "rate_limit_exceeded": 429, "RESOURCE_EXHAUSTED": 429, "api_error": 500, "server_error": 500,
    "INTERNAL": 500, "UNAVAILABLE": 503, "overloaded_error": 529, "timeout_error": 504,
    "insufficient_quota": 402, "billing_error": 402, "invalid_prompt": 400,
  ]
}

extension JSON {
  /// A count of tokens; 0 when it is missing or makes no sense.
  var tokens: Int {
    guard let value = double, value.isFinite, value > 0, value < 1e15 else { return 0 }
    return Int(value)
  }
}
