import CShims
import EventLoop
import Glibc

enum Socket {
  /// Gives the kernel what it takes at once: the number of bytes, or -1.
  static func send(_ descriptor: Int32, _ bytes: Span<UInt8>) -> Int {
    bytes.withUnsafeBufferPointer {
      Glibc.send(
        descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
  }

  /// Throws away what has come in, some 64 KiB at most: closing with unread input would be a reset,
  /// which takes away what was sent last.
  static func discardInput(_ descriptor: Int32) {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      for _ in 0..<16
      where recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT)) <= 0 { return }
    }
  }
}

extension HTTPServer {
  /// Connections that wait to be accepted; the kernel caps it at net.core.somaxconn.
  private static let backlog: Int32 = 4096

  /// Descriptors that are left for files, pipes and the loop itself.
  private static let reservedDescriptors = 128

  static func listen(_ configuration: Configuration) throws(HTTPServerError) -> (Int32, Int) {
    let address = "\(configuration.host):\(configuration.port)"
    guard let port = UInt16(exactly: configuration.port) else {
      throw HTTPServerError(code: .badAddress, address: address, errno: EINVAL)
    }
    let host = configuration.host == "localhost" ? "127.0.0.1" : configuration.host
    let peerTimeout = configuration.limits.writeTimeout.components.seconds
    var bound: UInt16 = 0
    let socket = agentv_listen(
      host, port, backlog, Int32(clamping: configuration.limits.sendBufferBytes),
      UInt32(clamping: max(peerTimeout, 1) * 1000), &bound)
    if socket >= 0 { return (socket, Int(bound)) }
    let code: HTTPServerError.Code =
      switch errno {
      case EINVAL: .badAddress
      case EADDRINUSE: .addressInUse
      case EACCES, EPERM, EADDRNOTAVAIL: .notPermitted
      default: .system
      }
    throw HTTPServerError(code: code, address: address, errno: errno)
  }

  static func connectionsForDescriptors() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    return max(Int(clamping: limit.rlim_cur) - reservedDescriptors, 16)
  }
}
