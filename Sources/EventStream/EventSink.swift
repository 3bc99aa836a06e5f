public import EventLoop

/// Where a subscriber's bytes go: one long-lived response.
///
/// The hub frames each event once and offers the same bytes to every sink. A sink hands the kernel
/// what it takes at once and never queues: what is left stays in the hub's shared log, and the hub
/// comes back when the sink is writable. That is what makes a slow subscriber cost nothing.
/// `HTTPServer.HTTPStream` has these members; the application connects the two by declaring the
/// conformance.
@LoopActor
public protocol EventSink: AnyObject {
  /// Whether the bytes must be in chunked transfer coding (RFC 9112 §7.1).
  var isChunked: Bool { get }

  /// Writes what the peer can take now.
  ///
  /// Never calls back. When it takes less than all, `onWritable` runs once as soon as it can take
  /// more. An error of the connection counts as taking nothing; `onClosed` reports it later.
  ///
  /// - Parameter bytes: complete events, or the rest of them.
  /// - Returns: the number of bytes taken.
  func write(_ bytes: Span<UInt8>) -> Int

  /// Runs once after a write that did not take all, as soon as more can be taken.
  var onWritable: (@LoopActor () -> Void)? { get set }

  /// Runs once when the peer has gone or the sink was aborted, never inside of another call.
  var onClosed: (@LoopActor () -> Void)? { get set }

  /// Ends the response properly. All bytes have been taken before.
  func finish()

  /// Cuts the connection off.
  func abort()
}
