/// A complete request: header and body have been read and have passed the limits.
public struct HTTPRequest: Sendable {
  /// The method.
  ///
  /// A `HEAD` keeps its own name here although it runs the handler of `GET`.
  public var method: HTTPMethod
  /// The request target as sent, without the scheme and authority of an absolute form.
  public var target: String
  /// The path of the target as sent, not decoded.
  public var path: String
  /// The path's segments, each percent-decoded once: a `%2F` inside one is a `/` of its text.
  public var segments: [String]
  /// The query parameters in order, decoded as a form is (`+` is a space).
  ///
  /// Decoded when asked for.
  public var query: [(name: String, value: String)] { HTTPRequest.parseQuery(rawQuery) }
  /// The query as sent, without the `?`; empty when there is none.
  public var rawQuery: String
  /// The header fields in order, with names as sent.
  public var headers: [(name: String, value: String)]
  /// The body, without transfer coding.
  public var body: [UInt8]
  /// The peer's IP address as text.
  public var remoteAddress: String

  /// Makes a request, for tests; nil when the target is not a valid path (see ``segments``).
  ///
  /// - Parameters:
  ///   - method: the method.
  ///   - target: path and query as on the wire.
  ///   - headers: the header fields.
  ///   - body: the body.
  ///   - remoteAddress: the peer's address.
  public init?(
    method: HTTPMethod, target: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = [], remoteAddress: String = "127.0.0.1"
  ) {
    guard let parts = RequestTarget(target) else { return nil }
    self.init(
      method: method, parts: parts, headers: headers, body: body, remoteAddress: remoteAddress)
  }

  init(
    method: HTTPMethod, parts: RequestTarget, headers: [(name: String, value: String)],
    body: [UInt8], remoteAddress: String
  ) {
    self.method = method
    target = parts.target
    path = parts.path
    segments = parts.segments
    rawQuery = parts.query
    self.headers = headers
    self.body = body
    self.remoteAddress = remoteAddress
  }

  /// The value of the first header field of a name, or nil.
  ///
  /// - Parameter name: the field's name in any case.
  /// - Returns: its value.
  public func header(_ name: String) -> String? {
    headers.first { ASCII.equalIgnoringCase($0.name, name) }?.value
  }

  /// The value of the first query parameter of a name, or nil.
  ///
  /// - Parameter name: the parameter's decoded name.
  /// - Returns: its decoded value; empty when it has none.
  public func query(_ name: String) -> String? {
    rawQuery.isEmpty ? nil : query.first { $0.name == name }?.value
  }
}
