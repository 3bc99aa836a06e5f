import Core
import EventLoop
import Glibc
import HTTPServer
import Testing

/// A client that sends exactly the bytes it is told, so that it can break every rule.
///
/// It blocks, which is fine on a test's thread: the server runs on the loop's.
final class RawClient {
  struct Failure: Error { let step: String }

  let descriptor: Int32
  private var received: [UInt8] = []

  init(port: Int, receiveBufferBytes: Int32? = nil, beforeConnect: () -> Void = {}) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(step: "socket") }
    if var bytes = receiveBufferBytes {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    beforeConnect()
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure(step: "connect") }
  }

  deinit { Glibc.close(descriptor) }

  func send(_ text: String) { send(Array(text.utf8)) }

  /// Sends until all is sent or the server has closed.
  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Sends a request with a Host header and what else is given.
  func request(_ line: String, _ headers: String = "", body: String = "") {
    send("\(line) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n\(body)")
  }

  func halfClose() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Closes with a RST instead of a FIN.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// Reads until the text has come; fails when the server closes or says nothing for 20 s.
  @discardableResult
  func read(until text: String) throws -> String {
    let wanted = Array(text.utf8)
    while true {
      if let end = Self.end(of: wanted, in: received) {
        let result = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end)
        return result
      }
      guard try readMore() else { throw Failure(step: "closed before \(text): \(pending)") }
    }
  }

  /// Reads and forgets so many bytes.
  func skip(_ count: Int) throws {
    while received.count < count {
      guard try readMore() else { throw Failure(step: "closed after \(received.count) bytes") }
    }
    received.removeFirst(count)
  }

  /// Reads to the end of the connection.
  func readAll() throws -> String {
    while try readMore() {}
    defer { received = [] }
    return pending
  }

  var pending: String { String(decoding: received, as: UTF8.self) }

  /// Reads one response with a Content-Length.
  func response() throws -> Response {
    let head = try read(until: "\r\n\r\n")
    var response = Response(head: head)
    let length = response.header("content-length").flatMap { Int($0) } ?? 0
    while received.count < length {
      guard try readMore() else { throw Failure(step: "closed in the body: \(head)\(pending)") }
    }
    response.body = String(decoding: received.prefix(length), as: UTF8.self)
    received.removeFirst(length)
    return response
  }

  private func readMore() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count < 0, errno == EAGAIN { throw Failure(step: "timed out; received: \(pending)") }
    guard count > 0 else { return false }
    received += buffer[..<count]
    return true
  }

  private static func end(of wanted: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= wanted.count else { return nil }
    for start in 0...(bytes.count - wanted.count)
    where bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
      return start + wanted.count
    }
    return nil
  }
}

struct Response {
  let status: Int
  let headers: [(name: String, value: String)]
  var body = ""

  init(head: String) {
    let lines = head.split(separator: "\r\n").map(String.init)
    status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    headers = lines.dropFirst().map { line in
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
    }
  }

  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// The `code` of an error body; nil when the body is not that of an error.
  var code: String? {
    guard let json = try? JSON.parse(body), json["error"]?.string?.isEmpty == false else {
      return nil
    }
    return json["code"]?.string
  }
}

/// A server on a free port, with routes that tests need.
@LoopActor
final class TestServer {
  let server: HTTPServer
  let router = Router()
  var streams: [HTTPStream] = []
  var deferred: [HTTPExchange] = []
  var goneCount = 0
  var closedStreams = 0
  private var waiters: [(condition: @LoopActor () -> Bool, CheckedContinuation<Void, Never>)] = []

  init(_ change: (inout HTTPLimits) -> Void = { _ in }) throws {
    var limits = HTTPLimits()
    change(&limits)
    server = HTTPServer(configuration: .init(limits: limits), router: router)
    router.on(.get, "/health") { _, _, exchange in
      exchange.respond(.json(200, ["status": "ok"]))
    }
    router.on(.post, "/echo") { request, _, exchange in
      exchange.respond(.file(request.body, type: "application/octet-stream"))
    }
    router.on(.get, "/item/:id") { _, parameters, exchange in
      exchange.respond(.text(200, parameters["id"] ?? "-"))
    }
    router.on(.get, "/stream") { [weak self] _, _, exchange in
      guard let self, let stream = exchange.openEventStream() else { return }
      stream.onClosed = { [weak self] in
        self?.closedStreams += 1
        self?.changed()
      }
      self.streams.append(stream)
      self.changed()
    }
    router.on(.get, "/later") { [weak self] _, _, exchange in
      exchange.onClientGone = { [weak self] in
        self?.goneCount += 1
        self?.changed()
      }
      self?.deferred.append(exchange)
      self?.changed()
    }
    router.on(.get, "/large") { _, _, exchange in
      exchange.respond(.file([UInt8](repeating: 120, count: 8 << 20), type: "text/plain"))
    }
    try server.start()
  }

  var port: Int { server.port }

  /// Waits until something holds; it is looked at whenever a handler or callback of this ran.
  func wait(until condition: @escaping @LoopActor () -> Bool) async {
    if condition() { return }
    await withCheckedContinuation { waiters.append((condition, $0)) }
  }

  func changed() {
    let ready = waiters.filter { $0.condition() }
    waiters.removeAll { $0.condition() }
    for waiter in ready { waiter.1.resume() }
  }

  func close() async { await server.close(after: .zero) }
}

/// Runs a part of a test on the loop.
func onLoop(_ body: @LoopActor () throws -> Void) async rethrows {
  try await body()
}
