// What is sent, and the limits of one exchange.

/// One field of a header.
public struct HTTPClientField: Sendable, Hashable {
  /// Its name; letters in any case.
  public var name: String
  /// Its value.
  public var value: String

  /// A field.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// Limits that hold when a request names none.
public enum HTTPClientLimits {
  /// Largest body of an answer, in bytes.
  public static let responseBytes = 64 << 20
  /// Largest header of an answer, in bytes, with those of redirections.
  public static let headerBytes = 256 << 10
  /// Connections kept open for the next request.
  public static let keptConnections = 64
}

/// How long the parts of an exchange may take.
public struct HTTPClientTimeouts: Sendable, Hashable {
  /// Looking up the name, connecting and TLS; 30 s by default.
  public var connect: Duration
  /// Without a byte in either direction; 10 min by default, as models think in silence.
  ///
  /// The end is noticed within a quarter of it.
  public var idle: Duration
  /// The whole exchange; `nil`, the default, for no limit.
  public var total: Duration?

  /// Time limits.
  public init(
    connect: Duration = .seconds(30), idle: Duration = .seconds(600), total: Duration? = nil
  ) {
    self.connect = connect
    self.idle = idle
    self.total = total
  }
}

/// One request.
public struct HTTPClientRequest: Sendable {
  /// Its method, such as `POST`.
  public var method: String
  /// Where to, with `http` or `https`.
  public var url: String
  /// Header fields; their values never appear in an error.
  public var headers: [HTTPClientField]
  /// Its body, if it has one.
  public var body: [UInt8]?
  /// Time limits.
  public var timeouts: HTTPClientTimeouts
  /// Largest body of the answer, in bytes.
  public var responseLimitBytes = HTTPClientLimits.responseBytes
  /// Redirections that are followed, 0 or more; only for requests without secrets, because all
  /// header fields go to wherever the server points.
  public var redirects = 0
  /// Proxies and certificate authorities.
  public var network: HTTPClientNetwork

  /// A request.
  public init(
    _ method: String, _ url: String, headers: [HTTPClientField] = [], body: [UInt8]? = nil,
    timeouts: HTTPClientTimeouts = HTTPClientTimeouts(),
    network: HTTPClientNetwork = .process
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeouts = timeouts
    self.network = network
  }
}

extension HTTPClientRequest {
  /// Scheme, host and port of the URL, for messages: no user, no password, no query.
  var server: String {
    guard let start = url.firstRange(of: "://")?.upperBound else { return "\"\(url.prefix(100))\"" }
    let authority = url[start...].prefix { !"/?#".contains($0) }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    return String(url[..<start] + host)
  }

  /// Refuses what libcurl would send in another meaning than it has here.
  func check() throws(HTTPClientError) {
    func refused(_ reason: String) -> HTTPClientError {
      HTTPClientError(.badRequest, server: server, reason)
    }
    let scheme = url.prefix { $0 != ":" }.lowercased()
    guard scheme == "http" || scheme == "https", url.dropFirst(scheme.count).hasPrefix("://") else {
      throw refused("a URL must begin with http:// or https://")
    }
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw refused("the URL holds a space or a control character")
    }
    guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
      throw refused("the method \"\(method)\" is not in capital letters")
    }
    for field in headers {
      // RFC 9110 §5.5: a line break or NUL in a value would begin another field.
      guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        throw refused("the value of \(field.name) holds a line break or another control character")
      }
      guard !field.name.isEmpty,
        field.name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A })
      else { throw refused("\"\(field.name)\" is no name of a header field") }
    }
  }
}

/// Status and header of an answer.
public struct HTTPClientHead: Sendable, Hashable {
  /// The status code, 200…599.
  public var status: Int
  /// The fields in their order.
  public var headers: [HTTPClientField]

  /// The value of a field, the first of several; `nil` when there is none.
  public func header(_ name: String) -> String? {
    let name = name.lowercased()
    return headers.first { $0.name.lowercased() == name }?.value
  }
}

/// A whole answer.
public struct HTTPClientResponse: Sendable, Hashable {
  /// Status and header.
  public var head: HTTPClientHead
  /// The body, without transfer coding.
  public var body: [UInt8]

  /// The status code.
  public var status: Int { head.status }
}
