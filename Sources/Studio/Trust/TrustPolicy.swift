// Who may ask what: host names (DNS rebinding), origins (cross-site requests), tokens. Pure.

import Core

struct TrustPolicy: Sendable {
  /// The address the server listens on.
  var host: String
  var port: Int
  /// Required from every request but the login page and the health checks; `nil`: none.
  var token: String?
  /// More `Host` values that are ours: names of a reverse proxy, `name` or `name:port`.
  var allowedHosts: [String] = []
  var isReadOnly = false

  /// Name of the cookie that carries the token of a browser.
  static let cookieName = "agentv_studio"

  /// What the policy looks at.
  struct Request: Sendable {
    var isStateChanging: Bool
    /// Path as it was sent, without the query.
    var path: String
    var host: String?
    var origin: String?
    var fetchSite: String?
    var contentType: String?
    var hasBody: Bool
    var authorization: String?
    var cookie: String?
  }

  /// Whether an address is reached from this machine only.
  static func isLoopback(_ host: String) -> Bool {
    let host = host.lowercased()
    return host == "localhost" || host == "::1" || host == "[::1]"
      || (host.hasPrefix("127.") && isIPv4(host))
  }

  /// The reason why the server must not listen on an address; `nil` when it may.
  static func refusalToListen(host: String, token: String?, insecure: Bool) -> String? {
    guard !isLoopback(host), token == nil, !insecure else { return nil }
    return "listening on \"\(host)\" lets other machines start processes here; give --token "
      + "(or AGENTV_STUDIO_TOKEN), or --insecure-no-auth where the network itself is trusted"
  }

  /// The refusal of a request; `nil` when it may go on.
  func refusal(_ request: Request) -> RequestError? {
    guard let host = request.host, isOurs(host) else {
      return RequestError(
        status: 403, code: "host-not-allowed",
        message: "Host \"\(request.host ?? "")\" is not a name of this server; start it with "
          + "--allow-host to accept another one")
    }
    let isOpen = Self.openPaths.contains(request.path)
    if let token, !isOpen, !isAuthorized(request, token: token) {
      return RequestError(
        status: 401, code: "unauthorized",
        message: "A token is required: open /login, or send Authorization: Bearer")
    }
    guard request.isStateChanging else { return nil }
    if isReadOnly, request.path != "/login", !request.path.hasSuffix("/eval/preview") {
      return .readOnly
    }
    if let origin = request.origin, !isSameOrigin(origin, host: host) {
      return RequestError(
        status: 403, code: "origin-not-allowed",
        message: "Requests from \"\(origin)\" may not change anything here")
    }
    if let site = request.fetchSite, site != "same-origin", site != "none" {
      return RequestError(
        status: 403, code: "origin-not-allowed",
        message: "Requests from other sites may not change anything here")
    }
    if request.hasBody, request.path != "/login", !Self.isJSON(request.contentType) {
      return RequestError(
        status: 415, code: "unsupported-media-type",
        message: "The body must be sent as Content-Type: application/json")
    }
    return nil
  }

  /// Paths that need no token.
  static let openPaths: Set<String> = ["/login", "/healthz", "/readyz"]

  /// Whether a `Host` header names this server.
  func isOurs(_ header: String) -> Bool {
    guard let authority = Authority(header) else { return false }
    for allowed in allowedHosts.compactMap(Authority.init) where allowed.host == authority.host {
      if allowed.port == nil || allowed.port == authority.port { return true }
    }
    if Self.isWildcard(host) {
      // A published port may differ from ours, and the names of this machine are not known; an
      // address cannot be rebound, and with a token a rebound name gains nothing.
      return token != nil || authority.isAddress || authority.host == "localhost"
    }
    let names: Set = ["localhost", "127.0.0.1", "::1", Self.unbracketed(host).lowercased()]
    return names.contains(authority.host) && (authority.port ?? 80) == port
  }

  private func isSameOrigin(_ origin: String, host: String) -> Bool {
    guard let scheme = origin.firstRange(of: "://"), let ours = Authority(host),
      let theirs = Authority(String(origin[scheme.upperBound...]))
    else { return false }
    let standard = origin.hasPrefix("https:") ? 443 : 80
    return theirs.host == ours.host && (theirs.port ?? standard) == (ours.port ?? standard)
  }

  private func isAuthorized(_ request: Request, token: String) -> Bool {
    if let header = request.authorization {
      let parts = header.split(separator: " ", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == "bearer",
        Self.isEqual(trim(parts[1]), token)
      {
        return true
      }
    }
    guard let cookie = request.cookie else { return false }
    return cookie.split(separator: ";").contains { pair in
      let parts = pair.split(separator: "=", maxSplits: 1)
      return parts.count == 2 && trim(parts[0]) == Self.cookieName
        && Self.isEqual(trim(parts[1]), Self.cookieValue(token))
    }
  }

  /// The token in characters that a cookie may hold (RFC 6265 §4.1.1).
  static func cookieValue(_ token: String) -> String {
    let digits = Array("0123456789abcdef")
    return String(token.utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// Compares in a time that depends on the given text's length only.
  static func isEqual(_ given: String, _ secret: String) -> Bool {
    let given = Array(given.utf8)
    let secret = Array(secret.utf8)
    guard !secret.isEmpty else { return false }
    var difference = given.count ^ secret.count
    for (index, byte) in given.enumerated() {
      difference |= Int(byte ^ secret[index % secret.count])
    }
    return difference == 0
  }

  static func isJSON(_ contentType: String?) -> Bool {
    guard let type = contentType?.split(separator: ";").first else { return false }
    return trim(type).lowercased() == "application/json"
  }

  private static func isWildcard(_ host: String) -> Bool {
    ["0.0.0.0", "::", "[::]", ""].contains(host)
  }

  fileprivate static func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }

  private static func unbracketed(_ host: String) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }
}

/// Host and port of a `Host` header (RFC 9110 §7.2).
private struct Authority {
  var host: String
  var port: Int?
  var isAddress: Bool

  init?(_ text: String) {
    let text = text.lowercased()
    guard !text.isEmpty, !text.contains(where: { "/@?# \t,".contains($0) }) else { return nil }
    if text.hasPrefix("[") {
      guard let close = text.firstIndex(of: "]") else { return nil }
      host = String(text[text.index(after: text.startIndex)..<close])
      isAddress = true
      let rest = text[text.index(after: close)...]
      if rest.isEmpty { return }
      guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()) else { return nil }
      port = Int(number)
    } else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2, !parts[0].isEmpty else { return nil }
      host = String(parts[0])
      isAddress = TrustPolicy.isIPv4(host)
      if parts.count == 2 {
        guard let number = UInt16(parts[1]) else { return nil }
        port = Int(number)
      }
    }
  }
}
