import CLibevent
import Glibc

/// Runs a handler on the loop while a descriptor is readable or writable.
///
/// Level-triggered: the handler runs in every turn until the descriptor was read or written, or
/// ``events`` no longer asks for it. The descriptor belongs to the caller, who cancels or releases
/// the source *before* closing it. End of file and errors count as readable and writable.
@LoopActor
public final class DescriptorSource {
  /// What a descriptor is ready for.
  public struct Events: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int16

    /// Makes a set from its bits.
    ///
    /// - Parameter rawValue: the bits.
    public init(rawValue: Int16) { self.rawValue = rawValue }

    /// Data, end of file or an error can be read.
    public static let read = Events(rawValue: Int16(EV_READ))
    /// At least one byte can be written, or an error be seen.
    public static let write = Events(rawValue: Int16(EV_WRITE))
  }

  private let handler: @LoopActor (Events) -> Void
  private let descriptor: Int32
  private var event: OpaquePointer?

  /// Starts to watch a descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: an open descriptor that can be polled, best non-blocking.
  ///   - events: what to wait for; may be empty at first.
  ///   - handler: gets what the descriptor is ready for.
  /// - Throws: ``EventLoopError`` when it cannot be polled.
  public init(
    descriptor: Int32, events: Events, _ handler: @escaping @LoopActor (Events) -> Void
  ) throws(EventLoopError) {
    // What epoll would refuse; the loop tells it only at the end of the turn.
    var status = stat()
    let isOpen = fstat(descriptor, &status) == 0
    guard isOpen, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
      throw EventLoopError(
        code: .descriptor, object: "\(descriptor)", errno: isOpen ? EPERM : Glibc.errno)
    }
    self.descriptor = descriptor
    self.events = events
    self.handler = handler
    event = event_new(
      LoopActor.eventBase, descriptor, events.rawValue | Int16(EV_PERSIST), Self.callback,
      Unmanaged.passUnretained(self).toOpaque())
    guard let event, events.isEmpty || event_add(event, nil) == 0 else {
      throw EventLoopError(code: .descriptor, object: "\(descriptor)", errno: Glibc.errno)
    }
  }

  isolated deinit {
    if let event { event_free(event) }
  }

  /// What is waited for.
  ///
  /// Setting it takes effect at once.
  public var events: Events {
    didSet {
      guard events != oldValue, let event else { return }
      event_del(event)
      event_assign(
        event, LoopActor.eventBase, descriptor, events.rawValue | Int16(EV_PERSIST),
        Self.callback, Unmanaged.passUnretained(self).toOpaque())
      if !events.isEmpty { event_add(event, nil) }
    }
  }

  /// Ends the watching for good.
  ///
  /// The handler does not run again.
  public func cancel() {
    if let event { event_free(event) }
    event = nil
  }

  private static let callback: event_callback_fn = { _, what, context in
    LoopActor.enter(context, what) { (source: DescriptorSource, what) in
      source.handler(Events(rawValue: what).intersection(source.events))
    }
  }
}
