@testable import HTTPServer
import EventLoop
import Testing

struct RequestTargetTests {
  @Test(
    arguments: [
      ("/", "/", [""], ""),
      ("/a/b", "/a/b", ["a", "b"], ""),
      ("/a//b/", "/a//b/", ["a", "", "b", ""], ""),
      ("/a%2Fb/c?x=1&y", "/a%2Fb/c", ["a/b", "c"], "x=1&y"),
      ("/caf%C3%A9?", "/caf%C3%A9", ["café"], ""),
      ("/a?b?c", "/a", ["a"], "b?c"),
    ])
  func `a target is split raw and each segment decoded once`(
    target: String, path: String, segments: [String], query: String
  ) throws {
    let parts = try #require(RequestTarget(target))
    #expect(parts.path == path)
    #expect(parts.segments == segments)
    #expect(parts.query == query)
  }

  @Test(arguments: [
    "", "a", "/%", "/%0", "/%g0", "/%00", "/a%00b", "/%FF", "/a b", "/a\u{1}", "/#x",
  ])
  func `what is no path is refused`(target: String) {
    #expect(RequestTarget(target) == nil)
  }

  @Test func `decoding twice never happens`() {
    #expect(RequestTarget("/%252e%252e")?.segments == ["%2e%2e"])
  }

  @Test func `query parameters are decoded as a form`() throws {
    let request = try #require(HTTPRequest(method: .get, target: "/?a=1+2&b=%26&c&a=3&d=%zz"))
    #expect(request.query("a") == "1 2")
    #expect(request.query("b") == "&")
    #expect(request.query("c") == "")
    #expect(request.query("d") == "%zz")
    #expect(request.query("e") == nil)
  }

  @Test func `header names have no case`() throws {
    let request = try #require(
      HTTPRequest(method: .get, target: "/", headers: [("Last-Event-ID", "x-1")]))
    #expect(request.header("last-event-id") == "x-1")
    #expect(request.header("last-event") == nil)
  }
}

@Suite(.timeLimit(.minutes(1)))
struct RouterTests {
  @Test func `a literal wins over a parameter and that over the rest`() async throws {
    let test = try await TestServer()
    await onLoop {
      for pattern in ["/r/fixed", "/r/:id", "/r/:id/x", "/r/*rest", "/r/fixed/deep/:a/:b"] {
        test.router.on(.get, pattern) { _, parameters, exchange in
          let values = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
          exchange.respond(.text(200, ([pattern] + values).joined(separator: " ")))
        }
      }
    }
    let client = try RawClient(port: await test.port)
    for (path, answer) in [
      ("/r/fixed", "/r/fixed"), ("/r/a", "/r/:id id=a"), ("/r/fixed/x", "/r/:id/x id=fixed"),
      ("/r/a/b/c", "/r/*rest rest=a/b/c"), ("/r/fixed/deep/1/2", "/r/fixed/deep/:a/:b a=1 b=2"),
      ("/r/fixed/deep/1", "/r/*rest rest=fixed/deep/1"), ("/r//a", "/r/*rest rest=/a"),
      ("/r/", "/r/*rest rest="),
    ] {
      client.request("GET \(path)")
      #expect(try client.response().body == answer)
    }
    for path in ["/r", "/R/a"] {
      client.request("GET \(path)")
      #expect(try client.response().status == 404, "\(path)")
    }
    await test.close()
  }

  @Test func `the fallback gets what no route matches, for reading only`() async throws {
    let test = try await TestServer()
    await onLoop {
      test.router.fallback = { _, _, exchange in exchange.respond(.text(200, "page")) }
    }
    let client = try RawClient(port: await test.port)
    client.request("GET /jobs/1")
    #expect(try client.response().body == "page")
    client.request("POST /jobs/1", "Content-Length: 0\r\n")
    #expect(try client.response().status == 404)
    await test.close()
  }

  @LoopActor @Test func `routes are listed for the documentation to be checked against`() {
    let router = Router()
    router.on(.get, "/a/:b") { _, _, _ in }
    router.on(.post, "/a/:b") { _, _, _ in }
    router.on(.get, "/a/:b") { _, _, _ in }
    #expect(
      router.routes.map { "\($0.method.rawValue) \($0.pattern)" } == ["GET /a/:b", "POST /a/:b"])
  }
}
