import CLibevent
import Glibc

/// Runs a handler on the loop for each delivery of a signal.
///
/// libevent installs a signal handler that writes to the loop, so no signal is blocked and children
/// start with the default action. The former action comes back when the source is released. One
/// delivery may stand for several that came at once, as always with signals.
@LoopActor
public final class SignalSource {
  private let handler: @LoopActor () -> Void
  private var event: OpaquePointer?

  /// Starts to catch a signal.
  ///
  /// - Parameters:
  ///   - signal: the number, such as `SIGTERM`; not `SIGKILL` or `SIGSTOP`.
  ///   - handler: what runs on the loop.
  /// - Throws: ``EventLoopError`` when the signal cannot be caught.
  public init(_ signal: Int32, _ handler: @escaping @LoopActor () -> Void) throws(EventLoopError) {
    self.handler = handler
    guard signal > 0, signal < 65, signal != SIGKILL, signal != SIGSTOP else {
      throw EventLoopError(code: .signal, object: "\(signal)", errno: EINVAL)
    }
    event = event_new(
      LoopActor.eventBase, signal, Int16(EV_SIGNAL | EV_PERSIST),
      { _, _, context in
        LoopActor.enter(context, ()) { (source: SignalSource, _) in source.handler() }
      }, Unmanaged.passUnretained(self).toOpaque())
    guard let event, event_add(event, nil) == 0 else {
      throw EventLoopError(code: .signal, object: "\(signal)", errno: Glibc.errno)
    }
  }

  isolated deinit {
    if let event { event_free(event) }
  }

  /// Gives the signal back to its former action.
  public func cancel() {
    if let event { event_free(event) }
    event = nil
  }
}
