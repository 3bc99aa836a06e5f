import CLibevent
import CTLS
import EventLoop
import Glibc

/// What the server knows of one accepted connection.
///
/// evhttp owns the bufferevent and the connection and frees them; this object holds both pointers
/// only until the close callback, and never a reference.
@LoopActor
final class Connection {
  /// Where the connection is between two requests.
  enum State {
    /// A request is awaited or being read, since ``requestTick``.
    case reading
    /// Kept alive, nothing read yet.
    case idle
    /// A handler has the request.
    case handling
    /// A stream is open.
    case streaming
    /// Refused: the answer is sent, what the client still sends is thrown away for a little while.
    case lingering
    /// The close callback has run: both pointers are invalid.
    case closed
  }

  unowned let server: HTTPServer
  let buffer: OpaquePointer
  /// Whether the bufferevent enciphers: then nothing may be written past it.
  let isEncrypted: Bool
  var connection: OpaquePointer?
  var descriptor: Int32 = -1
  var address = ""
  var state = State.reading
  var requestTick = 0
  var requestBytes = 0
  /// Over a limit: its first request is answered with this and the connection closed.
  var refusal: HTTPResponse?
  /// What the answer gets besides, for its request.
  var moreHeaders: [(name: String, value: String)] = []
  var exchange: HTTPExchange?
  var stream: HTTPStream?
  var request: UnsafeMutablePointer<evhttp_request>?
  var rewritesError = false
  private var isOversized = false
  private(set) var isDoomed = false
  /// Whether it is closed to make room, and no longer counted for its address.
  var isLeaving = false
  /// When it did something last: a place in the order of all that connections do.
  private(set) var activity: UInt64 = 0
  /// Bytes of the request that is being read.
  private(set) var unread = 0
  /// Bytes of the answer that the client has not taken.
  private(set) var unsent = 0
  var isDeferred = false
  private var inputWatch: OpaquePointer?
  private var outputWatch: OpaquePointer?
  private var emptyWatch: OpaquePointer?
  private var onEmpty: (@LoopActor () -> Void)?

  init(server: HTTPServer, buffer: OpaquePointer, isEncrypted: Bool) {
    self.isEncrypted = isEncrypted
    self.server = server
    self.buffer = buffer
  }

  var input: OpaquePointer? { bufferevent_get_input(buffer) }
  var output: OpaquePointer? { bufferevent_get_output(buffer) }
  var unsentBytes: Int { evbuffer_get_length(output) }

  /// Sees bytes come in, which starts the request deadline, and bytes go out that no handler sent,
  /// which are evhttp's own error pages.
  func watch() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    inputWatch = evbuffer_add_cb(
      input,
      { _, info, context in
        guard let info, info.pointee.n_added > 0 else { return }
        LoopActor.enter(context, info.pointee.n_added) { (connection: Connection, count) in
          connection.didReceive(count)
        }
      }, context)
    outputWatch = evbuffer_add_cb(
      output,
      { _, info, context in
        guard let info, info.pointee.n_added > 0 else { return }
        LoopActor.enter(context, ()) { (connection: Connection, _) in connection.didSend() }
      }, context)
  }

  /// A stream needs no watches: it reads nothing and only we write to it.
  func unwatch() {
    if let inputWatch { evbuffer_remove_cb_entry(input, inputWatch) }
    if let outputWatch { evbuffer_remove_cb_entry(output, outputWatch) }
    inputWatch = nil
    outputWatch = nil
  }

  /// While a handler has the request, what goes out is ours; the watch would run for every header field.
  func watchOutput(_ isOn: Bool) {
    guard let outputWatch else { return }
    if isOn {
      evbuffer_cb_set_flags(output, outputWatch, UInt32(EVBUFFER_CB_ENABLED))
    } else {
      evbuffer_cb_clear_flags(output, outputWatch, UInt32(EVBUFFER_CB_ENABLED))
    }
  }

  private func didReceive(_ count: Int) {
    switch state {
    case .idle:
      startReading()
      requestBytes = count
    case .reading:
      requestBytes += count
      countUnread(requestBytes)
      if requestBytes > server.limits.wireBytes, !isOversized {
        isOversized = true
        atEndOfTurn { if self.state == .reading { self.server.refuseOversized(self) } }
      }
    case .handling, .streaming, .lingering, .closed: break
    }
  }

  /// A request that fits into this much is not worth counting.
  private static let smallBytes = 16 * 1024

  /// Counts what the request that is being read holds in memory.
  func countUnread(_ bytes: Int) {
    let counted = bytes > Self.smallBytes ? bytes : 0
    guard counted != unread else { return }
    server.unreadBytes += counted - unread
    let isMore = counted > unread
    unread = counted
    if isMore, server.unreadBytes > server.limits.unreadBytes { server.relieveReading() }
  }

  /// Counts what the answer that is being sent holds in memory.
  func countUnsent(_ bytes: Int) {
    guard bytes != unsent else { return }
    server.unsentBytes += bytes - unsent
    let isMore = bytes > unsent
    unsent = bytes
    if isMore, server.unsentBytes > server.limits.unsentBytes {
      server.relieveSending(but: self)
    }
  }

  private func beActive() {
    server.activity += 1
    activity = server.activity
  }

  func startReading() {
    beActive()
    state = .reading
    requestBytes = 0
    requestTick = server.tick
    server.watchDeadlines()
  }

  private func didSend() {
    // Between two requests and while one is read, evhttp answers errors (and 100 Continue) itself.
    guard state == .reading || state == .idle, !rewritesError else { return }
    rewritesError = true
    atEndOfTurn { if self.state != .closed { self.server.rewriteError(of: self) } }
  }

  func queue(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBufferPointer { _ = evbuffer_add(output, $0.baseAddress, $0.count) }
  }

  /// Sends what is in the output buffer without waiting for the loop to say that it can be.
  ///
  /// evhttp would take one more turn and four system calls for it. The buffer's front is frozen by
  /// the bufferevent against just this, which is sound here because the bytes leave in order.
  func flushOutput() {
    guard let output, !isEncrypted else { return }
    evbuffer_unfreeze(output, 1)
    evbuffer_write(output, descriptor)
    evbuffer_freeze(output, 1)
  }

  /// While a handler has the request: learn of a close, bound what is read meanwhile, and take back
  /// the read time-out, which is for idle connections.
  func awaitAnswer() {
    isDeferred = true
    var write: bufferevent_data_cb?
    var event: bufferevent_event_cb?
    var context: UnsafeMutableRawPointer?
    bufferevent_getcb(buffer, nil, &write, &event, &context)
    bufferevent_setcb(buffer, nil, write, event, context)
    bufferevent_setwatermark(buffer, Int16(EV_READ), 0, Self.pipelinedBytes)
    var timeout = timeval(server.limits.writeTimeout)
    bufferevent_set_timeouts(buffer, nil, &timeout)
    bufferevent_enable(buffer, Int16(EV_READ))
  }

  /// Most bytes of further requests that are read while one is being handled.
  private static let pipelinedBytes = 16 * 1024

  func applyTimeouts() {
    if isDeferred { bufferevent_setwatermark(buffer, Int16(EV_READ), 0, 0) }
    isDeferred = false
    var idle = timeval(server.limits.idleTimeout)
    var write = timeval(server.limits.writeTimeout)
    bufferevent_set_timeouts(buffer, &idle, &write)
  }

  /// Answers without evhttp and closes: after a request that was not understood, nothing that follows
  /// can be.
  ///
  /// The connection is closed for writing first and its input thrown away until the client closes,
  /// two seconds at most: a close with unread input would be a reset that takes the answer away
  /// (RFC 9112 §9.6).
  func refuse(_ answer: HTTPResponse, isHead: Bool = false) {
    state = .lingering
    unwatch()
    let bytes = ResponseText.make(answer, common: server.router.commonHeaders, isHead: isHead)
    discardInput()
    if isEncrypted {
      sayLast(bytes)
    } else {
      _ = Socket.send(descriptor, bytes.span)
      shutdown(descriptor, Int32(SHUT_WR))
      bufferevent_disable(buffer, Int16(EV_WRITE))
    }
    bufferevent_enable(buffer, Int16(EV_READ))
    requestTick = server.tick
    server.watchDeadlines()
  }

  /// Throws away what the client sends from now on, without a time-out for it.
  func discardInput() {
    var write: bufferevent_data_cb?
    var event: bufferevent_event_cb?
    var context: UnsafeMutableRawPointer?
    bufferevent_getcb(buffer, nil, &write, &event, &context)
    bufferevent_setcb(
      buffer,
      { buffer, _ in
        let input = bufferevent_get_input(buffer)
        evbuffer_drain(input, evbuffer_get_length(input))
      }, write, event, context)
    bufferevent_setwatermark(buffer, Int16(EV_READ), 0, Self.discardedBytes)
    var timeout = timeval(server.limits.writeTimeout)
    bufferevent_set_timeouts(buffer, nil, &timeout)
    evbuffer_drain(input, evbuffer_get_length(input))
  }

  /// Most bytes that such a client can make us hold; they are thrown away in the same turn.
  private static let discardedBytes = 4096

  /// Closes at the end of this turn: never inside of a callback of the connection itself.
  func doom() {
    guard !isDoomed, state != .closed else { return }
    isDoomed = true
    atEndOfTurn {
      if self.state != .closed, let connection = self.connection {
        evhttp_connection_free(connection)
      }
    }
  }

  // MARK: TLS

  /// Runs something once, at the end of the turn in which all that waits has been handed to the
  /// kernel.
  func whenEmpty(_ action: @escaping @LoopActor () -> Void) {
    onEmpty = action
    watchForEmpty()
  }

  /// Learns when all that was queued has been handed to the kernel.
  func watchForEmpty() {
    guard emptyWatch == nil else { return }
    emptyWatch = evbuffer_add_cb(
      output,
      { buffer, info, context in
        guard let info, info.pointee.n_deleted > 0, evbuffer_get_length(buffer) == 0 else { return }
        LoopActor.enter(context, ()) { (connection: Connection, _) in connection.didEmpty() }
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func didEmpty() {
    countUnsent(0)
    guard onEmpty != nil else { return }
    // Not now: the bufferevent is in the middle of writing.
    atEndOfTurn {
      guard self.state != .closed, self.unsentBytes == 0, let action = self.onEmpty else { return }
      self.onEmpty = nil
      action()
    }
  }

  /// The last words over TLS: they go through the bufferevent, and evhttp must not hear of it, since
  /// to evhttp this connection is still in the middle of a request.
  private func sayLast(_ bytes: [UInt8]) {
    var read: bufferevent_data_cb?
    var event: bufferevent_event_cb?
    var context: UnsafeMutableRawPointer?
    bufferevent_getcb(buffer, &read, nil, &event, &context)
    bufferevent_setcb(buffer, read, nil, event, context)
    whenEmpty { [unowned self] in
      agentv_tls_say_goodbye(buffer)
      shutdown(descriptor, Int32(SHUT_WR))
    }
    bufferevent_enable(buffer, Int16(EV_WRITE))
    queue(bytes.span)
  }

  /// The end of a TLS connection, while the bufferevent still lives.
  private func closeEncrypted() {
    if agentv_tls_met_plain_http(buffer) != 0 {
      let answer = HTTPResponse.error(
        400, code: "https-required", message: "this port speaks HTTPS: use https:// in its address")
      _ = Socket.send(descriptor, ResponseText.make(answer, common: []).span)
      Socket.discardInput(descriptor)
    } else {
      agentv_tls_say_goodbye(buffer)
    }
  }

  /// The close callback of evhttp: by itself, or because we freed the connection.
  func didClose() {
    if isEncrypted { closeEncrypted() }
    state = .closed
    connection = nil
    unwatch()
    if let emptyWatch { evbuffer_remove_cb_entry(output, emptyWatch) }
    emptyWatch = nil
    onEmpty = nil
    server.didClose(self)
    // evhttp has detached a request that nobody answered completely, and then it is ours to free.
    if let request, evhttp_request_get_connection(request) == nil { evhttp_request_free(request) }
    request = nil
    tellOwners()
  }

  /// The server goes away with its connections and hears no more of them.
  func abandon() {
    if let connection { evhttp_connection_set_closecb(connection, nil, nil) }
    state = .closed
    unwatch()
    if let emptyWatch { evbuffer_remove_cb_entry(output, emptyWatch) }
    emptyWatch = nil
    onEmpty = nil
    connection = nil
    request = nil
    tellOwners()
  }

  private func tellOwners() {
    let (exchange, stream) = (exchange, stream)
    self.exchange = nil
    self.stream = nil
    exchange?.clientGone()
    stream?.clientGone()
  }

  /// The complete callback of evhttp: the answer is sent and the request about to be freed.
  func didComplete() {
    request = nil
    exchange = nil
    stream = nil
    guard state != .closed else { return }
    state = .idle
    beActive()
    countUnsent(0)
    watchOutput(true)
    if isDeferred { applyTimeouts() }
    if server.isClosing { return doom() }
    if isEncrypted { agentv_tls_resume_reading(buffer) }
    // A pipelined request that is here already.
    if evbuffer_get_length(input) > 0 { startReading() }
  }
}
