// A stream of server-sent events as the Studio uses it: a hub that is served over HTTP.

import Core
import EventLoop
public import EventStream
public import HTTPServer

extension HTTPStream: EventSink {}

@LoopActor
final class Feed {
  private let hub: EventHub

  init() { hub = EventHub() }

  var isEnded: Bool { hub.isEnded }
  var subscriberCount: Int { hub.subscriberCount }

  func publish(_ event: String, _ data: JSON, mark: String? = nil) {
    hub.publish(event, data, mark: mark)
  }
  func publish(_ event: String, _ data: [UInt8], mark: String? = nil) {
    hub.publish(event, data: data, mark: mark)
  }

  /// Number of the last event that a state told now has in it.
  var presentSequence: UInt64 { hub.presentSequence }
  /// Whether a client has seen the end.
  func isComplete(for lastID: String?) -> Bool { hub.isComplete(for: lastID) }
  /// Whether a client can go on from the log.
  func canContinue(after lastID: String?) -> Bool { hub.canContinue(after: lastID) }

  /// Closes the stream once everything published so far has been sent.
  func end() { hub.end() }

  /// Answers a request with the stream, from where its client left off.
  ///
  /// A client that has seen the end gets 204, which is how an `EventSource` is told to stop.
  func serve(
    _ exchange: HTTPExchange, variant: String, mark: @escaping @LoopActor () -> String? = { nil },
    snapshot: @escaping @LoopActor () -> [UInt8]
  ) {
    let lastID = exchange.lastEventID
    if hub.isComplete(for: lastID) { return exchange.respond(.empty(204)) }
    guard let sink = exchange.openEventStream() else { return }
    hub.subscribe(
      sink, lastEventID: lastID, mark: mark, variant: variant, snapshotData: snapshot)
  }

  /// Sends a client what it missed, then what comes; false when the log has lost that.
  func subscribe(
    _ sink: HTTPStream, missed: [EventHub.MissedEvent], after sequence: UInt64
  ) -> Bool {
    hub.subscribe(sink, missed: missed, after: sequence)
  }

  /// Sends a client the present state, then what comes.
  func subscribe(
    _ sink: HTTPStream, mark: @LoopActor () -> String?, snapshot: @LoopActor () -> [UInt8]
  ) {
    hub.subscribe(sink, lastEventID: nil, mark: mark, snapshotData: snapshot)
  }
}

extension HTTPExchange {
  /// Where the client of a stream left off, as it says.
  var lastEventID: String? { request.header("last-event-id") ?? request.query("last_event_id") }
}
