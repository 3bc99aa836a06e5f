public import EventLoop

/// The body of a response that is written over time.
///
/// It has the members of `EventStream.EventSink`. Bytes go straight to the socket and are never
/// queued; what the client sends meanwhile is thrown away.
@LoopActor
public final class HTTPStream {
  /// Whether the body is in chunked transfer coding, which the writer does (HTTP/1.1).
  public let isChunked: Bool = true

  /// Runs once after a write that did not take all, as soon as more can be taken.
  public var onWritable: (@LoopActor () -> Void)?

  /// Runs once when the client has gone or the stream was aborted, never inside of another call.
  public var onClosed: (@LoopActor () -> Void)?

  /// Writes what the socket can take now; see `EventSink.write(_:)`.
  ///
  /// - Parameter bytes: what to send, framed as chunks when ``isChunked``.
  /// - Returns: the number of bytes taken.
  public func write(_ bytes: Span<UInt8>) -> Int { 0 }

  /// Ends the response properly.
  public func finish() {}

  /// Cuts the connection off.
  public func abort() {}
}
