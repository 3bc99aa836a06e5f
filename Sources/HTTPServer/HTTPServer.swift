import CLibevent
import CShims
public import EventLoop
import Glibc

/// An HTTP/1.1 server on evhttp with a listener, limits and time-outs of its own.
///
/// evhttp parses requests and frames answers; everything it leaves open is closed here: one tracker
/// sees every connection from its accept on, requests are checked and routed on the raw path, and
/// every error is JSON, its own pages included. See `docs/concepts/event-loop.md`.
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
    /// What is shown to clients over TLS; nil for plain HTTP.
    public var tls: TLSIdentity?

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - host: an IP address or `localhost`.
    ///   - port: 0...65535; 0 lets the system choose.
    ///   - limits: the bounds.
    ///   - tls: what is shown to clients over TLS; nil for plain HTTP.
    public init(
      host: String = "127.0.0.1", port: Int = 0, limits: HTTPLimits = HTTPLimits(),
      tls: TLSIdentity? = nil
    ) {
      self.host = host
      self.port = port
      self.limits = limits
      self.tls = tls
    }
  }

  /// Finds the handlers.
  public let router: Router
  /// The port that is listened on; 0 before ``start()``.
  public private(set) var port = 0
  /// Connections at present.
  public private(set) var connectionCount = 0
  /// Streams at present.
  public internal(set) var streamCount = 0
  /// Requests that a handler got so far.
  public internal(set) var requestCount = 0

  let configuration: Configuration
  /// The limits in force, with ``HTTPLimits/connections`` lowered to what descriptors allow.
  package private(set) var limits: HTTPLimits
  /// Counts half seconds while a request is being read.
  var tick = 0
  private(set) var isClosing = false
  /// Connections whose answer goes out at the end of this turn.
  var flushing: [Connection] = []
  private var http: OpaquePointer?
  private var listener: OpaquePointer?
  private var isAccepting = false
  /// The servers that listen; each takes itself out before it goes.
  private static var byListener: [OpaquePointer: Unmanaged<HTTPServer>] = [:]
  private var fresh: [Connection] = []
  private var freshEvent: OpaquePointer?
  private var byDescriptor: [Connection?] = []
  var perAddress: [String: Int] = [:]
  /// Connections that were closed to make room and are still counted.
  var leavingCount = 0
  /// Counts what connections do, so that the ones that have done nothing for long can be found.
  var activity: UInt64 = 0
  /// Bytes of requests that are being read.
  package var unreadBytes = 0
  /// Bytes of answers that connections have not taken yet.
  package var unsentBytes = 0
  var deadlineTimer: LoopTimer?
  private var acceptTimer: LoopTimer?
  private var nextShortageReport = SuspendingClock.now
  private var closed: (@LoopActor () -> Void)?

  /// Makes a server that does not listen yet.
  ///
  /// - Parameters:
  ///   - configuration: where to listen and what to bound.
  ///   - router: finds the handlers.
  public init(configuration: Configuration, router: Router) {
    self.configuration = configuration
    self.router = router
    limits = configuration.limits
  }

  isolated deinit {
    free()
  }

  /// Listens.
  ///
  /// - Throws: ``HTTPServerError``.
  public func start() throws(HTTPServerError) {
    let address = "\(configuration.host):\(configuration.port)"
    guard http == nil else {
      throw HTTPServerError(code: .alreadyStarted, address: address, errno: 0)
    }
    limits.connections = min(limits.connections, Self.connectionsForDescriptors())
    if limits.connections >= Self.sharedConnections {
      limits.connectionsPerAddress = min(
        limits.connectionsPerAddress, limits.connections * 3 / 4)
      limits.streams = min(limits.streams, limits.connections * 3 / 4)
    }
    let (socket, port) = try Self.listen(configuration)
    guard let http = evhttp_new(LoopActor.eventBase) else { Libevent.die("out of memory") }
    self.http = http
    self.port = port
    deadlineTimer = LoopTimer { [weak self] in self?.checkDeadlines() }
    acceptTimer = LoopTimer { [weak self] in self?.resumeAccepting() }
    configure(http)
    guard let bound = evhttp_accept_socket_with_handle(http, socket) else {
      Libevent.die("out of memory")
    }
    listener = evhttp_bound_socket_get_listener(bound)
    isAccepting = true
    if let listener { Self.byListener[listener] = Unmanaged.passUnretained(self) }
    // The callback's context is evhttp's, so the server is found by its listener.
    evconnlistener_set_error_cb(listener) { listener, _ in
      LoopActor.enter(listener) { listener in
        guard let listener else { return }
        HTTPServer.byListener[listener]?.takeUnretainedValue().acceptFailed()
      }
    }
  }

  private func configure(_ http: OpaquePointer) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    freshEvent = event_new(
      LoopActor.eventBase, -1, 0,
      { _, _, context in
        LoopActor.enter(context, ()) { (server: HTTPServer, _) in server.adoptFresh() }
      }, context)
    var idle = timeval(limits.idleTimeout)
    evhttp_set_timeout_tv(http, &idle)
    evhttp_set_max_headers_size(http, limits.headerBytes)
    evhttp_set_max_body_size(http, limits.bodyBytes)
    evhttp_set_allowed_methods(http, .max)  // unknown ones are answered by us, as JSON
    evhttp_set_bevcb(
      http,
      { base, context in
        LoopActor.enter(context, base) { (server: HTTPServer, base) in server.accept(base) }
      }, context)
    evhttp_set_gencb(
      http,
      { request, context in
        guard let request else { return }
        LoopActor.enter(context, request) { (server: HTTPServer, request) in server.handle(request)
        }
      }, context)
  }

  // MARK: Connections

  /// A connection was accepted, and this is what evhttp gets to read and write it with.
  ///
  /// Without one evhttp would make a plain one, which nobody tracks and nothing enciphers.
  private func accept(_ base: OpaquePointer?) -> OpaquePointer {
    let buffer = configuration.tls?.makeBuffer() ?? plainBuffer(base)
    guard let buffer else { Libevent.die("out of memory") }
    accepted(buffer)
    return buffer
  }

  private func plainBuffer(_ base: OpaquePointer?) -> OpaquePointer? {
    configuration.tls == nil ? bufferevent_socket_new(base, -1, 0) : nil
  }

  /// evhttp makes its own object for it only after this; the activated event runs before any of its
  /// I/O and finds that object as the bufferevent's callback argument.
  private func accepted(_ buffer: OpaquePointer) {
    if fresh.isEmpty { event_active(freshEvent, Int32(EV_READ), 0) }
    connectionCount += 1
    fresh.append(
      Connection(server: self, buffer: buffer, isEncrypted: configuration.tls != nil))
    // A few more than the limit are taken, to be told so; then the rest waits in the backlog. Of many
    // that come at once some wait for the next turn, so that those that are here get theirs.
    if connectionCount - leavingCount >= limits.connections + Self.refusedConnections
      || fresh.count >= Self.acceptedPerTurn
    {
      pauseAccepting()
    }
  }

  /// Most connections that are accepted in one turn of the loop: what they ask for first is answered
  /// in a few milliseconds, which is the longest that a flood of them delays the others.
  private static let acceptedPerTurn = 16

  /// With fewer connections than this there is nothing to share out.
  private static let sharedConnections = 64

  /// How many connections over the limit are answered with 503 at a time.
  private static let refusedConnections = 16

  private func adoptFresh() {
    var connections: [Connection] = []
    swap(&connections, &fresh)
    for connection in connections {
      var context: UnsafeMutableRawPointer?
      bufferevent_getcb(connection.buffer, nil, nil, nil, &context)
      guard let context else { Libevent.die("an accepted connection has no owner") }
      let pointer = OpaquePointer(context)
      precondition(evhttp_connection_get_bufferevent(pointer) == connection.buffer)
      adopt(connection, pointer)
    }
    resumeAccepting()
  }

  private func adopt(_ connection: Connection, _ pointer: OpaquePointer) {
    connection.connection = pointer
    connection.descriptor = bufferevent_getfd(connection.buffer)
    evhttp_connection_set_closecb(
      pointer,
      { _, context in
        LoopActor.enter(context, ()) { (connection: Connection, _) in connection.didClose() }
      }, Unmanaged.passUnretained(connection).toOpaque())
    let index = Int(connection.descriptor)
    while byDescriptor.count <= index { byDescriptor.append(nil) }
    byDescriptor[index] = connection

    var text: UnsafeMutablePointer<CChar>?
    var peerPort: UInt16 = 0
    evhttp_connection_get_peer(pointer, &text, &peerPort)
    connection.address = text.map { String(cString: $0) } ?? ""
    perAddress[connection.address, default: 0] += 1
    connection.refusal = refusal(for: connection)
    connection.watch()
    connection.applyTimeouts()
    connection.startReading()
    if isClosing { connection.doom() }
  }

  private func refusal(for connection: Connection) -> HTTPResponse? {
    if connectionCount - leavingCount > limits.connections,
      !makeRoom(for: connection, ofItsAddress: false)
    {
      return .error(
        503, code: "too-many-connections",
        message: "the server has its limit of \(limits.connections) connections; try again later")
    }
    if perAddress[connection.address, default: 0] > limits.connectionsPerAddress,
      !makeRoom(for: connection, ofItsAddress: true)
    {
      return .error(
        429, code: "too-many-connections",
        message: """
          \(connection.address) has its limit of \(limits.connectionsPerAddress) connections; \
          close some of them
          """)
    }
    return nil
  }

  func didClose(_ connection: Connection) {
    let index = Int(connection.descriptor)
    if index >= 0, byDescriptor[index] === connection { byDescriptor[index] = nil }
    connectionCount -= 1
    if connection.isLeaving { leavingCount -= 1 } else { forgetAddress(of: connection) }
    connection.countUnread(0)
    connection.countUnsent(0)
    if connection.stream != nil { streamCount -= 1 }
    resumeAccepting()
    if isClosing, connectionCount == 0 { closed?() }
  }

  func connection(of request: UnsafeMutablePointer<evhttp_request>) -> Connection? {
    guard let pointer = evhttp_request_get_connection(request) else { return nil }
    let descriptor = Int(bufferevent_getfd(evhttp_connection_get_bufferevent(pointer)))
    guard byDescriptor.indices.contains(descriptor) else { return nil }
    return byDescriptor[descriptor]
  }

  /// Every connection that is open.
  var connections: [Connection] { byDescriptor.compactMap(\.self) }

  /// Bytes that clients have sent and no request holds yet.
  package var bufferedInputBytes: Int {
    connections.reduce(0) { $0 + evbuffer_get_length($1.input) }
  }

  // MARK: Accepting

  /// A shortage that lasts is not told ten times a second.
  private static let shortageReportInterval = Duration.seconds(10)

  /// Out of descriptors or memory: trying on at once would spin, so wait a little.
  private func acceptFailed() {
    let cause = errnoText(errno)
    let now = SuspendingClock.now
    if now >= nextShortageReport {
      nextShortageReport = now.advanced(by: Self.shortageReportInterval)
      Libevent.report("cannot accept a connection: \(cause); trying again every 100 ms")
    }
    pauseAccepting()
    acceptTimer?.schedule(after: .milliseconds(100))
  }

  private func pauseAccepting() {
    if isAccepting { evconnlistener_disable(listener) }
    isAccepting = false
  }

  private func resumeAccepting() {
    guard !isAccepting, !isClosing, let listener,
      connectionCount - leavingCount < limits.connections + Self.refusedConnections
    else { return }
    acceptTimer?.cancel()
    isAccepting = true
    evconnlistener_enable(listener)
  }

  // MARK: Closing

  /// Takes no more connections; those that are open go on.
  public func stopAccepting() {
    isClosing = true
    acceptTimer?.cancel()
    pauseAccepting()
  }

  /// Stops listening, closes idle connections at once and the others when they have been answered, at
  /// the latest after a time.
  ///
  /// - Parameter grace: the longest time to wait for answers and streams.
  public func close(after grace: Duration) async {
    guard http != nil else { return }
    stopAccepting()
    for connection in connections where connection.state == .idle || connection.state == .reading {
      connection.doom()
    }
    if connectionCount > 0 {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let timer = LoopTimer { [unowned self] in
          for connection in self.connections { connection.doom() }
        }
        timer.schedule(after: grace)
        closed = { [unowned self] in
          self.closed = nil
          timer.cancel()
          continuation.resume()
        }
      }
    }
    free()
  }

  private func free() {
    if let listener { Self.byListener[listener] = nil }
    for connection in connections { connection.abandon() }
    byDescriptor = []
    if let http { evhttp_free(http) }  // closes the listener and what is still open
    if let freshEvent { event_free(freshEvent) }
    http = nil
    freshEvent = nil
    listener = nil
    deadlineTimer = nil
    acceptTimer = nil
  }
}
