public import Core
public import EventLoop

/// One stream of server-sent events with any number of subscribers.
@LoopActor
public final class EventHub {
  /// First part of every event id.
  public let epoch: String
  /// Subscribers at present.
  public var subscriberCount: Int { 0 }
  /// Subscribers that were cut off at the high-water mark so far.
  public private(set) var droppedSlowConsumers = 0
  /// Whether ``end()`` was called.
  public private(set) var isEnded = false

  /// Makes a stream without subscribers.
  ///
  /// - Parameter configuration: its numbers.
  public init(_ configuration: EventHubConfiguration = EventHubConfiguration()) {
    epoch = configuration.epoch ?? "0"
  }

  /// The id of the newest event.
  public var lastEventID: String { "\(epoch)-0" }

  /// Sends an event to every subscriber at the end of this turn of the loop.
  ///
  /// - Parameters:
  ///   - event: its type, one line.
  ///   - data: its data, serialised once.
  public func publish(_ event: String, _ data: JSON) {
    publish(event, data: data.serialized())
  }

  /// Sends an event to every subscriber at the end of this turn of the loop.
  ///
  /// - Parameters:
  ///   - event: its type, one line.
  ///   - data: its data as UTF-8; line ends make several `data:` lines.
  public func publish(_ event: String, data: [UInt8]) {}

  /// Adds a subscriber.
  ///
  /// A known `lastEventID` gets every later event, without gap or repeat. None, one of another epoch
  /// or one that is too old gets an event `snapshot` first. After the end of the stream the rest is
  /// sent and the sink finished.
  ///
  /// - Parameters:
  ///   - sink: where its bytes go.
  ///   - lastEventID: what the client sent as `Last-Event-ID`.
  ///   - snapshot: makes the data of the `snapshot` event; called only when it is needed.
  public func subscribe(
    _ sink: any EventSink, lastEventID: String?, snapshot: @LoopActor () -> JSON
  ) {}

  /// Whether a client with this `Last-Event-ID` has seen the whole stream and must get 204, which
  /// tells an `EventSource` to stop reconnecting.
  ///
  /// - Parameter lastEventID: what the client sent.
  /// - Returns: true when the stream has ended and the id is that of its last event.
  public func isComplete(for lastEventID: String?) -> Bool { false }

  /// Ends the stream after the events published so far: subscribers get them and are finished.
  public func end() { isEnded = true }
}
