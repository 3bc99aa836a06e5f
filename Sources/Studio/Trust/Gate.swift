// The policy with what it has to remember: failed attempts and sessions that were ended.

import Core
import EventLoop
import HTTPServer

/// Lets requests in or not.
@LoopActor
final class Gate {
  let policy: TrustPolicy
  private(set) var throttle = LoginThrottle()
  /// Ids of sessions that were logged out, oldest first.
  private var ended: [String] = []
  private let start = ContinuousClock.now

  init(_ policy: TrustPolicy) { self.policy = policy }

  /// Most sessions that are known as logged out; the oldest would be forgotten, and hold on until
  /// it ends by itself.
  static let endedSessions = 1000

  /// The refusal of a request; `nil` when it may go on.
  func refusal(_ request: HTTPRequest) -> RequestError? {
    let asked = TrustPolicy.Request(request)
    return policy.hostRefusal(asked) ?? credentialRefusal(request, asked)
      ?? policy.originRefusal(asked) ?? policy.changeRefusal(asked)
  }

  private func credentialRefusal(_ request: HTTPRequest, _ asked: TrustPolicy.Request)
    -> RequestError?
  {
    switch policy.credential(asked, at: Self.seconds()) {
    case .notNeeded: return nil
    case .session(let id):
      let isOpen = TrustPolicy.openPaths.contains(asked.path)
      return ended.contains(id) && !isOpen ? .unauthorized : nil
    case .none: return .unauthorized
    case .token(let isRight): return refusal(of: isRight, from: request)
    }
  }

  /// Counts an attempt with a token, which is not looked at after too many wrong ones.
  private func refusal(of isRight: Bool, from request: HTTPRequest) -> RequestError? {
    let now = start.duration(to: .now) / .seconds(1)
    let address = LoginThrottle.origin(
      peer: request.remoteAddress, forwardedFor: request.header("x-forwarded-for"))
    if let seconds = throttle.wait(for: address, at: now) {
      return .tooManyAttempts(retryAfter: seconds)
    }
    if isRight {
      throttle.succeeded(address, at: now)
      return nil
    }
    throttle.failed(address, at: now)
    return .unauthorized
  }

  // MARK: - Login

  /// A new session for the token that a form gave.
  ///
  /// - Throws: `RequestError` when it is wrong, or came after too many wrong ones.
  func login(_ given: String?, _ request: HTTPRequest) throws(RequestError) -> String {
    guard let token = policy.token, let sessions = policy.sessions else { throw .unauthorized }
    let isRight = TrustPolicy.isEqual(given ?? "", token)
    if let refusal = refusal(of: isRight, from: request) { throw refusal }
    return sessions.make(at: Self.seconds())
  }

  /// Ends the session of a request.
  func logout(_ request: HTTPRequest) {
    guard let id = session(of: request) else { return }
    ended.append(id)
    if ended.count > Self.endedSessions { ended.removeFirst() }
  }

  /// Whether a request comes from a browser that is logged in.
  func isLoggedIn(_ request: HTTPRequest) -> Bool { session(of: request) != nil }

  private func session(of request: HTTPRequest) -> String? {
    let credential = policy.credential(TrustPolicy.Request(request), at: Self.seconds())
    guard case .session(let id) = credential, !ended.contains(id) else { return nil }
    return id
  }

  /// Whether the browser reached us over TLS, ours or that of a proxy.
  func isEncrypted(_ request: HTTPRequest) -> Bool {
    policy.isEncrypted || request.header("x-forwarded-proto") == "https"
  }

  /// Header fields that depend on the request.
  func headers(for request: HTTPRequest) -> [(name: String, value: String)] {
    policy.wantsHTTPSOnly(host: request.header("host"))
      ? [("Strict-Transport-Security", "max-age=31536000")] : []
  }

  private static func seconds() -> Int { Timestamp.now().millisecondsSinceEpoch / 1000 }
}

extension TrustPolicy.Request {
  init(_ request: HTTPRequest) {
    self.init(
      isStateChanging: ![.get, .head, .options].contains(request.method), path: request.path,
      host: request.header("host"), origin: request.header("origin"),
      fetchSite: request.header("sec-fetch-site"), fetchMode: request.header("sec-fetch-mode"),
      fetchDestination: request.header("sec-fetch-dest"),
      contentType: request.header("content-type"), hasBody: !request.body.isEmpty,
      authorization: request.header("authorization"), cookie: request.header("cookie"))
  }
}
