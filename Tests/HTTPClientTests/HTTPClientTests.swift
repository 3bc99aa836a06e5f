import Core
import EventLoop
import HTTPServer
import TestSupport
import Testing

@testable import HTTPClient

/// A request to a server of this machine, past any proxy of the environment.
func local(
  _ method: String = "GET", _ url: String, headers: [HTTPClientField] = [], body: [UInt8]? = nil,
  timeouts: HTTPClientTimeouts = HTTPClientTimeouts(connect: .seconds(30), idle: .seconds(60))
) -> HTTPClientRequest {
  HTTPClientRequest(
    method, url, headers: headers, body: body, timeouts: timeouts,
    network: HTTPClientNetwork(environment: [:]))
}

/// The error of a request that must fail.
func failure(_ request: HTTPClientRequest) async -> HTTPClientError? {
  await #expect(throws: HTTPClientError.self) { try await HTTPClient.shared.send(request) }
}

/// Our own server, with the routes that these tests need.
@LoopActor
final class EchoServer {
  let server: HTTPServer

  init() throws {
    let router = Router()
    server = HTTPServer(configuration: .init(), router: router)
    router.on(.post, "/echo") { request, _, exchange in
      exchange.respond(
        HTTPResponse(
          status: 200, headers: [("X-Seen", request.header("x-sent") ?? "-")], body: request.body))
    }
    router.on(.get, "/large") { _, _, exchange in
      exchange.respond(.file([UInt8](repeating: 120, count: 8 << 20), type: "text/plain"))
    }
    try server.start()
  }

  var url: String { "http://127.0.0.1:\(server.port)" }
  var connectionCount: Int { server.connectionCount }

  func close() async { await server.close(after: .zero) }
}

// In turn: kept connections are limited, and so many requests at a time would push others' out.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTPClientTests {
  @Test func `an answer has status, header and body, whatever the status`() async throws {
    let server = try await EchoServer()
    let url = await server.url
    let echoed = try await HTTPClient.shared.send(
      local("POST", "\(url)/echo", headers: [.init("X-Sent", "abc")], body: Array("hello".utf8)))
    #expect(echoed.status == 200)
    #expect(echoed.head.header("x-seen") == "abc")
    #expect(echoed.body == Array("hello".utf8))
    let missing = try await HTTPClient.shared.send(local("GET", "\(url)/none"))
    #expect(missing.status == 404)
    #expect(try JSON.parse(missing.body)["code"] == "not-found")
    let empty = try await HTTPClient.shared.send(local("POST", "\(url)/echo", body: []))
    #expect(empty.status == 200 && empty.body.isEmpty)
    let head = try await HTTPClient.shared.send(local("HEAD", "\(url)/large"))
    #expect(head.status == 200 && head.body.isEmpty)
    await server.close()
  }

  @Test func `large bodies go both ways whole`() async throws {
    let server = try await EchoServer()
    let url = await server.url
    let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let echoed = try await HTTPClient.shared.send(local("POST", "\(url)/echo", body: body))
    #expect(echoed.body == body)
    let large = try await HTTPClient.shared.send(local("GET", "\(url)/large"))
    #expect(large.body.count == 8 << 20)
    await server.close()
  }

  @Test func `a connection is used again`() async throws {
    let server = try ScriptedServer { connection, number in
      while connection.request() != nil {
        connection.answer("200 OK", body: "\(number)")
      }
    }
    for _ in 0..<5 {
      let answer = try await HTTPClient.shared.send(local("POST", server.url, body: [65]))
      #expect(String(decoding: answer.body, as: UTF8.self) == "0")
    }
  }

  @Test func `many requests at a time are all answered`() async throws {
    let server = try await EchoServer()
    let url = await server.url
    let sums = await withTaskGroup(of: Int.self) { group in
      for index in 0..<300 {
        group.addTask {
          let answer = try? await HTTPClient.shared.send(
            local("POST", "\(url)/echo", body: Array("\(index)".utf8)))
          return answer.flatMap { Int(String(decoding: $0.body, as: UTF8.self)) } ?? -1
        }
      }
      return await group.reduce(0, +)
    }
    #expect(sums == 300 * 299 / 2)
    await server.close()
  }

  @Test func `a body can be read while it comes`() async throws {
    let (go, release) = AsyncStream.makeStream(of: Void.self)
    let (steps, step) = AsyncStream.makeStream(of: Void.self)
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
      step.yield()
      // The rest waits until the test has seen the first part.
      let semaphore = BlockingGate()
      Task {
        for await _ in go { break }
        semaphore.open()
      }
      semaphore.wait()
      connection.send("3\r\ntwo\r\n0\r\n\r\n")
    }
    let stream = try await HTTPClient.shared.open(local("GET", server.url))
    for await _ in steps { break }
    #expect(stream.head.status == 200)
    #expect(try await stream.next() == Array("one".utf8))
    release.yield()
    #expect(try await stream.next() == Array("two".utf8))
    #expect(try await stream.next() == nil)
  }

  @Test(arguments: ["before the header", "in the body"])
  func `cancelling the task closes the connection`(place: String) async throws {
    let (events, feed) = AsyncStream.makeStream(of: Bool.self)
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      if place == "in the body" {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
      }
      feed.yield(false)
      feed.yield(connection.waitForEnd())
    }
    let request = local("POST", server.url, body: [1])
    let task = Task { try await HTTPClient.shared.send(request) }
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == false)
    task.cancel()
    let error = await #expect(throws: HTTPClientError.self) { try await task.value }
    #expect(error?.code == .cancelled)
    #expect(await seen.next() == true)
  }

  @Test func `a stream that is let go closes its connection`() async throws {
    let (events, feed) = AsyncStream.makeStream(of: Bool.self)
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
      feed.yield(connection.waitForEnd())
    }
    _ = try await HTTPClient.shared.open(local("GET", server.url))
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == true)
  }

  @Test func `a task that is already cancelled sends nothing`() async throws {
    let request = local("GET", "http://127.0.0.1:1")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await HTTPClient.shared.send(request)
    }
    let error = await #expect(throws: HTTPClientError.self) { try await task.value }
    #expect(error?.code == .cancelled)
  }

  @Test func `a redirection is an answer, unless it may be followed`() async throws {
    let server = try ScriptedServer { connection, _ in
      while let request = connection.request() {
        if request.hasPrefix("GET /old") {
          connection.answer("302 Found", ["Location: /new"], body: "moved")
        } else {
          connection.answer("200 OK", body: "here")
        }
      }
    }
    var request = local("GET", "\(server.url)/old")
    #expect(try await HTTPClient.shared.send(request).status == 302)
    request.redirects = 3
    let followed = try await HTTPClient.shared.send(request)
    #expect(followed.status == 200 && followed.body == Array("here".utf8))
  }

  @Test func `an interim answer and trailers are passed over`() async throws {
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      connection.send(
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
          + "\r\n2\r\nok\r\n0\r\nX-Late: 1\r\n\r\n")
    }
    let answer = try await HTTPClient.shared.send(local("GET", server.url))
    #expect(answer.status == 200 && answer.body == Array("ok".utf8))
    #expect(answer.head.header("link") == nil && answer.head.header("x-late") == nil)
  }

  @Test func `a proxy gets the whole URL`() async throws {
    let server = try ScriptedServer { connection, _ in
      let line = connection.request()?.split(separator: "\r\n").first ?? ""
      connection.answer("200 OK", body: String(line))
    }
    var request = local("GET", "http://models.example/v1")
    request.network.httpProxy = server.url
    let answer = try await HTTPClient.shared.send(request)
    #expect(String(decoding: answer.body, as: UTF8.self) == "GET http://models.example/v1 HTTP/1.1")
  }
}
