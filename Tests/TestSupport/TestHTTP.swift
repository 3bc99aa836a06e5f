// A small HTTP client for tests: blocking sockets on a thread of its own, every read with a limit.

public import Core
import Dispatch
import Glibc

/// An answer as a test looks at it.
public struct TestResponse: Sendable {
  /// The status code.
  public var status: Int
  /// Header fields with names in lower case.
  public var headers: [(name: String, value: String)]
  /// The body without transfer coding.
  public var body: [UInt8]

  /// The value of a header field.
  public func header(_ name: String) -> String? {
    headers.first { $0.name == name.lowercased() }?.value
  }
  /// The body as text.
  public var text: String { String(decoding: body, as: UTF8.self) }
  /// The body as JSON; `null` when it is none.
  public var json: JSON { (try? JSON.parse(body)) ?? .null }
}

/// A connection that could not be made or was cut.
public struct TestHTTPError: Error, CustomStringConvertible {
  /// What failed.
  public let description: String

  /// An error with a text.
  public init(text: String) { description = text }
}

/// A server on the loopback address.
public struct TestHTTP: Sendable {
  /// Longest wait for bytes in seconds.
  public static let timeoutSeconds = 30
  /// Its port.
  public let port: Int

  /// The server on a port.
  public init(port: Int) { self.port = port }

  /// Sends a request on a connection of its own and reads the whole answer.
  /// - Parameters:
  ///   - method: the method.
  ///   - path: path and query as they go on the wire.
  ///   - headers: further header fields; `Host` may be replaced.
  ///   - body: sent with its length when it is not `nil`.
  /// - Returns: the answer.
  /// - Throws: `TestHTTPError` when there is none.
  public func send(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
  ) async throws -> TestResponse {
    let bytes = head(method, path, headers, body, keepsOpen: false)
    let port = port
    return try await withCheckedThrowingContinuation { continuation in
      // A queue of its own: the shared ones run few blocking jobs at a time.
      DispatchQueue(label: "test-http").async {
        continuation.resume(
          with: Result {
            let socket = try TestSocket(port: port)
            try socket.write(bytes)
            var reader = TestResponseReader(socket)
            return try reader.whole(hasBody: method != "HEAD")
          })
      }
    }
  }

  /// Reads.
  public func get(_ path: String, headers: [(String, String)] = []) async throws -> TestResponse {
    try await send("GET", path, headers: headers)
  }

  /// Posts JSON; without a body when it is `nil`.
  public func post(_ path: String, _ json: JSON? = nil) async throws -> TestResponse {
    try await send(
      "POST", path, headers: json == nil ? [] : [("Content-Type", "application/json")],
      body: json?.serialized())
  }

  func head(
    _ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]?,
    keepsOpen: Bool
  ) -> [UInt8] {
    var text = "\(method) \(path) HTTP/1.1\r\n"
    if !headers.contains(where: { $0.0.lowercased() == "host" }) {
      text += "Host: localhost:\(port)\r\n"
    }
    if !keepsOpen { text += "Connection: close\r\n" }
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if let body { text += "Content-Length: \(body.count)\r\n" }
    return Array((text + "\r\n").utf8) + (body ?? [])
  }
}

/// A blocking socket.
final class TestSocket: Sendable {
  let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw TestHTTPError(text: "no socket") }
    var limit = timeval(tv_sec: TestHTTP.timeoutSeconds, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      throw TestHTTPError(text: "cannot connect to port \(port): errno \(errno)")
    }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) throws {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw TestHTTPError(text: "the connection was cut") }
      offset += count
    }
  }

  /// What is there; empty at the end of the stream, `nil` when nothing came in time or it broke.
  func read() -> [UInt8]? {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
      let got = recv(descriptor, buffer.baseAddress, 65536, 0)
      failed = got < 0
      count = max(0, got)
    }
    return failed ? nil : bytes
  }

  /// Ends both directions, so that a thread in `read` comes back.
  func cut() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// Takes a response apart: header, then body with or without chunks.
struct TestResponseReader {
  private let socket: TestSocket
  private var buffer: [UInt8] = []
  private var isAtEnd = false

  init(_ socket: TestSocket) { self.socket = socket }

  /// Status and header fields.
  mutating func header() throws -> (status: Int, headers: [(name: String, value: String)]) {
    let separator = Array("\r\n\r\n".utf8)
    while true {
      if let range = buffer.firstRange(of: separator) {
        let lines = String(decoding: buffer[..<range.lowerBound], as: UTF8.self).split(
          separator: "\r\n")
        buffer.removeSubrange(..<range.upperBound)
        let parts = lines.first?.split(separator: " ") ?? []
        guard parts.count > 1, let status = Int(parts[1]) else {
          throw TestHTTPError(text: "no status line")
        }
        let headers = lines.dropFirst().map { line -> (name: String, value: String) in
          let parts = line.split(separator: ":", maxSplits: 1)
          let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
          return (parts[0].lowercased(), String(value))
        }
        return (status, headers)
      }
      guard try fill() else { throw TestHTTPError(text: "the answer ended in its header") }
    }
  }

  mutating func whole(hasBody: Bool) throws -> TestResponse {
    let (status, headers) = try header()
    var response = TestResponse(status: status, headers: headers, body: [])
    guard hasBody, status != 204, status != 304 else { return response }
    if response.header("transfer-encoding")?.lowercased() == "chunked" {
      while let chunk = try chunk() { response.body += chunk }
    } else if let length = response.header("content-length").flatMap({ Int($0) }) {
      while buffer.count < length {
        guard try fill() else { throw TestHTTPError(text: "the body was cut short") }
      }
      response.body = Array(buffer[..<length])
    } else {
      while try fill() {}
      response.body = buffer
    }
    return response
  }

  /// The next chunk; `nil` behind the last one.
  mutating func chunk() throws -> [UInt8]? {
    while true {
      if let line = buffer.firstRange(of: [0x0D, 0x0A]) {
        let text = String(decoding: buffer[..<line.lowerBound], as: UTF8.self)
        guard let size = Int(text.prefix { $0 != ";" }, radix: 16) else {
          throw TestHTTPError(text: "\"\(text)\" is no chunk size")
        }
        while buffer.count < line.upperBound + size + 2 {
          guard try fill() else { throw TestHTTPError(text: "cut inside a chunk") }
        }
        let chunk = Array(buffer[line.upperBound..<(line.upperBound + size)])
        buffer.removeSubrange(..<(line.upperBound + size + 2))
        return size == 0 ? nil : chunk
      }
      guard try fill() else { throw TestHTTPError(text: "cut between chunks") }
    }
  }

  /// More of a body that ends with the connection; `nil` at its end.
  mutating func rest() throws -> [UInt8]? {
    if buffer.isEmpty, try !fill() { return nil }
    defer { buffer = [] }
    return buffer
  }

  private mutating func fill() throws -> Bool {
    if isAtEnd { return false }
    guard let bytes = socket.read() else {
      throw TestHTTPError(text: "nothing came for \(TestHTTP.timeoutSeconds) s")
    }
    isAtEnd = bytes.isEmpty
    buffer += bytes
    return !isAtEnd
  }
}
