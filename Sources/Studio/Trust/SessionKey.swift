// Sessions of browsers: what the cookie holds instead of the token. Pure.

import Core

/// Makes and checks sessions.
///
/// A session says until when it holds and is signed with a key that only who has the token can make
/// (HMAC-SHA-256), so the server keeps nothing, sessions outlive its restart, and a new token ends
/// them all. The token itself cannot be computed from one.
struct SessionKey: Sendable {
  private let key: [UInt8]

  init(token: String) {
    key = SHA256.authenticationCode(
      key: Array(token.utf8), message: Array("agentv studio: key of sessions".utf8))
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

  /// The id of a session.
  ///
  /// - Parameters:
  ///   - session: what a cookie held.
  ///   - now: the time, in seconds since 1970.
  /// - Returns: the id; `nil` when the session is not ours or no longer holds.
  func id(of session: String, at now: Int) -> String? {
    let parts = session.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, session.utf8.count <= Self.maximumBytes,
      TrustPolicy.isEqual(String(parts[2]), signature("\(parts[0]).\(parts[1])")),
      let end = Int(parts[0], radix: 16), now < end
    else { return nil }
    return String(parts[1])
  }

  private static let maximumBytes = 128

  private func signature(_ claim: String) -> String {
    SHA256.authenticationCode(key: key, message: Array(claim.utf8))
      .map { byte in
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
      }.joined()
  }
}
