import EventLoop
import Glibc
import HTTPServer
import Testing

@Suite(.timeLimit(.minutes(1)))
struct StreamTests {
  @Test func `bytes go straight to the socket, as chunks, and the end is proper`() async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.request("GET /stream")
    let head = try client.read(until: "\r\n\r\n")
    #expect(head.contains("Transfer-Encoding: chunked"))
    #expect(head.contains("Cache-Control: no-store") && head.contains("X-Accel-Buffering: no"))
    await test.wait { test.streams.count == 1 }
    await onLoop {
      let stream = test.streams[0]
      #expect(stream.isChunked)
      let bytes = Array("5\r\nhello\r\n".utf8)
      let taken = stream.write(bytes.span)
      #expect(taken == bytes.count)
    }
    #expect(try client.read(until: "hello\r\n") == "5\r\nhello\r\n")
    await test.streams[0].finish()
    #expect(try client.readAll() == "0\r\n\r\n")
    #expect(await test.closedStreams == 0)
    #expect(await test.server.streamCount == 0)
    await test.close()
  }

  @Test func `an HTTP/1.0 client gets a stream without chunks`() async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.send("GET /stream HTTP/1.0\r\n\r\n")
    let head = try client.read(until: "\r\n\r\n")
    #expect(!head.contains("chunked"))
    await test.wait { test.streams.count == 1 }
    await onLoop {
      #expect(!test.streams[0].isChunked)
      _ = test.streams[0].write(Array("plain".utf8).span)
      test.streams[0].finish()
    }
    #expect(try client.readAll() == "plain")
    await test.close()
  }

  @Test func `a client that leaves an idle stream is noticed at once`() async throws {
    let test = try await TestServer()
    let leaves: [(RawClient) -> Void] = [{ $0.halfClose() }, { $0.reset() }]
    for (index, leave) in leaves.enumerated() {
      let client = try RawClient(port: await test.port)
      client.request("GET /stream")
      try client.read(until: "\r\n\r\n")
      leave(client)
      await test.wait { test.closedStreams == index + 1 }
    }
    await onLoop {
      for stream in test.streams {
        #expect(!stream.isOpen)
        #expect(stream.write(Array("x".utf8).span) == 0)
        stream.finish()
        stream.abort()
      }
    }
    await test.close()
  }

  @Test func `what a client sends on its stream is thrown away`() async throws {
    let test = try await TestServer()
    let client = try RawClient(port: await test.port)
    client.request("GET /stream")
    try client.read(until: "\r\n\r\n")
    let megabyte = [UInt8](repeating: 65, count: 1 << 20)
    for _ in 0..<64 { client.send(megabyte) }
    await test.wait { test.streams.count == 1 }
    // What has not been read yet waits in the kernel, not with us.
    #expect(await test.server.bufferedInputBytes <= 4096)
    await test.streams[0].finish()
    #expect(try client.readAll() == "0\r\n\r\n")
    await test.close()
  }

  @Test func `a stalled reader is told as writable when it reads, and cut off when it does not`()
    async throws
  {
    let test = try await TestServer { $0.sendBufferBytes = 16 * 1024 }
    let client = try RawClient(port: await test.port, receiveBufferBytes: 8 * 1024)
    client.request("GET /stream")
    try client.read(until: "\r\n\r\n")
    await test.wait { test.streams.count == 1 }
    let writer = await Flood(test.streams[0], test: test)
    await test.wait { writer.refused }
    // Reading makes the rest go out.
    let total = await writer.total
    try client.skip(total)
    #expect(await writer.sent == total)
    await test.close()

    let impatient = try await TestServer {
      $0.sendBufferBytes = 16 * 1024
      $0.writeTimeout = .milliseconds(300)
    }
    let idle = try RawClient(port: await impatient.port, receiveBufferBytes: 8 * 1024)
    idle.request("GET /stream")
    try idle.read(until: "\r\n\r\n")
    await impatient.wait { impatient.streams.count == 1 }
    let unread = await Flood(impatient.streams[0], test: impatient)
    await impatient.wait { impatient.closedStreams == 1 }
    #expect(await unread.refused)
    await impatient.close()
  }

  /// Writes 1 MiB of lines as fast as the stream takes them.
  @LoopActor final class Flood {
    let stream: HTTPStream
    let test: TestServer
    let bytes = Array(
      String(repeating: String(repeating: "x", count: 1023) + "\n", count: 1024).utf8)
    var sent = 0
    var refused = false
    var total: Int { bytes.count }

    init(_ stream: HTTPStream, test: TestServer) {
      self.stream = stream
      self.test = test
      stream.onWritable = { [weak self] in self?.write() }
      begin()
    }

    func begin() {
      sent = 0
      write()
    }

    private func write() {
      let bytes = bytes
      sent += stream.write(bytes.span.extracting(sent..<bytes.count))
      refused = refused || sent < bytes.count
      test.changed()
    }
  }

  @Test func `many streams come and go without leaving a socket behind`() async throws {
    let test = try await TestServer()
    let port = await test.port
    let before = sockets(at: port)
    for _ in 0..<10 {
      var clients: [RawClient] = []
      for _ in 0..<20 {
        let client = try RawClient(port: port)
        client.request("GET /stream")
        try client.read(until: "\r\n\r\n")
        clients.append(client)
      }
      await test.wait { test.server.streamCount == 20 }
      clients = []
      await test.wait { test.server.streamCount == 0 }
    }
    #expect(await test.closedStreams == 200)
    #expect(sockets(at: port) == before)
    await test.close()
  }
}

/// Sockets of this process with an end at a port: other tests open descriptors meanwhile.
private func sockets(at port: Int) -> Int {
  func ends(
    _ descriptor: Int32,
    at name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> Bool {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutableBytes(of: &address) { bytes in
      bytes.baseAddress.map { name(descriptor, $0.assumingMemoryBound(to: sockaddr.self), &length) }
    }
    return result == 0 && Int32(address.sin_family) == AF_INET
      && Int(UInt16(bigEndian: address.sin_port)) == port
  }
  return (0..<Int32(4096)).count {
    ends($0, at: { getsockname($0, $1, $2) }) || ends($0, at: { getpeername($0, $1, $2) })
  }
}
