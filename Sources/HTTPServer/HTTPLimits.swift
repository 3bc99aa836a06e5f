/// The bounds that keep one client from harming the others.
///
/// All can be seen in `docs/reference/limits.md`.
public struct HTTPLimits: Sendable {
  /// Longest request target in bytes; longer ones get 414.
  public var targetBytes = 8 * 1024
  /// Largest request header in bytes, request line included; larger ones get 431.
  public var headerBytes = 32 * 1024
  /// Most header fields; more get 431.
  public var headerFields = 100
  /// Largest request body in bytes; larger ones get 413.
  public var bodyBytes = 4 * 1024 * 1024
  /// Time from accepting a connection, or from the first byte of a later request, to the end of its
  /// header and body.
  ///
  /// A client that sends a byte now and then does not get longer (slow loris).
  public var requestDeadline: Duration = .seconds(20)
  /// Time that a connection may be idle between two requests.
  public var idleTimeout: Duration = .seconds(75)
  /// Time that a peer may take nothing of what is sent to it, streams included.
  public var writeTimeout: Duration = .seconds(20)
  /// Most connections at once; one more takes the place of an idle one, and gets 503 when none is.
  ///
  /// Lowered at start to what descriptors allow.
  public var connections = 16384
  /// Most connections from one address; one more takes the place of an idle one of it, and gets 429
  /// when none is.
  ///
  /// Lowered at start to three quarters of all connections, so that no address has them all.
  public var connectionsPerAddress = 12288
  /// Most streams at once; one more gets 503.
  ///
  /// Lowered at start to three quarters of all connections, so that requests always find one.
  public var streams = 12288
  /// Bytes of all large requests that are being read together; beyond it the largest is cut off.
  public var unreadBytes = 64 * 1024 * 1024
  /// Bytes of all answers that wait for their clients together; beyond it the one that has waited
  /// longest is cut off.
  public var unsentBytes = 128 * 1024 * 1024
  /// Kernel send buffer of a connection in bytes (SO_SNDBUF), bounds what a slow reader costs.
  public var sendBufferBytes = 128 * 1024

  /// Most bytes of one request on the wire, what its chunks cost included; more get 413.
  var wireBytes: Int { headerBytes + 2 * bodyBytes + 16 * 1024 }

  /// Makes the default limits.
  public init() {}
}
