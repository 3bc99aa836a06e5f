// Why there is no answer.

import CCurl

/// Why a request has no answer, or only part of one.
///
/// Statuses of the server's, 4xx and 5xx, are answers and no errors.
public struct HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The closed set of causes.
  public enum Code: String, Sendable, Hashable {
    /// The task was cancelled; the connection is closed.
    case cancelled
    /// libcurl is not installed.
    case libraryMissing = "library-missing"
    /// The URL, a header field or a file named by the environment makes no sense.
    case badRequest = "bad-request"
    /// The host's name is not known.
    case unresolved
    /// Nobody accepts the connection.
    case unreachable
    /// It took longer than one of the time limits.
    case timedOut = "timed-out"
    /// The server's certificate is not trusted, or no encryption was agreed on.
    case untrusted
    /// The proxy cannot be used.
    case proxy
    /// The connection broke before the answer was complete.
    case broken
    /// The answer is not HTTP.
    case garbage
    /// The answer is larger than the limit.
    case tooLarge = "too-large"
    /// Memory or descriptors are used up.
    case system
  }

  /// The cause.
  public let code: Code
  /// The server: scheme, host and port; never a user, a password or a query.
  public let server: String
  /// What was observed, with the limit if there is one, and what helps.
  public let reason: String

  /// An error.
  public init(_ code: Code, server: String, _ reason: String) {
    self.code = code
    self.server = server
    self.reason = reason
  }

  /// What failed, why, and what helps.
  public var description: String {
    switch code {
    case .cancelled: "the request to \(server) was cancelled"
    case .libraryMissing: reason
    case .badRequest: "cannot send a request to \(server): \(reason)"
    case .unresolved, .unreachable, .untrusted, .proxy, .system:
      "cannot connect to \(server): \(reason)"
    case .timedOut: "\(server) took too long: \(reason)"
    case .broken: "the connection to \(server) broke: \(reason)"
    case .garbage: "\(server) gave no valid HTTP answer: \(reason)"
    case .tooLarge: "the answer of \(server) is too large: \(reason)"
    }
  }
}

extension HTTPClientError {
  /// The error for how libcurl says a transfer ended.
  init(_ failure: agentv_curl_failure, _ text: String, _ request: HTTPClientRequest) {
    let limit = request.timeouts.connect
    let (code, remedy): (Code, String) =
      switch failure {
      case AGENTV_CURL_RESOLVE: (.unresolved, "; check the host's name")
      case AGENTV_CURL_CONNECT: (.unreachable, "")
      case AGENTV_CURL_TIMEOUT: (.timedOut, " (connecting may take \(limit.milliseconds) ms)")
      case AGENTV_CURL_TLS:
        (
          .untrusted,
          "; for a certificate authority of your own set SSL_CERT_FILE to a file with its "
            + "certificate"
        )
      case AGENTV_CURL_CA_FILE:
        (.badRequest, "; check SSL_CERT_FILE and CURL_CA_BUNDLE, or install ca-certificates")
      case AGENTV_CURL_PROXY: (.proxy, "; check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY")
      case AGENTV_CURL_BROKEN: (.broken, "")
      case AGENTV_CURL_GARBAGE: (.garbage, "")
      case AGENTV_CURL_URL: (.badRequest, "")
      default: (.system, "")
      }
    self.init(code, server: request.server, text + remedy)
  }
}

extension Duration {
  /// The whole milliseconds.
  var milliseconds: Int {
    Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
