import Core
import TestSupport
import Testing

@testable import HTTPClient

/// What a server does to a client, and what the client makes of it.
struct Mischief: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var code: HTTPClientError.Code
  var text: String
  var act: @Sendable (ScriptedConnection) -> Void

  static let all: [Mischief] = [
    Mischief(testDescription: "closes at once", code: .broken, text: "Empty reply") { _ in },
    Mischief(testDescription: "resets", code: .broken, text: "") { $0.reset() },
    Mischief(testDescription: "half a header", code: .broken, text: "within the header") {
      $0.send("HTTP/1.1 200 OK\r\nContent-Le")
    },
    Mischief(testDescription: "half a body", code: .broken, text: "") {
      $0.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    },
    Mischief(testDescription: "half a chunk", code: .broken, text: "") {
      $0.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf")
    },
    Mischief(testDescription: "a chunk without a size", code: .broken, text: "") {
      $0.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf")
    },
    Mischief(testDescription: "another protocol", code: .garbage, text: "HTTP/0.9") {
      $0.send("SSH-2.0-OpenSSH_9.2\r\n\r\n")
    },
    Mischief(testDescription: "noise", code: .garbage, text: "") {
      $0.send([UInt8](repeating: 0xFE, count: 100_000))
    },
    Mischief(testDescription: "a header without end", code: .tooLarge, text: "262144 bytes") {
      var line = 0
      $0.send("HTTP/1.1 200 OK\r\n")
      while $0.send("X-\(line): \(String(repeating: "x", count: 8000))\r\n") { line += 1 }
    },
    Mischief(testDescription: "a body without end", code: .tooLarge, text: "100000 bytes") {
      $0.send("HTTP/1.1 200 OK\r\n\r\n")
      while $0.send([UInt8](repeating: 65, count: 65536)) {}
    },
  ]
}

@Suite(.timeLimit(.minutes(2))) struct HTTPClientHardeningTests {
  @Test(arguments: Mischief.all)
  func `a bad answer is an error of that request alone`(mischief: Mischief) async throws {
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      mischief.act(connection)
    }
    var request = local("POST", "\(server.url)/v1?key=sesame", body: [65])
    request.responseLimitBytes = 100_000
    let error = await failure(request)
    #expect(error?.code == mischief.code, "\(error?.description ?? "")")
    #expect(error?.description.contains(mischief.text) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("127.0.0.1:\(server.port)") == true)
    #expect(error?.description.contains("sesame") == false)
  }

  @Test func `silence after the header ends at the idle limit`() async throws {
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
      _ = connection.waitForEnd()
    }
    let timeouts = HTTPClientTimeouts(idle: .milliseconds(200))
    let error = await failure(local("GET", server.url, timeouts: timeouts))
    #expect(error?.code == .timedOut)
    #expect(error?.reason == "200 ms went by without a byte")
  }

  @Test func `a slow drip ends at the limit of the whole exchange`() async throws {
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
      while connection.send("x") {}
    }
    let timeouts = HTTPClientTimeouts(total: .milliseconds(300))
    let error = await failure(local("GET", server.url, timeouts: timeouts))
    #expect(error?.code == .timedOut)
    #expect(error?.reason == "the whole exchange may take 300 ms")
  }

  @Test func `a TLS handshake that nobody answers ends at the connect limit`() async throws {
    let server = try ScriptedServer { connection, _ in _ = connection.waitForEnd() }
    let timeouts = HTTPClientTimeouts(connect: .milliseconds(200))
    let error = await failure(
      local("GET", "https://127.0.0.1:\(server.port)", timeouts: timeouts))
    #expect(error?.code == .timedOut)
    #expect(error?.reason.contains("connecting may take 200 ms") == true)
  }

  @Test func `a server without TLS is named as such`() async throws {
    let server = try ScriptedServer { connection, _ in
      connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
    }
    let error = await failure(local("GET", "https://127.0.0.1:\(server.port)"))
    #expect(error?.code == .untrusted, "\(error?.description ?? "")")
  }

  @Test func `a port where nobody listens is unreachable`() async throws {
    var server: ScriptedServer? = try ScriptedServer { _, _ in }
    let port = try #require(server?.port)
    server = nil
    // The listener closes on its own thread; until then it closes what it accepts.
    var error = await failure(local("GET", "http://127.0.0.1:\(port)"))
    while error?.code == .broken {
      error = await failure(local("GET", "http://127.0.0.1:\(port)"))
    }
    #expect(error?.code == .unreachable)
    #expect(error?.description.hasPrefix("cannot connect to http://127.0.0.1:\(port): ") == true)
  }

  @Test(arguments: [
    ("ftp://x", "a URL must begin with http:// or https://"),
    ("no url", "a URL must begin with"), ("http://x y", "a space or a control character"),
    ("http://x\r\nHost: y", "a space or a control character"),
  ])
  func `a URL that makes no sense is refused`(url: String, text: String) async {
    let error = await failure(local("GET", url))
    #expect(error?.code == .badRequest)
    #expect(error?.reason.contains(text) == true)
  }

  @Test func `a header field cannot bring a second one, and its value is not shown`() async {
    let error = await failure(
      local("GET", "http://x", headers: [.init("Authorization", "Bearer secret\r\nX: y")]))
    #expect(error?.code == .badRequest)
    #expect(error?.reason.contains("Authorization") == true)
    #expect(error?.description.contains("secret") == false)
  }

  @Test func `user, password and query of a URL are not shown`() {
    let request = local("GET", "https://user:pass@host:1/p?key=k")
    #expect(request.server == "https://host:1")
  }

  @Test func `a missing libcurl is an error that names the package`() {
    let text = HTTPClient.load("libcurl-nowhere.so.4") ?? ""
    #expect(text.isEmpty || text.contains("apt-get install libcurl4"), "\(text)")
  }

  @Test func `requests leave no descriptor behind`() async throws {
    let server = try ScriptedServer { connection, _ in
      _ = connection.request()
      connection.answer("200 OK", ["Connection: close"])
    }
    _ = try await HTTPClient.shared.send(local("GET", server.url))
    let before = try FileIO.list("/proc/self/fd").count
    for _ in 0..<200 {
      _ = try await HTTPClient.shared.send(local("GET", server.url))
    }
    // Other tests run beside this one and open some of their own.
    #expect(try FileIO.list("/proc/self/fd").count < before + 150)
  }
}
