public import Core

/// A whole answer.
///
/// `Content-Length` and `Date` are added, and the body is left out for `HEAD`.
public struct HTTPResponse: Sendable {
  /// The status code, 200...599.
  public var status: Int
  /// Header fields, sent in this order.
  public var headers: [(name: String, value: String)]
  /// The body; must be empty for 204 and 304.
  public var body: [UInt8]

  /// Makes an answer.
  ///
  /// - Parameters:
  ///   - status: the status code, 200...599.
  ///   - headers: header fields; a value must hold no line end, or the answer becomes a 500.
  ///   - body: the body.
  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A JSON answer.
  ///
  /// - Parameters:
  ///   - status: the status code.
  ///   - value: the body.
  /// - Returns: the answer.
  public static func json(_ status: Int = 200, _ value: JSON) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: [("Content-Type", "application/json")], body: value.serialized())
  }

  /// The one shape of every error: `{"error": message, "code": code}`.
  ///
  /// - Parameters:
  ///   - status: the status code.
  ///   - code: a word of the closed list in the HTTP reference, kebab-case.
  ///   - message: what is wrong and what helps, for people.
  ///   - details: further members, such as the offending field.
  /// - Returns: the answer.
  public static func error(
    _ status: Int, code: String, message: String, details: JSONObject = [:]
  ) -> HTTPResponse {
    var object: JSONObject = ["error": .string(message), "code": .string(code)]
    for (name, value) in details { object[name] = value }
    return .json(status, .object(object))
  }

  /// A plain-text answer.
  ///
  /// - Parameters:
  ///   - status: the status code.
  ///   - text: the body.
  ///   - type: its media type.
  /// - Returns: the answer.
  public static func text(
    _ status: Int = 200, _ text: String, type: String = "text/plain; charset=utf-8"
  ) -> HTTPResponse {
    HTTPResponse(status: status, headers: [("Content-Type", type)], body: Array(text.utf8))
  }

  /// An answer with the bytes of a file, read by the caller off the loop.
  ///
  /// - Parameters:
  ///   - bytes: the content.
  ///   - type: its media type.
  ///   - headers: further header fields, such as `Cache-Control`.
  /// - Returns: the answer.
  public static func file(
    _ bytes: [UInt8], type: String, headers: [(name: String, value: String)] = []
  ) -> HTTPResponse {
    HTTPResponse(status: 200, headers: [("Content-Type", type)] + headers, body: bytes)
  }

  /// An answer without a body.
  ///
  /// - Parameters:
  ///   - status: the status code, 204 for instance.
  ///   - headers: header fields.
  /// - Returns: the answer.
  public static func empty(
    _ status: Int = 204, headers: [(name: String, value: String)] = []
  ) -> HTTPResponse {
    HTTPResponse(status: status, headers: headers)
  }
}
