// What a request shows of the token: itself in a header, or a session in a cookie. Pure.

import Core

extension TrustPolicy {
  /// What a request shows.
  enum Credential: Equatable {
    /// Nothing, and nothing is needed.
    case notNeeded
    /// A session that was given for the token, and its id.
    case session(String)
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
    if let id = session(in: request.cookie, sessions, at: now) { return .session(id) }
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

  /// The id of a session that a `Cookie` header holds; `nil` when there is none that holds.
  private func session(in cookies: String?, _ sessions: SessionKey, at now: Int) -> String? {
    guard let cookies else { return nil }
    for pair in cookies.split(separator: ";") {
      let parts = pair.split(separator: "=", maxSplits: 1)
      if parts.count == 2, trim(parts[0]) == Self.cookieName,
        let id = sessions.id(of: trim(parts[1]), at: now)
      {
        return id
      }
    }
    return nil
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
