// Bytes of a client through a real connection into the real server: it answers in HTTP or hangs up,
// keeps nothing, and serves the next client.

import EventLoop
import Glibc
import HTTPServer

/// Longest wait for the server, seconds: after the client's end nothing may keep it.
private let patience = 20

@Sendable func fuzzHTTP(_ bytes: [UInt8]) {
  let answer = exchange(bytes)
  if !answer.isEmpty {
    check(answer.starts(with: "HTTP/1.".utf8), "an answer is HTTP")
    check(answer.count >= 12 && (0x31...0x35).contains(answer[9]), "an answer has a status")
  }
  let next = exchange(Array("GET /after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8))
  check(next.starts(with: "HTTP/1.1 200 ".utf8), "the next client is served")
  check(next.suffix(5).elementsEqual("after".utf8), "the next client gets its own answer")
}

private let port: UInt16 = {
  let ready = PortBox()
  LoopActor.post {
    let router = Router()
    router.on(.get, "/after") { _, _, exchange in exchange.respond(.text(200, "after")) }
    router.on(.get, "/a/:id/*rest") { request, parameters, exchange in
      let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
      exchange.respond(.text(200, "\(parameters.values.sorted()) \(query)"))
    }
    router.on(.post, "/echo") { request, _, exchange in
      exchange.respond(.text(200, String(decoding: request.body, as: UTF8.self)))
    }
    router.on(.get, "/stream") { _, _, exchange in
      guard let stream = exchange.openEventStream() else { return }
      let event = Array("data: x\n\n".utf8)
      _ = stream.write(event.span)
      stream.finish()
    }
    router.on(.get, "/later") { _, _, exchange in
      LoopActor.post { exchange.respond(.text(200, "later")) }
    }
    var configuration = HTTPServer.Configuration()
    configuration.limits.bodyBytes = 4096
    configuration.limits.headerBytes = 2048
    configuration.limits.targetBytes = 512
    let server = HTTPServer(configuration: configuration, router: router)
    do {
      try server.start()
    } catch {
      check(false, "\(error)")
    }
    FuzzedServer.shared = server
    ready.set(UInt16(server.port))
  }
  return ready.wait()
}()

@LoopActor
private enum FuzzedServer {
  static var shared: HTTPServer?
}

/// Hands one number from the loop to the thread that waits for it.
private final class PortBox: Sendable {
  private let descriptors: (Int32, Int32)

  init() {
    var pair: [Int32] = [-1, -1]
    check(pipe(&pair) == 0, "a pipe can be made")
    descriptors = (pair[0], pair[1])
  }

  func set(_ value: UInt16) {
    var value = value
    write(descriptors.1, &value, 2)
  }

  func wait() -> UInt16 {
    var value: UInt16 = 0
    check(read(descriptors.0, &value, 2) == 2, "the server starts")
    return value
  }
}

/// Sends bytes, ends the client's side and reads until the server has hung up.
private func exchange(_ bytes: [UInt8]) -> [UInt8] {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  var limit = timeval(tv_sec: patience, tv_usec: 0)
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  // A client that resets keeps no port in TIME_WAIT: there are thousands of them a second.
  var reset = linger(l_onoff: 1, l_linger: 0)
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
  let connected = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  check(connected == 0, "the server accepts")
  // Two pieces, so that a request is also met half-way.
  let middle = bytes.count / 2
  for part in [bytes[..<middle], bytes[middle...]] where !part.isEmpty {
    _ = part.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }
  shutdown(descriptor, Int32(SHUT_WR))
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count > 0 {
      answer += buffer[..<count]
      continue
    }
    check(count == 0 || errno == ECONNRESET, "the server hangs up after its client")
    return answer
  }
}
