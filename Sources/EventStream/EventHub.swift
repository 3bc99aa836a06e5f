public import Core
public import EventLoop

/// One stream of server-sent events with any number of subscribers.
///
/// An event is serialised and framed once. The events of one loop turn are joined into one block of a
/// shared log and offered to every subscriber with one write; a subscriber that cannot take it keeps
/// its place as a cursor into the log and reads on when its socket is writable. One that is more than
/// the high-water mark behind is cut off and may come back with its last id. See
/// `docs/concepts/event-stream.md`.
@LoopActor
public final class EventHub {
  /// First part of every event id.
  public let epoch: String
  /// Subscribers that were cut off at the high-water mark so far.
  public private(set) var droppedSlowConsumers = 0
  /// Whether ``end()`` was called.
  public private(set) var isEnded = false

  let configuration: EventHubConfiguration
  private let log: EventLog
  var subscribers: [Subscriber] = []
  private var isFlushScheduled = false
  private var needsSweep = false
  private var serial: UInt64 = 0
  /// What the last fresh subscriber began with; the next one gets the same bytes.
  private var freshOpening: FreshOpening?
  private var openingCount: UInt64 = 0
  /// At least the bytes of snapshots that wait for their subscribers.
  var openingBytes = 0
  /// The shared snapshot that was counted last.
  var countedOpening: UInt64 = 0
  /// The next subscriber of the sweep that is under way, or nil.
  private var sweepIndex: Int?
  private var wasQuiet = true
  private lazy var heartbeat = LoopTimer { [weak self] in self?.beat() }

  /// Makes a stream without subscribers.
  ///
  /// - Parameter configuration: its numbers.
  public init(_ configuration: EventHubConfiguration = EventHubConfiguration()) {
    self.configuration = configuration
    epoch = configuration.epoch ?? String(UInt32.random(in: .min ... .max), radix: 36)
    log = EventLog(
      capacityBytes: max(configuration.replayBytes, configuration.highWaterBytes),
      lastSequence: configuration.lastSequence)
  }

  /// Subscribers at present.
  public var subscriberCount: Int { subscribers.count }

  /// The id of the newest event.
  public var lastEventID: String {
    EventID(epoch: epoch, sequence: log.lastSequence).description
  }

  /// Sends an event to every subscriber at the end of this turn of the loop.
  ///
  /// - Parameters:
  ///   - event: its type, one line.
  ///   - data: its data, serialised once.
  ///   - mark: what its id carries for a later hub; see ``EventID/mark``.
  public func publish(_ event: String, _ data: JSON, mark: String? = nil) {
    publish(event, data: data.serialized(), mark: mark)
  }

  /// Sends an event to every subscriber at the end of this turn of the loop.
  ///
  /// Does nothing after ``end()``.
  ///
  /// - Parameters:
  ///   - event: its type, one line; empty means `message`.
  ///   - data: its data as UTF-8; line ends make several `data:` lines.
  ///   - mark: what its id carries for a later hub; see ``EventID/mark``.
  public func publish(_ event: String, data: [UInt8], mark: String? = nil) {
    guard !isEnded else { return }
    log.append(epoch: epoch, event: event, data: data, mark: mark)
    freshOpening = nil
    wasQuiet = false
    scheduleFlush()
  }

  /// Adds a subscriber.
  ///
  /// A known `lastEventID` gets every later event, without gap or repeat. None, one of another epoch
  /// or one that is too old gets an event `snapshot` first. After the end of the stream the rest is
  /// sent, the last event at least, and the sink finished.
  ///
  /// - Parameters:
  ///   - sink: where its bytes go.
  ///   - lastEventID: what the client sent as `Last-Event-ID`.
  ///   - snapshot: makes the data of the `snapshot` event; called only when it is needed.
  public func subscribe(
    _ sink: any EventSink, lastEventID: String?, snapshot: @LoopActor () -> JSON
  ) {
    subscribe(sink, lastEventID: lastEventID, snapshotData: { snapshot().serialized() })
  }

  /// Adds a subscriber whose snapshot is serialised already; else as
  /// ``subscribe(_:lastEventID:snapshot:)``.
  ///
  /// - Parameters:
  ///   - sink: where its bytes go.
  ///   - lastEventID: what the client sent as `Last-Event-ID`.
  ///   - mark: makes what the id of the `snapshot` event carries; see ``EventID/mark``.
  ///   - variant: what tells snapshots of the same state apart. Subscribers with the same one share
  ///     the bytes of a snapshot until the next event: a state that has changed since is told by that
  ///     event. nil: each has its own.
  ///   - snapshotData: makes the data of the `snapshot` event; called only when it is needed.
  public func subscribe(
    _ sink: any EventSink, lastEventID: String?, mark: @LoopActor () -> String? = { nil },
    variant: String? = nil, snapshotData: @LoopActor () -> [UInt8]
  ) {
    seal()
    if let position = position(after: lastEventID) {
      var opening = SSEEncoder()
      opening.retry(configuration.retry)
      return add(sink, opening, position)
    }
    let sequence = presentSequence
    if let shared = freshOpening, let variant, shared.variant == variant,
      shared.isChunked == sink.isChunked, shared.sequence == sequence, !isEnded
    {
      let block = log.position(after: sequence)?.block
      return add(sink, framed: shared.bytes, number: shared.number, block: block)
    }
    var opening = SSEEncoder()
    opening.retry(configuration.retry)
    opening.event(
      id: EventID(epoch: epoch, sequence: sequence, mark: mark()).description, event: "snapshot",
      data: snapshotData())
    let position = log.position(after: sequence)
    guard let variant, !isEnded, position?.rest.isEmpty != false else {
      return add(sink, opening, position)
    }
    openingCount += 1
    let shared = FreshOpening(
      number: openingCount, variant: variant, isChunked: sink.isChunked, sequence: sequence,
      bytes: Subscriber.framed(opening.bytes, for: sink))
    freshOpening = shared
    add(sink, framed: shared.bytes, number: shared.number, block: position?.block)
  }

  /// The sequence number of the last event before the end of the stream: a state that is told now
  /// is followed by all later ones.
  ///
  /// After the end a state stands before the last event, so that the client sees the end.
  public var presentSequence: UInt64 {
    log.lastSequence - (isEnded && log.lastSequence > 0 ? 1 : 0)
  }

  /// Whether a client with this id can go on from the log.
  public func canContinue(after lastEventID: String?) -> Bool {
    seal()
    return position(after: lastEventID) != nil
  }

  /// An event that one client has missed, of a history that is gone.
  public struct MissedEvent: Sendable {
    /// Its type.
    public var event: String
    /// Its data.
    public var data: [UInt8]
    /// What its id carries; see ``EventID/mark``.
    public var mark: String

    /// An event.
    public init(_ event: String, _ data: [UInt8], mark: String) {
      self.event = event
      self.data = data
      self.mark = mark
    }
  }

  /// Adds a subscriber that has found out what it missed; then come the events of the log.
  ///
  /// - Parameters:
  ///   - sink: where its bytes go.
  ///   - missed: what is sent first, with ids that only their marks can continue.
  ///   - sequence: the event of the log behind which the subscriber goes on.
  /// - Returns: false, and nothing was done, when later events are gone from the log.
  public func subscribe(
    _ sink: any EventSink, missed: [MissedEvent], after sequence: UInt64
  ) -> Bool {
    seal()
    guard let position = log.position(after: sequence) else { return false }
    var opening = SSEEncoder()
    opening.retry(configuration.retry)
    for event in missed {
      let id = EventID(epoch: Self.missedEpoch, sequence: 0, mark: event.mark)
      opening.event(id: id.description, event: event.event, data: event.data)
    }
    add(sink, opening, position)
    return true
  }

  /// No hub's: what a client that was cut off among missed events has seen is told by the mark.
  private static let missedEpoch = "missed"

  private func position(after lastEventID: String?) -> EventLog.Position? {
    guard let id = lastEventID.flatMap({ EventID($0) }), id.epoch == epoch else { return nil }
    return log.position(after: id.sequence)
  }

  private func add(
    _ sink: any EventSink, _ opening: SSEEncoder, _ position: EventLog.Position?
  ) {
    let rest = position?.rest ?? []
    add(
      sink, framed: Subscriber.framed(opening.bytes + rest, for: sink), block: position?.block)
  }

  private func add(
    _ sink: any EventSink, framed opening: [UInt8], number: UInt64 = 0, block: Int?
  ) {
    let subscriber = Subscriber(
      sink: sink, opening: opening, block: block ?? log.endBlock, log: log,
      highWaterBytes: configuration.highWaterBytes)
    subscriber.sharedOpening = number
    add(subscriber)
  }

  /// Whether a client with this `Last-Event-ID` has seen the whole stream and must get 204, which
  /// tells an `EventSource` to stop reconnecting.
  ///
  /// - Parameter lastEventID: what the client sent.
  /// - Returns: true when the stream has ended and the id is that of its last event.
  public func isComplete(for lastEventID: String?) -> Bool {
    guard isEnded, let id = lastEventID.flatMap({ EventID($0) }) else { return false }
    return id == EventID(epoch: epoch, sequence: log.lastSequence)
  }

  /// Ends the stream after the events published so far: subscribers get them and are finished.
  public func end() {
    guard !isEnded else { return }
    isEnded = true
    heartbeat.cancel()
    needsSweep = true
    scheduleFlush()
  }

  // MARK: Subscribers

  private func add(_ subscriber: Subscriber) {
    subscriber.index = subscribers.count
    serial += 1
    subscriber.serial = serial
    subscribers.append(subscriber)
    // The cycle subscriber → sink → closure → subscriber ends with the subscription, in `remove`.
    subscriber.sink.onClosed = { self.remove(subscriber) }
    advance(subscriber)
    if subscriber.ownBytes > 0 { boundOpenings(subscriber) }
    if !isEnded, !heartbeat.isScheduled { heartbeat.schedule(every: configuration.heartbeat) }
  }

  private func advance(_ subscriber: Subscriber) {
    switch subscriber.advance(in: log) {
    case .caughtUp:
      guard isEnded, !log.hasPending else { return }
      remove(subscriber)
      subscriber.sink.finish()
    case .waiting:
      if subscriber.sink.onWritable == nil {
        subscriber.sink.onWritable = { self.advance(subscriber) }
      }
    case .fellOff: drop(subscriber)
    }
  }

  func drop(_ subscriber: Subscriber) {
    droppedSlowConsumers += 1
    remove(subscriber)
    subscriber.sink.abort()
  }

  private func remove(_ subscriber: Subscriber) {
    subscriber.sink.onClosed = nil
    subscriber.sink.onWritable = nil
    var hole = subscriber.index
    // The part that the sweep has passed stays in front of the part that it has not.
    if let passed = sweepIndex, hole < passed {
      move(from: passed - 1, to: hole)
      hole = passed - 1
      sweepIndex = passed - 1
    }
    move(from: subscribers.count - 1, to: hole)
    subscribers.removeLast()
    if subscribers.isEmpty { heartbeat.cancel() }
  }

  private func move(from source: Int, to hole: Int) {
    subscribers[hole] = subscribers[source]
    subscribers[hole].index = hole
  }

  // MARK: Fan-out

  private func scheduleFlush() {
    guard !isFlushScheduled else { return }
    isFlushScheduled = true
    // A long sweep can wait for what the sockets hold already: joined, it is written once.
    if subscribers.count > Self.sweepSlice {
      LoopActor.post { self.flush() }
    } else {
      atEndOfTurn { self.flush() }
    }
  }

  private func seal() {
    guard log.hasPending else { return }
    log.seal()
    needsSweep = true
  }

  /// Begins a sweep over the subscribers unless one is under way; that one then begins the next, so
  /// that what is published meanwhile is joined.
  private func flush() {
    isFlushScheduled = false
    guard sweepIndex == nil else { return }
    seal()
    guard needsSweep else { return }
    needsSweep = false
    log.trim()
    sweepIndex = 0
    sweep()
  }

  /// How many subscribers are written to before the loop looks at its descriptors again: 10,000
  /// writes take 0.1 s, and a stop request must not wait for that.
  private static let sweepSlice = 512

  private func sweep() {
    guard let first = sweepIndex else { return }
    let end = first + Self.sweepSlice
    while let index = sweepIndex, index < min(end, subscribers.count) {
      sweepIndex = index + 1
      let subscriber = subscribers[index]
      if !subscriber.isWaiting {
        advance(subscriber)
      } else if subscriber.isOverHighWater(in: log) {
        drop(subscriber)
      }
    }
    if let index = sweepIndex, index < subscribers.count {
      LoopActor.post { self.sweep() }
    } else {
      sweepIndex = nil
      if needsSweep || log.hasPending { scheduleFlush() }
    }
  }

  private func beat() {
    defer { wasQuiet = true }
    freshOpening = nil
    guard wasQuiet, !isEnded, !subscribers.isEmpty, sweepIndex == nil else { return }
    log.appendComment("hb")
    scheduleFlush()
  }
}
