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

  func publish(_ event: String, _ data: JSON) { hub.publish(event, data) }
  func publish(_ event: String, _ data: [UInt8]) { hub.publish(event, data: data) }

  /// Closes the stream once everything published so far has been sent.
  func end() { hub.end() }

  /// Answers a request with the stream, from where its client left off.
  ///
  /// A client that has seen the end gets 204, which is how an `EventSource` is told to stop.
  func serve(_ exchange: HTTPExchange, snapshot: @escaping @LoopActor () -> [UInt8]) {
    let lastID = exchange.request.header("last-event-id") ?? exchange.request.query("last_event_id")
    if hub.isComplete(for: lastID) { return exchange.respond(.empty(204)) }
    guard let sink = exchange.openEventStream() else { return }
    hub.subscribe(sink, lastEventID: lastID, snapshotData: snapshot)
  }
}
