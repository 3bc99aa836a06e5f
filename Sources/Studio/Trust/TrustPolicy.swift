// Who may ask what: host names (DNS rebinding), origins (cross-site requests), tokens. Pure.

import Core

struct TrustPolicy: Sendable {
  /// The address the server listens on.
  var host: String
  var port: Int
  /// Required from every request but the login page and the health checks; `nil`: none.
  var token: String? { didSet { makeSessions() } }
  /// Goes into the key of the sessions.
  var salt: [UInt8] = [] { didSet { makeSessions() } }
  /// Makes and checks what browsers get for the token.
  private(set) var sessions: SessionKey?
  /// More `Host` values that are ours: names of a reverse proxy, `name` or `name:port`.
  var allowedHosts: [String] = []
  var isReadOnly = false
  /// Whether the server itself speaks TLS.
  var isEncrypted = false

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  private mutating func makeSessions() {
    sessions = token.map { SessionKey(token: $0, salt: salt) }
  }

  /// What the policy looks at.
  struct Request: Sendable {
    var isStateChanging: Bool
    /// Path as it was sent, without the query.
    var path: String
    var host: String?
    var origin: String?
    var fetchSite: String?
    var fetchMode: String?
    var fetchDestination: String?
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

  /// Whether a request may go on.
  ///
  /// - Parameters:
  ///   - request: the request.
  ///   - now: the time, in seconds since 1970.
  /// - Returns: the refusal; `nil` when it may.
  func refusal(_ request: Request, at now: Int = 0) -> RequestError? {
    hostRefusal(request) ?? credentialRefusal(credential(request, at: now))
      ?? originRefusal(request) ?? changeRefusal(request)
  }

  /// A name that is not ours is another site's that was pointed at us (DNS rebinding).
  func hostRefusal(_ request: Request) -> RequestError? {
    if let host = request.host, isOurs(host) { return nil }
    return RequestError(
      status: 403, code: "host-not-allowed",
      message: "Host \"\(request.host ?? "")\" is not a name of this server; start it with "
        + "--allow-host to accept another one")
  }

  /// What another site's page sends is refused, reads as well.
  ///
  /// No page could see an answer without permission (CORS), which is never given; but it could keep
  /// streams open and measure. A link that leads here is fine.
  func originRefusal(_ request: Request) -> RequestError? {
    if let origin = request.origin, let host = request.host, !isSameOrigin(origin, host: host) {
      return RequestError(
        status: 403, code: "origin-not-allowed",
        message: "Requests from \"\(origin)\" are not taken here")
    }
    guard let site = request.fetchSite, site != "same-origin", site != "none" else { return nil }
    let isLink =
      !request.isStateChanging && request.fetchMode == "navigate"
      && request.fetchDestination == "document"
    return isLink
      ? nil
      : RequestError(
        status: 403, code: "origin-not-allowed",
        message: "Requests from other sites are not taken here")
  }

  /// What holds for requests that change something.
  func changeRefusal(_ request: Request) -> RequestError? {
    guard request.isStateChanging else { return nil }
    if isReadOnly, !Self.formPaths.contains(request.path), !Self.isPreview(request.path) {
      return .readOnly
    }
    if request.hasBody, !Self.formPaths.contains(request.path), !Self.isJSON(request.contentType) {
      return RequestError(
        status: 415, code: "unsupported-media-type",
        message: "The body must be sent as Content-Type: application/json")
    }
    return nil
  }

  /// Paths that need no token: the login page with its files, and the health checks.
  static let openPaths: Set<String> = Set(["/login", "/healthz", "/readyz"] + LoginPage.assets)
  /// Paths that a plain form is sent to.
  static let formPaths: Set<String> = ["/login", "/logout"]

  /// Whether a path is that of a preview, `/api/eval/preview` or its twin, which change nothing.
  private static func isPreview(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts == ["", "api", "eval", "preview"]
      || (parts.count == 6 && parts.starts(with: ["", "api", "benchmarks"])
        && parts.suffix(2) == ["eval", "preview"])
  }

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
    return names.contains(authority.host) && (authority.port ?? (isEncrypted ? 443 : 80)) == port
  }

  private func isSameOrigin(_ origin: String, host: String) -> Bool {
    guard let scheme = origin.firstRange(of: "://"), let ours = Authority(host),
      let theirs = Authority(String(origin[scheme.upperBound...]))
    else { return false }
    // Plain HTTP here may be HTTPS at a proxy, but not the other way round.
    let isSecure = origin.hasPrefix("https:")
    guard isSecure || !isEncrypted else { return false }
    let standard = isSecure ? 443 : 80
    return theirs.host == ours.host && (theirs.port ?? standard) == (ours.port ?? standard)
  }

  /// Whether browsers should be told to come back over HTTPS only.
  ///
  /// That holds for every port of a name, so it is said only where the Studio is what `https://name`
  /// leads to, never for an address or this machine.
  func wantsHTTPSOnly(host: String?) -> Bool {
    guard isEncrypted, let authority = host.flatMap(Authority.init) else { return false }
    return (authority.port ?? 443) == 443 && !authority.isAddress && authority.host != "localhost"
      && !authority.host.hasSuffix(".localhost")
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
