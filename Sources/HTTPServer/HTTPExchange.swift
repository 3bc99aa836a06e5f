import CLibevent
public import EventLoop

/// One request on its way to one answer, now or later.
///
/// Exactly one of ``respond(_:)`` and ``openStream(status:headers:)`` is called. When the client goes
/// before that, ``onClientGone`` runs and an answer is thrown away.
@LoopActor
public final class HTTPExchange {
  /// The request.
  public let request: HTTPRequest

  /// Runs once when the client has gone before it was answered.
  public var onClientGone: (@LoopActor () -> Void)?

  private var connection: Connection?

  /// Makes the exchange of a connection, or one for tests of a router that keeps its answer.
  init(request: HTTPRequest, connection: Connection?) {
    self.request = request
    self.connection = connection
  }

  /// Whether an answer can still be given.
  public var isPending: Bool { connection != nil }

  /// Answers.
  ///
  /// Does nothing when the client has gone or an answer was given before.
  ///
  /// - Parameter response: the answer.
  public func respond(_ response: HTTPResponse) {
    guard let connection = take() else { return }
    connection.server.send(response, on: connection)
  }

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
  {
    guard let connection = take() else { return nil }
    let server = connection.server
    let stream = server.openStream(
      status: status, headers: headers, head: request.method == .head, on: connection)
    if let stream { server.router.onStream?(request, stream) }
    return stream
  }

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

  func clientGone() {
    guard take() != nil else { return }
    let handler = onClientGone
    onClientGone = nil
    handler?()
  }

  /// The connection, for the one answer.
  private func take() -> Connection? {
    defer { connection = nil }
    return connection
  }
}
