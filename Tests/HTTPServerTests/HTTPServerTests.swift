import EventLoop
import HTTPServer
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPServerTests {
  @Test func `requests on one connection are answered in order, pipelined or not`() async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    for _ in 0..<3 {
      client.request("GET /health")
      let response = try client.response()
      #expect(response.status == 200)
      #expect(response.header("content-type") == "application/json")
      #expect(response.body == #"{"status":"ok"}"#)
    }
    client.request("GET /item/a")
    client.request("GET /later")
    client.request("GET /item/b")
    #expect(try client.response().body == "a")
    await test.wait { test.deferred.count == 1 }
    await test.deferred[0].respond(.text(200, "later"))
    #expect(try client.response().body == "later")
    #expect(try client.response().body == "b")
    await test.close()
  }

  @Test func `bodies come whole, with a length or in chunks`() async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.request("POST /echo", "Content-Length: 5\r\n", body: "hello")
    #expect(try client.response().body == "hello")
    client.request(
      "POST /echo", "Transfer-Encoding: chunked\r\n", body: "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")
    #expect(try client.response().body == "abcde")
    client.request("POST /echo", "Content-Length: 2\r\nExpect: 100-continue\r\n")
    try client.read(until: "HTTP/1.1 100 Continue\r\n\r\n")
    client.send("ok")
    #expect(try client.response().body == "ok")
    let large = String(repeating: "0123456789abcdef", count: 100_000)
    client.request("POST /echo", "Content-Length: \(large.utf8.count)\r\n", body: large)
    #expect(try client.response().body == large)
    await test.close()
  }

  @Test func `an answer larger than the socket buffer arrives whole`() async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.request("GET /large")
    #expect(try client.response().body.utf8.count == 8 << 20)
    client.request("GET /health")
    #expect(try client.response().status == 200)
    await test.close()
  }

  @Test func `HEAD has the header of GET and no body`() async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.request("HEAD /health")
    let head = try client.read(until: "\r\n\r\n")
    #expect(head.hasPrefix("HTTP/1.1 200"))
    #expect(head.contains("Content-Length: 15\r\n"))
    client.request("HEAD /stream")
    let stream = try client.read(until: "\r\n\r\n")
    #expect(stream.contains("text/event-stream"))
    #expect(!stream.contains("Content-Length"))
    client.request("GET /health")
    #expect(try client.response().body == #"{"status":"ok"}"#)
    #expect(await test.server.streamCount == 0)
    await test.close()
  }

  @Test func `a known path with another method is 405 and tells what is allowed`() async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.request("DELETE /health")
    let refused = try client.response()
    #expect(refused.status == 405 && refused.code == "method-not-allowed")
    #expect(refused.header("allow") == "GET, HEAD, OPTIONS")
    client.request("OPTIONS /echo")
    let options = try client.response()
    #expect(options.status == 204)
    #expect(options.header("allow") == "POST, OPTIONS")
    client.request("OPTIONS *")
    #expect(try client.response().status == 204)
    client.request("GET /nowhere")
    let missing = try client.response()
    #expect(missing.status == 404 && missing.code == "not-found")
    #expect(missing.header("content-type") == "application/json")
    await test.close()
  }

  @Test func `the hook before routing can answer, and common fields reach every answer`()
    async throws
  {
    let test = try await TestServer()
    await onLoop {
      test.router.commonHeaders = [("X-Content-Type-Options", "nosniff")]
      test.router.before = { $0.path == "/closed" ? .error(403, code: "no", message: "no") : nil }
    }
    let client = try RawClient(port: await test.port)
    client.request("GET /closed")
    let refused = try client.response()
    #expect(refused.status == 403 && refused.header("x-content-type-options") == "nosniff")
    client.send("nonsense\r\n\r\n")
    let broken = try client.response()
    #expect(broken.status == 400 && broken.header("x-content-type-options") == "nosniff")
    await test.close()
  }

  @Test func `a client that leaves before its deferred answer is noticed`() async throws {
    let test = try await TestServer()
    for leave in [{ (client: RawClient) in client.halfClose() }, { $0.reset() }] {
      let before = await test.goneCount
      let client = try RawClient(port: await test.port)
      client.request("GET /later")
      await test.wait { !test.deferred.isEmpty }
      leave(client)
      await test.wait { test.goneCount == before + 1 }
      await onLoop {
        #expect(!test.deferred[0].isPending)
        test.deferred.removeFirst().respond(.text(200, "too late"))
      }
    }
    await test.close()
    #expect(await test.server.connectionCount == 0)
  }

  @Test func `an answer with a line end in a header field becomes a 500`() async throws {
    let test = try await TestServer()
    await onLoop {
      test.router.on(.get, "/bad") { _, _, exchange in
        exchange.respond(HTTPResponse(status: 200, headers: [("X-A", "b\r\nX-B: c")]))
      }
    }
    let client = try RawClient(port: await test.port)
    client.request("GET /bad")
    let response = try client.response()
    #expect(response.status == 500 && response.code == "internal")
    #expect(response.header("x-b") == nil)
    await test.close()
  }

  @Test func `closing answers what is under way and drops what is idle`() async throws {
    let test = try await TestServer()
    let idle = try RawClient(port: await test.port)
    idle.request("GET /health")
    _ = try idle.response()
    let busy = try RawClient(port: await test.port)
    busy.request("GET /later")
    await test.wait { test.deferred.count == 1 }
    async let closing: Void = test.server.close(after: .seconds(30))
    #expect(try idle.readAll().isEmpty)
    await test.deferred[0].respond(.text(200, "done"))
    let response = try busy.response()
    #expect(response.body == "done" && response.header("connection") == "close")
    await closing
    let port = await test.port
    #expect(throws: RawClient.Failure.self) {
      let late = try RawClient(port: port)
      late.request("GET /health")
      _ = try late.response()
    }
  }

  @Test func `an occupied port is named with the remedy`() async throws {
    let test = try await TestServer()
    let port = await test.port
    await onLoop {
      let second = HTTPServer(configuration: .init(port: port), router: Router())
      #expect {
        try second.start()
      } throws: { error in
        "\(error)" == """
          cannot listen on "127.0.0.1:\(port)": address already in use (EADDRINUSE); choose another \
          with --port
          """
      }
      let odd = HTTPServer(configuration: .init(host: "example.org"), router: Router())
      #expect {
        try odd.start()
      } throws: { error in
        "\(error)".contains("the host must be an IP address or localhost")
      }
    }
    await test.close()
  }
}
