public import EventLoop

/// Finds the handler of a request by its method and path.
///
/// Patterns are `/literal/:parameter/*rest`. A parameter takes one segment that is not empty, decoded;
/// the rest takes all further segments joined by `/`, at least one, also an empty one. A literal wins over a parameter
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

  /// Header fields that an answer gets besides, as its request wants them.
  public var headersFor: (@LoopActor (HTTPRequest) -> [(name: String, value: String)])?

  /// Hears of every stream that answers a request.
  public var onStream: (@LoopActor (HTTPRequest, HTTPStream) -> Void)?

  private let root = Node()

  /// Makes a router without routes.
  public init() {}

  /// Adds a route.
  ///
  /// A method and pattern that was added before is replaced.
  ///
  /// - Parameters:
  ///   - method: `GET` also answers `HEAD`; `HEAD` and `OPTIONS` are answered by the router.
  ///   - pattern: the path's pattern.
  ///   - handler: answers on the exchange, now or later.
  public func on(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Handler) {
    precondition(pattern.hasPrefix("/"), "the route \"\(pattern)\" must begin with /")
    var node = root
    var names: [String] = []
    for segment in pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      if segment.hasPrefix(":") || segment.hasPrefix("*") {
        names.append(String(segment.dropFirst()))
      }
      node = node.child(for: segment)
    }
    if node.targets[method] == nil { routes.append((method, pattern)) }
    node.targets[method] = Target(names: names, handler: handler)
  }

  /// Answers a request: the `before` hook, the handler of its route, or an error.
  ///
  /// - Parameter exchange: the request and where the answer goes.
  func handle(_ exchange: HTTPExchange) {
    let request = exchange.request
    if let answer = before?(request) { return exchange.respond(answer) }
    let method = request.method == .head ? .get : request.method
    var values: [String] = []
    if let target = root.find(request.segments[...], method, &values) {
      let parameters =
        values.isEmpty ? [:] : Dictionary(zip(target.names, values)) { _, last in last }
      return target.handler(request, parameters, exchange)
    }
    var allowed: Set<HTTPMethod> = []
    root.collect(request.segments[...], &allowed)
    if allowed.isEmpty {
      if method == .get, let fallback { return fallback(request, [:], exchange) }
      return exchange.respond(.error(404, code: "not-found", message: "Not found"))
    }
    if allowed.contains(.get) { allowed.insert(.head) }
    allowed.insert(.options)
    let allow = HTTPMethod.allCases.filter(allowed.contains).map(\.rawValue).joined(separator: ", ")
    if method == .options { return exchange.respond(.empty(204, headers: [("Allow", allow)])) }
    var answer = HTTPResponse.error(
      405, code: "method-not-allowed",
      message: "\(request.method.rawValue) is not allowed here; allowed: \(allow)")
    answer.headers.append(("Allow", allow))
    exchange.respond(answer)
  }
}

private struct Target {
  let names: [String]
  let handler: Router.Handler
}

/// One segment of the patterns that share a beginning.
@LoopActor
private final class Node {
  var targets: [HTTPMethod: Target] = [:]
  private var literals: [String: Node] = [:]
  private var parameter: Node?
  private var rest: Node?

  func child(for segment: Substring) -> Node {
    if segment.hasPrefix(":") {
      let node = parameter ?? Node()
      parameter = node
      return node
    }
    if segment.hasPrefix("*") {
      let node = rest ?? Node()
      rest = node
      return node
    }
    let node = literals[String(segment)] ?? Node()
    literals[String(segment)] = node
    return node
  }

  /// Depth first, so that a literal without the method does not hide a parameter with it.
  func find(_ segments: ArraySlice<String>, _ method: HTTPMethod, _ values: inout [String])
    -> Target?
  {
    guard let first = segments.first else { return targets[method] }
    if let target = literals[first]?.find(segments.dropFirst(), method, &values) { return target }
    let count = values.count
    if !first.isEmpty, let parameter {
      values.append(first)
      if let target = parameter.find(segments.dropFirst(), method, &values) { return target }
      values.removeSubrange(count...)
    }
    if let target = rest?.targets[method] {
      values.append(segments.joined(separator: "/"))
      return target
    }
    return nil
  }

  func collect(_ segments: ArraySlice<String>, _ allowed: inout Set<HTTPMethod>) {
    guard let first = segments.first else { return allowed.formUnion(targets.keys) }
    literals[first]?.collect(segments.dropFirst(), &allowed)
    if !first.isEmpty { parameter?.collect(segments.dropFirst(), &allowed) }
    if let rest { allowed.formUnion(rest.targets.keys) }
  }
}
