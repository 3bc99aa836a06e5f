// The policy with what it has to remember: failed attempts, sessions that were ended, and the streams
// that are open by one.

import Core
import EventLoop
import HTTPServer
import JobStore

/// Lets requests in or not.
@LoopActor
final class Gate {
  private(set) var policy: TrustPolicy
  private(set) var throttle = LoginThrottle()
  /// Ids of sessions that were logged out.
  private var ended: Set<String> = []
  /// Open streams by the session that they were asked for with.
  private var streams: [String: [OpenStream]] = [:]
  /// Where ended sessions are kept for the next server.
  private let journal: Journal?
  private let start = ContinuousClock.now

  private struct OpenStream {
    weak var stream: HTTPStream?
  }

  /// Makes a gate.
  ///
  /// - Parameters:
  ///   - policy: who may ask what.
  ///   - records: what is remembered of sessions.
  ///   - journal: where that is kept.
  init(
    _ policy: TrustPolicy, _ records: SessionRecords = SessionRecords(), _ journal: Journal? = nil
  ) {
    self.policy = policy
    self.journal = journal
    self.policy.salt = records.salt
    ended = records.ended
  }

  /// Most sessions that are remembered as logged out; one more ends all that there are.
  static let endedSessions = 10_000

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
    case .session(let session):
      let isOpen = TrustPolicy.openPaths.contains(asked.path)
      return ended.contains(session.id) && !isOpen ? .unauthorized : nil
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

  /// Ends the session of a request and the streams that were opened with it.
  ///
  /// - Parameters:
  ///   - request: the request.
  ///   - done: called when a later server will know of it, or when it cannot be written now.
  func logout(_ request: HTTPRequest, _ done: @escaping @LoopActor () -> Void) {
    guard let session = session(of: request) else { return done() }
    let change: SessionChange
    if ended.count < Self.endedSessions {
      ended.insert(session.id)
      cutOff(streams.removeValue(forKey: session.id))
      change = .ended(id: session.id, holdsUntil: session.holdsUntil)
    } else {
      // Forgetting one would let it hold again.
      ended = []
      policy.salt = SessionRecords.newSalt()
      for open in streams.values { cutOff(open) }
      streams = [:]
      change = .endedAll(salt: policy.salt)
    }
    guard let journal else { return done() }
    journal.put(change, done)
  }

  private func cutOff(_ open: [OpenStream]?) {
    for each in open ?? [] { each.stream?.cutOff() }
  }

  /// Remembers a stream that a request has opened, so that it ends with the session.
  func opened(_ stream: HTTPStream, by request: HTTPRequest) {
    guard let id = session(of: request)?.id else { return }
    var open = streams[id, default: []]
    // Those that have gone are taken out when there may be as many of them as others.
    if open.count >= 8, open.count.nonzeroBitCount == 1 { open.removeAll { $0.stream == nil } }
    open.append(OpenStream(stream: stream))
    streams[id] = open
  }

  /// Whether a request comes from a browser that is logged in.
  func isLoggedIn(_ request: HTTPRequest) -> Bool { session(of: request) != nil }

  private func session(of request: HTTPRequest) -> SessionKey.Session? {
    let credential = policy.credential(TrustPolicy.Request(request), at: Self.seconds())
    guard case .session(let session) = credential, !ended.contains(session.id) else { return nil }
    return session
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

  static func seconds() -> Int { Timestamp.now().millisecondsSinceEpoch / 1000 }
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
