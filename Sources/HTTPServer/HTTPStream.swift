import CLibevent
public import EventLoop

/// The body of a response that is written over time.
///
/// It has the members of `EventStream.EventSink`. Bytes go straight to the socket and are never
/// queued, but for one piece of bounded size over TLS; what the client sends meanwhile is thrown away. A peer that takes nothing for
/// `HTTPLimits.writeTimeout` although bytes wait for it is cut off.
@LoopActor
public final class HTTPStream {
  /// Whether the body is in chunked transfer coding, which the writer does (HTTP/1.1).
  public let isChunked: Bool

  /// Runs once after a write that did not take all, as soon as more can be taken.
  public var onWritable: (@LoopActor () -> Void)?

  /// Runs once when the client has gone or was cut off by the server, not after ``finish()`` or
  /// ``abort()``.
  public var onClosed: (@LoopActor () -> Void)?

  private var connection: Connection?
  private let descriptor: Int32
  private let isEncrypted: Bool
  private var writableEvent: OpaquePointer?
  private var isArmed = false
  private var isFirstWrite = true
  /// Whether the output buffer is empty; it stays so, as only the end writes to it again.
  private var isHeaderSent = false

  init(connection: Connection, isChunked: Bool) {
    self.connection = connection
    self.isChunked = isChunked
    descriptor = connection.descriptor
    isEncrypted = connection.isEncrypted
  }

  isolated deinit {
    if let writableEvent { event_free(writableEvent) }
  }

  /// Whether the client is still there and the stream not ended.
  public var isOpen: Bool { connection != nil }

  /// Writes what the socket can take now; see `EventSink.write(_:)`.
  ///
  /// - Parameter bytes: what to send, framed as chunks when ``isChunked``.
  /// - Returns: the number of bytes taken.
  public func write(_ bytes: Span<UInt8>) -> Int {
    guard let connection, !isArmed else { return 0 }
    if isEncrypted { return encipher(bytes, on: connection) }
    if !isHeaderSent {
      guard let taken = writeWithHeader(bytes) else { return 0 }
      if taken > 0 { return taken }
    }
    // An error is seen by the bufferevent as well, which closes the connection. With thousands of
    // streams each object that is touched here is a cache miss, so it is only this one.
    let count = Socket.send(descriptor, bytes)
    if count < bytes.count { arm() }
    return max(count, 0)
  }

  /// The response header is still in the output buffer: nil when it has to stay there for now, else
  /// how many bytes left together with it.
  private func writeWithHeader(_ bytes: Span<UInt8>) -> Int? {
    guard let connection else { return nil }
    let joins = isFirstWrite && bytes.count <= Self.joinedBytes && connection.unsentBytes > 0
    isFirstWrite = false
    if joins { connection.queue(bytes) }
    connection.flushOutput()
    isHeaderSent = connection.unsentBytes == 0
    if joins { return bytes.count }
    if isHeaderSent { return 0 }
    arm()
    return nil
  }

  /// Over TLS everything goes through the bufferevent, which keeps at most one piece for the stream.
  private func encipher(_ bytes: Span<UInt8>, on connection: Connection) -> Int {
    let joins = isFirstWrite && bytes.count <= Self.joinedBytes
    isFirstWrite = false
    guard connection.unsentBytes == 0 || joins else {
      arm()
      return 0
    }
    let count = min(bytes.count, Self.encipheredBytes)
    connection.queue(bytes.extracting(0..<count))
    connection.countUnsent(connection.unsentBytes)
    if count < bytes.count { arm() }
    return count
  }

  /// Most bytes of a stream that wait in our memory to be enciphered: as many as the kernel takes of a
  /// stream that is not, so that both are too slow at the same rate.
  private static let encipheredBytes = 128 * 1024

  /// A first write up to this size leaves together with the response header; it is the only one that
  /// may stay in our memory when the socket does not take it.
  private static let joinedBytes = 16 * 1024

  /// Ends the response properly; bytes that a write did not take are not sent.
  public func finish() {
    guard let connection = detach() else { return }
    connection.server.endStream(on: connection)
  }

  /// Cuts the connection off.
  public func abort() {
    detach()?.doom()
  }

  /// Cuts the connection off and tells the owner, as when the client has gone.
  public func cutOff() { connection?.doom() }

  func clientGone() {
    guard detach() != nil else { return }
    let handler = onClosed
    onClosed = nil
    handler?()
  }

  @discardableResult
  private func detach() -> Connection? {
    if let writableEvent { event_free(writableEvent) }
    writableEvent = nil
    defer { connection = nil }
    return connection
  }

  private func arm() {
    guard let connection else { return }
    isArmed = true
    if isEncrypted {
      // The time-out is the bufferevent's own.
      return connection.whenEmpty { [weak self] in self?.becameWritable(timedOut: false) }
    }
    if writableEvent == nil {
      writableEvent = event_new(
        LoopActor.eventBase, descriptor, Int16(EV_WRITE),
        { _, what, context in
          LoopActor.enter(context, what) { (stream: HTTPStream, what) in
            stream.becameWritable(timedOut: what & Int16(EV_TIMEOUT) != 0)
          }
        }, Unmanaged.passUnretained(self).toOpaque())
    }
    var timeout = timeval(connection.server.limits.writeTimeout)
    event_add(writableEvent, &timeout)
  }

  private func becameWritable(timedOut: Bool) {
    isArmed = false
    guard let connection else { return }
    if timedOut {
      connection.doom()  // its close callback tells the owner
    } else {
      onWritable?()
    }
  }
}
