import EventLoop

/// Why the server could not start.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
  /// The closed set of causes.
  public enum Code: String, Sendable {
    /// The host is no IP address and not `localhost`.
    case badAddress
    /// Another program listens there.
    case addressInUse
    /// The port or address is not ours to listen on.
    case notPermitted
    /// The system refused for another reason.
    case system
    /// The server was started before.
    case alreadyStarted
  }

  /// The cause.
  public let code: Code
  /// The address, `host:port`.
  public let address: String
  /// The error number of the system, 0 when there is none.
  public let errno: Int32

  /// What failed, where, why, and what helps.
  public var description: String {
    let failed = "cannot listen on \"\(address)\""
    switch code {
    case .badAddress: return "\(failed): the host must be an IP address or localhost; see --host"
    case .addressInUse:
      return "\(failed): address already in use (EADDRINUSE); choose another with --port"
    case .notPermitted:
      return "\(failed): \(errnoText(errno)); choose another port (above 1023) or host"
    case .system: return "\(failed): \(errnoText(errno))"
    case .alreadyStarted: return "\(failed): this server was started before; make a new one"
    }
  }
}
