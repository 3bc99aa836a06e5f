import EventLoop
import Glibc
import HTTPServer
import Testing

/// Hostile and broken clients: each gets a clear answer, and none harms the server.
@Suite(.timeLimit(.minutes(2)))
struct HardeningTests {
  /// Requests that two readers could understand differently, or that are no HTTP, get 400.
  @Test(
    arguments: [
      (
        "two Content-Length",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 2\r\n\r\nabc"
      ),
      (
        "two equal Content-Length",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"
      ),
      ("signed Content-Length", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc"),
      ("negative Content-Length", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
      (
        "length and coding",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      ),
      ("unknown coding", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"),
      (
        "coding list",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
      ),
      (
        "coding with HTTP/1.0",
        "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      ),
      ("no Host", "GET /health HTTP/1.1\r\n\r\n"),
      ("two Hosts", "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
      ("space before the colon", "GET /health HTTP/1.1\r\nHost : x\r\n\r\n"),
      ("NUL in the path", "GET /health%00x HTTP/1.1\r\nHost: x\r\n\r\n"),
      ("bad escape", "GET /item/%zz HTTP/1.1\r\nHost: x\r\n\r\n"),
      ("cut escape", "GET /item/%4 HTTP/1.1\r\nHost: x\r\n\r\n"),
      ("path that is not UTF-8", "GET /item/%ff HTTP/1.1\r\nHost: x\r\n\r\n"),
      ("foreign absolute form", "GET http://evil/health HTTP/1.1\r\nHost: x\r\n\r\n"),
      ("relative target", "GET health HTTP/1.1\r\nHost: x\r\n\r\n"),
      ("no HTTP", "hello\r\n\r\n"),
      ("version 0.9", "GET /health HTTP/0.9\r\nHost: x\r\n\r\n"),
      ("version 1.-1", "GET /health HTTP/1.-1\r\nHost: x\r\n\r\n"),
      ("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      ("header without colon", "GET /health HTTP/1.1\r\nHost x\r\n\r\n"),
    ])
  func `requests that can be misread are refused as JSON and the connection closed`(
    name: String, bytes: String
  ) async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.send(bytes)
    let response = try client.response()
    #expect(response.status == 400, "\(name)")
    #expect(response.code == "bad-request", "\(name)")
    #expect(response.header("connection") == "close")
    #expect(try client.readAll().isEmpty)
    await test.close()
  }

  @Test(arguments: ["0.9", "0.1", "1.0", "1.1", "1.7", "1.99"])
  func `answers have a version of ours, whatever the request claims`(_ version: String) async throws
  {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.send("GET /health HTTP/\(version)\r\nHost: x\r\nConnection: close\r\n\r\n")
    let expected =
      version == "1.0"
      ? "HTTP/1.0 200 " : version.hasPrefix("1") ? "HTTP/1.1 200 " : "HTTP/1.1 400 "
    #expect(try client.readAll().hasPrefix(expected))
    await test.close()
  }

  @Test(arguments: ["1.1", "166666666666666666666.1", "0.9", "7.7"])
  func `evhttp's own errors are ours as well, whatever version it read`(_ version: String)
    async throws
  {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.send("GET /health HTTP/\(version)\r\nHost: x\r\nno colon\r\n\r\n")
    let answer = try client.readAll()
    #expect(answer.hasPrefix("HTTP/1.1 400 "))
    #expect(answer.contains("bad-request"))
    await test.close()
  }

  @Test func `HEAD with a body is refused, as evhttp would take the body for a request`()
    async throws
  {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.request("HEAD /health", "Content-Length: 3\r\n", body: "abc")
    #expect(try client.readAll().hasPrefix("HTTP/1.1 400 "))
    await test.close()
  }

  @Test func `unknown methods are 501, other expectations 417`() async throws {
    let test = try await TestServer()
    for line in ["BREW /health", "TRACE /health", "CONNECT localhost:1"] {
      let client = try RawClient(port: await test.port)
      client.request(line)
      let response = try client.response()
      #expect(response.status == 501 && response.code == "not-implemented", "\(line)")
      #expect(try client.readAll().isEmpty)
    }
    let client = try RawClient(port: await test.port)
    client.request("POST /echo", "Content-Length: 1\r\nExpect: tea\r\n", body: "x")
    let response = try client.response()
    #expect(response.status == 417 && response.code == "expectation-failed")
    await test.close()
  }

  @Test func `an escaped slash stays inside its segment and dots are plain text`() async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.request("GET /item/a%2Fb%20c")
    #expect(try client.response().body == "a/b c")
    client.request("GET /item/..")
    #expect(try client.response().body == "..")
    client.request("GET /item/a/b")
    #expect(try client.response().status == 404)
    client.request("GET //health")
    #expect(try client.response().status == 404)
    client.request("GET http://localhost/item/absolute?x=1")
    #expect(try client.response().body == "absolute")
    await test.close()
  }

  @Test func `sizes over the limits have their own answers`() async throws {
    let test = try await TestServer { limits in
      limits.headerBytes = 4096
      limits.targetBytes = 1000
      limits.headerFields = 10
      limits.bodyBytes = 1000
    }
    let long = String(repeating: "a", count: 5000)
    let cases: [(String, Int, String)] = [
      ("GET /health HTTP/1.1\r\nHost: x\r\nX-Long: \(long)\r\n\r\n", 431, "header-too-large"),
      ("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", 431, "header-too-large"),
      ("GET /\(long.prefix(2000)) HTTP/1.1\r\nHost: x\r\n\r\n", 414, "target-too-long"),
      (
        "GET /health HTTP/1.1\r\nHost: x\r\n" + String(repeating: "X-A: b\r\n", count: 10) + "\r\n",
        431, "header-too-large"
      ),
      ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413, "body-too-large"),
      (
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
        413, "body-too-large"
      ),
      (
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n\(long)\r\n",
        413, "body-too-large"
      ),
      (
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 413,
        "body-too-large"
      ),
    ]
    for (bytes, status, code) in cases {
      let client = try RawClient(port: await test.port)
      client.send(bytes)
      let response = try client.response()
      #expect(response.status == status && response.code == code, "\(bytes.prefix(90))")
    }
    await test.close()
  }

  @Test func `a request that trickles in is cut off at its deadline`() async throws {
    let test = try await TestServer { $0.requestDeadline = .milliseconds(600) }
    let silent = try RawClient(port: await test.port)
    let first = try RawClient(port: await test.port)
    first.send("GET /health HTTP/1.1\r\nX-Slow: ")
    let later = try RawClient(port: await test.port)
    later.request("GET /health")
    _ = try later.response()
    later.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
    // Each byte would start a mere inactivity time-out anew; the answer must come all the same.
    for client in [first, later] {
      let trickle = Trickle(descriptor: client.descriptor)
      let response = try client.response()
      trickle.stop()
      #expect(response.status == 408 && response.code == "request-timeout")
    }
    #expect(try silent.readAll().isEmpty)
    await test.close()
  }

  @Test func `connections over the limits are told so, and the rest waits for room`() async throws {
    for (status, isPerAddress) in [(429, true), (503, false)] {
      let test = try await TestServer { limits in
        if isPerAddress { limits.connectionsPerAddress = 2 } else { limits.connections = 2 }
        if !isPerAddress { limits.connectionsPerAddress = 100 }
      }
      let busy = [try RawClient(port: await test.port), try RawClient(port: await test.port)]
      for (count, client) in busy.enumerated() {
        client.request("GET /later")
        await test.wait { test.deferred.count > count }
      }
      let third = try RawClient(port: await test.port)
      third.request("GET /health")
      let refused = try third.response()
      #expect(refused.status == status && refused.code == "too-many-connections")
      await onLoop { for exchange in test.deferred { exchange.respond(.text(200, "late")) } }
      #expect(try busy[0].response().body == "late")
      await test.close()
    }
  }

  @Test(arguments: [true, false])
  func `connections that do nothing make room for others, the oldest first`(
    isPerAddress: Bool
  ) async throws {
    let test = try await TestServer { limits in
      limits.connections = isPerAddress ? 1000 : 8
      limits.connectionsPerAddress = isPerAddress ? 8 : 1000
    }
    let limit = 8
    let busy = try RawClient(port: await test.port)
    busy.request("GET /later")
    await test.wait { test.deferred.count == 1 }
    var silent: [RawClient] = []
    for _ in 0..<200 { silent.append(try RawClient(port: await test.port)) }
    for _ in 0..<20 {
      let healthy = try RawClient(port: await test.port)
      healthy.request("GET /health")
      #expect(try healthy.response().status == 200)
    }
    #expect(try silent[0].readAll().isEmpty)
    await onLoop {
      #expect(test.server.connectionCount <= limit + 17)
      for exchange in test.deferred { exchange.respond(.text(200, "late")) }
    }
    #expect(try busy.response().body == "late")
    await test.close()
  }

  @Test func `large requests together are bounded, and the largest is cut off`() async throws {
    let test = try await TestServer { $0.unreadBytes = 450_000 }
    let head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n"
    let large = try RawClient(port: await test.port)
    large.send(head + String(repeating: "a", count: 300_000))
    await waitForBytes(test.server, 300_000)
    let small = try RawClient(port: await test.port)
    small.send(head + String(repeating: "a", count: 200_000))
    #expect(try large.readAll().isEmpty)
    small.send(String(repeating: "a", count: 200_000))
    #expect(try small.response().status == 200)
    await onLoop { #expect(test.server.unreadBytes == 0) }
    await test.close()
  }

  /// Waits until the server has so many bytes of a request.
  private func waitForBytes(_ server: HTTPServer, _ count: Int) async {
    while await server.unreadBytes < count { await Task.yield() }
  }

  @Test func `what a request takes on the wire is bounded as well`() async throws {
    let test = try await TestServer { $0.bodyBytes = 20_000 }
    let client = try RawClient(port: await test.port)
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;")
    client.send(String(repeating: "a", count: 200_000))
    let response = try client.response()
    #expect(response.status == 413 && response.code == "body-too-large")
    await test.close()
  }

  @Test func `answers that nobody takes are bounded, and who waits longest is cut off`()
    async throws
  {
    let test = try await TestServer { $0.unsentBytes = 20 << 20 }
    var clients: [RawClient] = []
    for number in 0..<6 {
      let client = try RawClient(port: await test.port, receiveBufferBytes: 4096)
      client.request("GET /large")
      clients.append(client)
      // The first two of 8 MiB fit; each further one takes the place of the oldest.
      if number < 4 { _ = try client.read(until: "\r\n\r\n") }
    }
    let healthy = try RawClient(port: await test.port)
    healthy.request("GET /health")
    #expect(try healthy.response().status == 200)
    await onLoop { #expect(test.server.unsentBytes <= 20 << 20) }
    try clients[5].read(until: "\r\n\r\n")
    try clients[5].skip(8 << 20)
    #expect(throws: RawClient.Failure.self) { try clients[0].skip(8 << 20) }
    await test.close()
  }

  @Test func `streams over the limit get 503`() async throws {
    let test = try await TestServer { $0.streams = 1 }
    let first = try RawClient(port: await test.port)
    first.request("GET /stream")
    try first.read(until: "\r\n\r\n")
    let second = try RawClient(port: await test.port)
    second.request("GET /stream")
    let refused = try second.response()
    #expect(refused.status == 503 && refused.code == "too-many-streams")
    #expect(await test.server.streamCount == 1)
    await test.close()
    #expect(await test.server.streamCount == 0)
  }
}

/// Sends a byte now and then from a thread of its own, for ten seconds at most.
private final class Trickle: Sendable {
  private let end: Int32

  init(descriptor: Int32) {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    end = ends[1]
    let reader = ends[0]
    let thread = TrickleThread(descriptor: dup(descriptor), reader: reader)
    thread.start()
  }

  func stop() { Glibc.close(end) }
}

private struct TrickleThread {
  let descriptor: Int32
  let reader: Int32

  func start() {
    let context = UnsafeMutablePointer<TrickleThread>.allocate(capacity: 1)
    context.initialize(to: self)
    var id = pthread_t()
    pthread_create(
      &id, nil,
      { context in
        guard let context else { return nil }
        let thread = context.assumingMemoryBound(to: TrickleThread.self).move()
        context.deallocate()
        thread.run()
        return nil
      }, context)
    pthread_detach(id)
  }

  private func run() {
    var wait = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
    for _ in 0..<200 where poll(&wait, 1, 50) == 0 {
      if send(descriptor, "a", 1, Int32(MSG_NOSIGNAL)) != 1 { break }
    }
    Glibc.close(descriptor)
    Glibc.close(reader)
  }
}
