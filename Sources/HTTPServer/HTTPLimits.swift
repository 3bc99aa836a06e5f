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
  /// Most connections at once; one more gets 503.
  ///
  /// Lowered at start to what descriptors allow.
  public var connections = 8192
  /// Most connections from one address; one more gets 429.
  public var connectionsPerAddress = 4096
  /// Most streams at once; one more gets 503.
  public var streams = 8192
  /// Kernel send buffer of a connection in bytes (SO_SNDBUF), bounds what a slow reader costs.
  public var sendBufferBytes = 128 * 1024

  /// Makes the default limits.
  public init() {}
}
