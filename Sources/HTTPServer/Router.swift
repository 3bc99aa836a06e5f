public import EventLoop

/// Finds the handler of a request by its method and path.
///
/// Patterns are `/literal/:parameter/*rest`. A parameter takes one segment that is not empty, decoded;
/// the rest takes all further segments joined by `/`, at least one. A literal wins over a parameter
/// and that over the rest.
@LoopActor
public final class Router {
  /// Handles one request, with the path's parameters by name.
  public typealias Handler = @LoopActor (HTTPRequest, [String: String], HTTPExchange) -> Void

  /// Every route, in the order in which they were added.
  public private(set) var routes: [(method: HTTPMethod, pattern: String)] = []

  /// Looks at every request before it is routed; an answer of it ends the request.
  public var before: (@LoopActor (HTTPRequest) -> HTTPResponse?)?

  /// Handles a `GET` or `HEAD` that no route matches; without it the answer is 404.
  public var fallback: Handler?

  /// Header fields that every answer gets unless it has its own, for instance security headers.
  public var commonHeaders: [(name: String, value: String)] = []

  /// Makes a router without routes.
  public init() {}

  /// Adds a route. A method and pattern that was added before is replaced.
  ///
  /// - Parameters:
  ///   - method: `GET` also answers `HEAD`; do not add `HEAD` or `OPTIONS`.
  ///   - pattern: the path's pattern.
  ///   - handler: answers on the exchange, now or later.
  public func on(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Handler) {
    routes.append((method, pattern))
  }
}
