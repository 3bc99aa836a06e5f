public import EventLoop

/// An HTTP/1.1 server on evhttp.
@LoopActor
public final class HTTPServer {
  /// Where to listen and what to bound.
  public struct Configuration: Sendable {
    /// An IP address or `localhost`.
    public var host: String
    /// The port; 0 lets the system choose.
    public var port: Int
    /// The bounds.
    public var limits: HTTPLimits

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - host: an IP address or `localhost`.
    ///   - port: 0...65535; 0 lets the system choose.
    ///   - limits: the bounds.
    public init(host: String = "127.0.0.1", port: Int = 0, limits: HTTPLimits = HTTPLimits()) {
      self.host = host
      self.port = port
      self.limits = limits
    }
  }

  /// Finds the handlers.
  public let router: Router

  /// The port that is listened on; 0 before ``start()``.
  public private(set) var port = 0
  /// Connections at present.
  public var connectionCount: Int { 0 }
  /// Streams at present.
  public var streamCount: Int { 0 }

  /// Makes a server that does not listen yet.
  ///
  /// - Parameters:
  ///   - configuration: where to listen and what to bound.
  ///   - router: finds the handlers.
  public init(configuration: Configuration, router: Router) {
    self.router = router
  }

  /// Listens.
  ///
  /// - Throws: ``HTTPServerError``.
  public func start() throws(HTTPServerError) {}

  /// Takes no more connections; those that are open go on.
  public func stopAccepting() {}

  /// Stops listening, closes idle connections at once and the others when they have been answered, at
  /// the latest after a time.
  ///
  /// - Parameter grace: the longest time to wait for answers and streams.
  public func close(after grace: Duration) async {}
}
