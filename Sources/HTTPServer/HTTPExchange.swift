public import EventLoop

/// One request on its way to one answer, now or later.
///
/// Exactly one of ``respond(_:)`` and ``openStream(status:headers:)`` is called. When the client goes
/// before that, ``onClientGone`` runs and an answer is thrown away.
@LoopActor
public final class HTTPExchange {
  /// The request.
  public let request: HTTPRequest

  init(request: HTTPRequest) { self.request = request }

  /// Runs once when the client has gone before it was answered.
  public var onClientGone: (@LoopActor () -> Void)?

  /// Whether an answer can still be given.
  public var isPending: Bool { false }

  /// Answers. Does nothing when the client has gone or an answer was given before.
  ///
  /// - Parameter response: the answer.
  public func respond(_ response: HTTPResponse) {}

  /// Answers with a body that is written over time.
  ///
  /// A `HEAD` is answered at once with the same header, and nil returned; so is a client over the
  /// limit of streams (503), and one that has gone.
  ///
  /// - Parameters:
  ///   - status: the status code.
  ///   - headers: header fields.
  /// - Returns: the stream, or nil when there is nobody to write to.
  public func openStream(status: Int = 200, headers: [(name: String, value: String)] = [])
    -> HTTPStream?
  { nil }

  /// Answers with a stream of server-sent events: ``openStream(status:headers:)`` with the header
  /// fields that browsers and proxies need.
  ///
  /// - Returns: the stream, or nil when there is nobody to write to.
  public func openEventStream() -> HTTPStream? {
    openStream(headers: [
      ("Content-Type", "text/event-stream; charset=utf-8"), ("Cache-Control", "no-store"),
      ("X-Accel-Buffering", "no"),
    ])
  }
}
