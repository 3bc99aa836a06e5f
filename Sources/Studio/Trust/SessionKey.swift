// Sessions of browsers: what the cookie holds instead of the token. Pure.

import Core

/// Makes and checks sessions.
///
/// A session says until when it holds and is signed with a key that only who has the token can make
/// (HMAC-SHA-256), so the server keeps only those that were ended before their time, and a new token
/// ends them all. The token itself cannot be computed from one. The key has the salt of the journal in
/// it, where the ended ones are kept: without that list no session holds.
struct SessionKey: Sendable {
  private let key: [UInt8]

  init(token: String, salt: [UInt8] = []) {
    key = SHA256.authenticationCode(
      key: Array(token.utf8), message: Array("agentv studio: key of sessions".utf8) + salt)
  }

  /// A session that holds.
  struct Session: Sendable, Hashable {
    /// Tells it from others.
    var id: String
    /// Until when it holds, in seconds since 1970.
    var holdsUntil: Int
  }

  /// How long a session holds, in seconds: 30 days.
  static let lifetime = 30 * 24 * 3600

  /// A new session.
  ///
  /// - Parameters:
  ///   - now: the time, in seconds since 1970.
  ///   - id: tells it from others.
  /// - Returns: characters that a cookie may hold (RFC 6265 §4.1.1).
  func make(at now: Int, id: UInt64 = .random(in: .min ... .max)) -> String {
    let claim = "\(String(now + Self.lifetime, radix: 16)).\(String(id, radix: 16))"
    return "\(claim).\(signature(claim))"
  }

  /// A session by what a cookie held.
  ///
  /// - Parameters:
  ///   - session: what a cookie held.
  ///   - now: the time, in seconds since 1970.
  /// - Returns: the session; `nil` when it is not ours or no longer holds.
  func read(_ session: String, at now: Int) -> Session? {
    let parts = session.split(separator: ".", omittingEmptySubsequences: false)
    guard Self.isPossible(session), parts.count == 3, let end = Int(parts[0], radix: 16), now < end,
      TrustPolicy.isEqual(String(parts[2]), signature("\(parts[0]).\(parts[1])"))
    else { return nil }
    return Session(id: String(parts[1]), holdsUntil: end)
  }

  /// Whether text could be a session, at a glance.
  static func isPossible(_ text: some StringProtocol) -> Bool {
    (signatureCharacters + 4...maximumBytes).contains(text.utf8.count)
  }

  private static let maximumBytes = 128
  private static let signatureCharacters = 64

  private func signature(_ claim: String) -> String {
    SHA256.authenticationCode(key: key, message: Array(claim.utf8))
      .map { byte in
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
      }.joined()
  }
}
