// What a request shows of the token: itself in a header, or a session in a cookie. Pure.

import Core

extension TrustPolicy {
  /// What a request shows.
  enum Credential: Equatable {
    /// Nothing, and nothing is needed.
    case notNeeded
    /// A session that was given for the token.
    case session(SessionKey.Session)
    /// The token in the header, right or wrong.
    case token(isRight: Bool)
    /// Nothing that counts.
    case none
  }

  /// What a request shows of the token.
  ///
  /// - Parameters:
  ///   - request: the request.
  ///   - now: the time, in seconds since 1970.
  /// - Returns: what counts of it.
  func credential(_ request: Request, at now: Int) -> Credential {
    guard let token, let sessions else { return .notNeeded }
    if let session = session(of: request, sessions, at: now) { return .session(session) }
    if Self.openPaths.contains(request.path) { return .notNeeded }
    if let header = request.authorization {
      let parts = header.split(separator: " ", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == "bearer" {
        return .token(isRight: Self.isEqual(trim(parts[1]), token))
      }
    }
    return .none
  }

  func credentialRefusal(_ credential: Credential) -> RequestError? {
    switch credential {
    case .notNeeded, .session, .token(isRight: true): nil
    case .none, .token(isRight: false): .unauthorized
    }
  }

  /// The session that a `Cookie` header holds; `nil` when there is none that holds.
  private func session(
    of request: Request, _ sessions: SessionKey, at now: Int
  ) -> SessionKey.Session? {
    guard let cookies = request.cookie else { return nil }
    let name = Self.cookieName(host: request.host)
    var looks = 0
    for pair in cookies.split(separator: ";") {
      let parts = pair.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, trim(parts[0]) == name else { continue }
      let value = trim(parts[1])
      guard SessionKey.isPossible(value) else { continue }
      if let session = sessions.read(value, at: now) { return session }
      // A signature costs something to check, and a header has room for hundreds.
      looks += 1
      if looks == Self.maximumSessions { break }
    }
    return nil
  }

  /// Cookies of a request that are looked at; a browser sends one.
  private static let maximumSessions = 4

  /// Name of the cookie that carries the session of a browser.
  ///
  /// Browsers send a cookie to every port of a host (RFC 6265 §8.5), so the port that they see is in
  /// its name: several Studios of one machine leave each other's alone.
  /// - Parameter host: the `Host` header.
  /// - Returns: the name.
  static func cookieName(host: String?) -> String {
    let parts = (host ?? "").split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 1, let port = parts.last.flatMap({ UInt16($0) }) else {
      return "agentv_studio"
    }
    return "agentv_studio_\(port)"
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
}
