// Why a request is refused, in the words the API answers with.

import Core

/// A refusal: HTTP status, closed code word, text for people, and the field it is about.
struct RequestError: Error, Hashable, Sendable, CustomStringConvertible {
  var status: Int
  var code: String
  var message: String
  var field: String?
  /// Seconds after which it may be tried again (`Retry-After`).
  var retryAfter: Int?

  var description: String { message }

  /// The body, `{"error","code"}` and `field` where there is one.
  var json: JSON {
    var object: JSONObject = ["error": .string(message), "code": .string(code)]
    if let field { object["field"] = .string(field) }
    return .object(object)
  }

  static func badRequest(_ code: String, _ message: String, field: String? = nil) -> RequestError {
    RequestError(status: 400, code: code, message: message, field: field)
  }

  /// A field has the wrong type or a value outside its range.
  static func invalid(_ field: String, _ message: String) -> RequestError {
    badRequest("invalid-field", "\(field) \(message)", field: field)
  }

  /// The object that a body holds.
  static func object(_ body: [UInt8]) throws(RequestError) -> JSONObject {
    guard let json = try? JSON.parse(body) else { throw .invalidJSON }
    guard let object = json.object else {
      throw .badRequest("invalid-body", "The body must be a JSON object, not \(json.kind)")
    }
    return object
  }

  /// Too many attempts with a wrong token.
  static func tooManyAttempts(retryAfter seconds: Int) -> RequestError {
    RequestError(
      status: 429, code: "too-many-attempts",
      message: "Too many attempts with a wrong token; try again in \(seconds) s",
      retryAfter: seconds)
  }

  static let unauthorized = RequestError(
    status: 401, code: "unauthorized",
    message: "A token is required: open /login, or send Authorization: Bearer")
  static let invalidJSON = badRequest("invalid-json", "Invalid JSON body")
  static let readOnly = RequestError(
    status: 403, code: "read-only", message: "Studio is running in read-only mode")
  static let runNotFound = RequestError(
    status: 404, code: "run-not-found", message: "Run not found")
  static let evalNotFound = RequestError(
    status: 404, code: "eval-not-found", message: "Eval not found")
  static let benchmarkNotFound = RequestError(
    status: 404, code: "benchmark-not-found", message: "Benchmark not found")
  static let shuttingDown = RequestError(
    status: 503, code: "shutting-down",
    message: "Studio is shutting down; try again when it is back")
}
