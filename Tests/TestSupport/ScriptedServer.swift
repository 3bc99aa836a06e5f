// A server that does exactly what a test tells it, so that it can break every rule of HTTP.

import Core
import Dispatch
import Glibc

/// Listens on a free port of the loopback address; each connection runs a script on a thread.
public final class ScriptedServer: Sendable {
  /// The port.
  public let port: Int
  private let listener: Int32

  /// Starts to listen.
  /// - Parameter script: gets each connection and its number, from 0; it may block. The connection is
  ///   closed when it returns.
  /// - Throws: `TestHTTPError`.
  public init(_ script: @escaping @Sendable (ScriptedConnection, Int) -> Void) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isListening else { throw TestHTTPError(text: "cannot listen: \(errno)") }
    port = Int(UInt16(bigEndian: address.sin_port))
    self.listener = listener
    DispatchQueue(label: "scripted-server").async {
      var number = 0
      while true {
        let descriptor = accept(listener, nil, nil)
        if descriptor < 0 {
          if errno == EINTR || errno == ECONNABORTED { continue }
          break
        }
        let connection = ScriptedConnection(descriptor)
        let current = number
        number += 1
        DispatchQueue(label: "scripted-connection").async {
          script(connection, current)
          connection.close()
        }
      }
      Glibc.close(listener)
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Its URL, without a slash at the end.
  public var url: String { "http://127.0.0.1:\(port)" }
}

/// One connection of a `ScriptedServer`.
public final class ScriptedConnection: Sendable {
  /// Longest wait for bytes of the client.
  private static let patienceSeconds = 30
  private let descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Reads a request: head and, by its `Content-Length`, body; `nil` when the client has gone.
  public func request() -> String? {
    var bytes: [UInt8] = []
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.firstRange(of: "\r\n\r\n") {
        let head = text[..<end.lowerBound].lowercased()
        let length =
          head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
          .flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
        if bytes.count >= text[..<end.upperBound].utf8.count + length { return text }
      }
      guard let more = read() else { return nil }
      bytes += more
    }
  }

  /// Sends as much as the client takes.
  /// - Returns: whether everything was taken.
  @discardableResult
  public func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Sends a text.
  @discardableResult
  public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Sends an answer with its length.
  @discardableResult
  public func answer(_ status: String, _ headers: [String] = [], body: String = "") -> Bool {
    let lines = ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)"]
    return send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
  }

  /// Waits until the client has closed or reset the connection.
  /// - Returns: whether it did so in time.
  public func waitForEnd() -> Bool {
    while read() != nil {}
    return errno != EAGAIN
  }

  /// Closes with a RST instead of a FIN.
  public func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  func close() { Glibc.close(descriptor) }

  private func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    errno = 0
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }
}
