import CLibevent
import EventLoop

// From a request that evhttp has read to its answer.
extension HTTPServer {
  /// The general callback of evhttp; there are no others, as they match decoded paths.
  func handle(_ request: UnsafeMutablePointer<evhttp_request>) {
    guard let connection = connection(of: request) else {
      evhttp_send_error(request, 500, nil)
      return
    }
    connection.state = .handling
    connection.countUnread(0)
    connection.watchOutput(false)
    connection.request = request
    evhttp_request_set_on_complete_cb(
      request,
      { _, context in
        LoopActor.enter(context, ()) { (connection: Connection, _) in connection.didComplete() }
      }, Unmanaged.passUnretained(connection).toOpaque())
    // For an absolute-form target evhttp would speak of "Proxy-Connection".
    request.pointee.flags &= ~EVHTTP_PROXY_REQUEST
    let isHead = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD
    let reader = RequestReader(request, limits: limits)
    let isHTTP1 = reader.takeVersion()
    if let refusal = connection.refusal { return connection.refuse(refusal, isHead: isHead) }
    switch isHTTP1
      ? reader.read(from: connection.address)
      : reader.bad("the request must be one of HTTP/1.0 or HTTP/1.1")
    {
    case .refused(let answer): connection.refuse(answer, isHead: isHead)
    case .anyTarget:
      let allow = HTTPMethod.allCases.map(\.rawValue).joined(separator: ", ")
      send(.empty(204, headers: [("Allow", allow)]), on: connection)
    case .request(let value):
      requestCount += 1
      if let headersFor = router.headersFor { connection.moreHeaders = headersFor(value) }
      let exchange = HTTPExchange(request: value, connection: connection)
      connection.exchange = exchange
      router.handle(exchange)
      if connection.state == .handling, exchange.isPending { connection.awaitAnswer() }
    }
  }

  func send(_ response: HTTPResponse, on connection: Connection, hasKnownLength: Bool = true) {
    guard connection.state == .handling, let request = connection.request else { return }
    connection.exchange = nil
    let isHead = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD
    guard (200...599).contains(response.status),
      addHeaders(response.headers + connection.moreHeaders, to: request)
    else {
      evhttp_clear_headers(evhttp_request_get_output_headers(request))
      let failure = HTTPResponse.error(
        500, code: "internal", message: "the answer had a bad status or header field")
      return send(failure, on: connection)
    }
    let headers = evhttp_request_get_output_headers(request)
    if isClosing { evhttp_add_header(headers, "Connection", "close") }
    if isHead, hasKnownLength, response.status != 204, response.status != 304 {
      // evhttp leaves the body out and its length as well; RFC 9110 §9.3.2 wants the latter sent.
      evhttp_add_header(headers, "Content-Length", String(response.body.count))
    } else if !response.body.isEmpty {
      response.body.withUnsafeBytes { bytes in
        _ = evbuffer_add(evhttp_request_get_output_buffer(request), bytes.baseAddress, bytes.count)
      }
    }
    evhttp_send_reply(request, Int32(response.status), ResponseText.reason(response.status), nil)
    flush(connection)
  }

  private func addHeaders(
    _ fields: [(name: String, value: String)], to request: UnsafeMutablePointer<evhttp_request>
  ) -> Bool {
    let headers = evhttp_request_get_output_headers(request)
    for (name, value) in fields where evhttp_add_header(headers, name, value) != 0 { return false }
    for (name, value) in router.commonHeaders
    where !fields.contains(where: { ASCII.equalIgnoringCase($0.name, name) }) {
      if evhttp_add_header(headers, name, value) != 0 { return false }
    }
    return true
  }

  /// Sends the answer at the end of this turn and lets evhttp go on with the connection, instead of
  /// asking the kernel first whether the socket can be written, which it nearly always can.
  private func flush(_ connection: Connection) {
    if flushing.isEmpty {
      atEndOfTurn {
        var connections: [Connection] = []
        swap(&connections, &self.flushing)
        for connection in connections where connection.connection != nil { self.send(connection) }
      }
    }
    flushing.append(connection)
  }

  private func send(_ connection: Connection) {
    guard connection.state == .handling || connection.state == .streaming else { return }
    guard !connection.isEncrypted else {  // the bufferevent writes it in the next turn
      return connection.countUnsent(connection.unsentBytes)
    }
    connection.flushOutput()
    connection.countUnsent(connection.unsentBytes)
    guard connection.unsentBytes == 0 else { return }
    // As the bufferevent itself does before its callback, which may close the descriptor.
    bufferevent_disable(connection.buffer, Int16(EV_WRITE))
    guard connection.state == .handling else { return }
    bufferevent_trigger(
      connection.buffer, Int16(EV_WRITE), Int32(BEV_TRIG_IGNORE_WATERMARKS.rawValue))
  }

  // MARK: Streams

  func openStream(
    status: Int, headers: [(name: String, value: String)], head: Bool, on connection: Connection
  ) -> HTTPStream? {
    guard connection.state == .handling, let request = connection.request else { return nil }
    if head {
      send(HTTPResponse(status: status, headers: headers), on: connection, hasKnownLength: false)
      return nil
    }
    guard streamCount < limits.streams, !isClosing else {
      send(
        .error(
          503, code: "too-many-streams",
          message: "the server has its limit of \(limits.streams) streams; try again later"),
        on: connection)
      return nil
    }
    guard addHeaders(headers + connection.moreHeaders, to: request) else {
      evhttp_clear_headers(evhttp_request_get_output_headers(request))
      send(
        .error(500, code: "internal", message: "the answer had a bad header field"), on: connection)
      return nil
    }
    // A stream ends its connection: nothing that was pipelined behind it has been kept.
    evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close")
    connection.exchange = nil
    connection.state = .streaming
    connection.unwatch()
    evhttp_send_reply_start(request, Int32(status), ResponseText.reason(status))
    if connection.isEncrypted {
      connection.watchForEmpty()
      bufferevent_enable(connection.buffer, Int16(EV_WRITE))
    }
    makeLean(connection, request)
    flush(connection)

    let stream = HTTPStream(connection: connection, isChunked: request.pointee.chunked != 0)
    connection.stream = stream
    streamCount += 1
    return stream
  }

  /// What evhttp keeps for a stream that it no longer needs, and the callbacks and time-outs that are
  /// for requests.
  private func makeLean(_ connection: Connection, _ request: UnsafeMutablePointer<evhttp_request>) {
    evhttp_clear_headers(evhttp_request_get_input_headers(request))
    let headers = evhttp_request_get_output_headers(request)
    evhttp_clear_headers(headers)
    evhttp_add_header(headers, "Connection", "close")  // makes evhttp close after the end

    connection.discardInput()
  }

  func endStream(on connection: Connection) {
    guard connection.state == .streaming, let request = connection.request else { return }
    streamCount -= 1
    connection.stream = nil
    connection.state = .handling
    bufferevent_enable(connection.buffer, Int16(EV_WRITE))
    evhttp_send_reply_end(request)  // may free the connection at once when nothing is left to send
    flush(connection)
  }

  // MARK: Errors of evhttp

  /// A request that takes much more on the wire than it may hold: chunks of a byte each, an extension
  /// of a chunk without an end.
  func refuseOversized(_ connection: Connection) {
    connection.refuse(RequestReader.answer(toError: 413, requestBytes: 0, limits: limits))
  }

  /// Replaces the HTML page that evhttp has just put into the output buffer by our JSON.
  func rewriteError(of connection: Connection) {
    connection.rewritesError = false
    guard connection.state == .reading || connection.state == .idle, let output = connection.output
    else { return }
    if !connection.isEncrypted { evbuffer_unfreeze(output, 1) }  // see `Connection.flushOutput`
    defer { if !connection.isEncrypted { evbuffer_freeze(output, 1) } }
    // "HTTP/1.1 400", with whatever numbers evhttp took for the version of the request.
    var line = [UInt8](repeating: 0, count: 40)
    let count = max(0, Int(evbuffer_copyout(output, &line, line.count)))
    let words = line[..<count].split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard words.count > 1, let status = Int(String(decoding: words[1], as: UTF8.self)),
      status >= 400
    else { return }
    let answer = RequestReader.answer(
      toError: status, requestBytes: connection.requestBytes, limits: limits)
    evbuffer_drain(output, evbuffer_get_length(output))
    connection.refuse(answer)
  }
}
