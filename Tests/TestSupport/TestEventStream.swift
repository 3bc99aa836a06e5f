// A client of server-sent events for tests, as strict as the standard (WHATWG HTML, 9.2.6).

public import Core
import Dispatch

/// One event.
public struct TestEvent: Sendable {
  /// Its type.
  public var name: String
  /// Its id; that of the last event that had one.
  public var id: String
  /// Its data, lines joined.
  public var text: String
  /// Its data as JSON; `null` when it is none.
  public var json: JSON { (try? JSON.parse(text)) ?? .null }
}

/// Cuts bytes into events.
public struct TestEventParser: Sendable {
  private var line: [UInt8] = []
  private var name = ""
  private var id = ""
  private var data: [String] = []
  /// Comment lines seen.
  public private(set) var comments: [String] = []
  /// The last `retry`, milliseconds.
  public private(set) var retry: Int?

  /// A parser at the start of a stream.
  public init() {}

  /// Takes bytes and gives the events that they complete.
  public mutating func feed(_ bytes: [UInt8]) -> [TestEvent] {
    var events: [TestEvent] = []
    for byte in bytes {
      guard byte == 0x0A else {
        line.append(byte)
        continue
      }
      if line.last == 0x0D { line.removeLast() }
      if let event = take(String(decoding: line, as: UTF8.self)) { events.append(event) }
      line = []
    }
    return events
  }

  private mutating func take(_ line: String) -> TestEvent? {
    if line.isEmpty {
      defer {
        name = ""
        data = []
      }
      return data.isEmpty
        ? nil
        : TestEvent(
          name: name.isEmpty ? "message" : name, id: id, text: data.joined(separator: "\n"))
    }
    if line.hasPrefix(":") {
      comments.append(String(line.dropFirst()))
      return nil
    }
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    var value = parts.count > 1 ? String(parts[1]) : ""
    if value.hasPrefix(" ") { value.removeFirst() }
    switch parts[0] {
    case "event": name = value
    case "data": data.append(value)
    case "id": id = value
    case "retry": retry = Int(value)
    default: break
    }
    return nil
  }
}

/// An open stream. Events wait here until the test asks for them.
public actor TestEventStream {
  /// Status of the answer: 200, or 204 when the stream is over.
  public nonisolated let status: Int
  /// Header fields of the answer.
  public nonisolated let headers: [(name: String, value: String)]
  private let socket: TestSocket
  private let events: AsyncStream<TestEvent>
  /// Every event taken so far.
  public private(set) var seen: [TestEvent] = []

  private init(
    status: Int, headers: [(name: String, value: String)], socket: TestSocket,
    events: AsyncStream<TestEvent>
  ) {
    self.status = status
    self.headers = headers
    self.socket = socket
    self.events = events
  }

  deinit { socket.cut() }

  /// Opens a stream.
  /// - Parameters:
  ///   - server: the server.
  ///   - path: path and query.
  ///   - lastEventID: where to go on, if anywhere.
  /// - Returns: the stream once its header has come.
  /// - Throws: `TestHTTPError`.
  public static func open(
    _ server: TestHTTP, _ path: String, lastEventID: String? = nil
  ) async throws -> TestEventStream {
    var headers = [("Accept", "text/event-stream")]
    if let lastEventID { headers.append(("Last-Event-ID", lastEventID)) }
    let bytes = server.head("GET", path, headers, nil, keepsOpen: true)
    let port = server.port
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "test-events").async {
        do {
          let socket = try TestSocket(port: port)
          try socket.write(bytes)
          var reader = TestResponseReader(socket)
          let (status, headers) = try reader.header()
          let (events, feed) = AsyncStream.makeStream(of: TestEvent.self)
          let stream = TestEventStream(
            status: status, headers: headers, socket: socket, events: events)
          continuation.resume(returning: stream)
          let isChunked = headers.contains { $0.name == "transfer-encoding" }
          var parser = TestEventParser()
          if status == 200 {
            while let bytes = try? isChunked ? reader.chunk() : reader.rest() {
              for event in parser.feed(bytes) { feed.yield(event) }
            }
          }
          feed.finish()
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }

  /// The next event; `nil` at the end of the stream.
  public func next() async -> TestEvent? {
    for await event in events {
      seen.append(event)
      return event
    }
    return nil
  }

  /// Takes events up to and including the first one for which the condition holds.
  /// - Returns: that event; `nil` when the stream ended before.
  public func first(
    where condition: @Sendable (TestEvent) -> Bool
  ) async -> TestEvent? {
    while let event = await next() {
      if condition(event) { return event }
    }
    return nil
  }

  /// Takes events up to the first one of a type.
  public func first(named name: String) async -> TestEvent? {
    await first { $0.name == name }
  }

  /// Takes everything up to the end of the stream.
  public func rest() async -> [TestEvent] {
    var events: [TestEvent] = []
    while let event = await next() { events.append(event) }
    return events
  }

  /// Hangs up.
  public nonisolated func close() { socket.cut() }
}
