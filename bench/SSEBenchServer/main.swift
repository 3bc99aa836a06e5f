// A server with the three routes of the SSE benchmark: GET /events, POST /pub, GET /health.
// Usage: SSEBenchServer --port N

import Core
import EventLoop
public import EventStream
import Glibc
public import HTTPServer

extension HTTPStream: EventSink {}

@LoopActor
final class BenchServer {
  private let hub: EventHub
  private let server: HTTPServer
  private var signals: [SignalSource] = []

  init(port: Int) {
    var limits = HTTPLimits()
    limits.connections = 60_000
    limits.connectionsPerAddress = 60_000
    limits.streams = 60_000
    let hub = EventHub()
    let router = Router()
    router.on(.get, "/events") { request, _, exchange in
      guard let stream = exchange.openEventStream() else { return }
      hub.subscribe(stream, lastEventID: request.header("last-event-id")) { .object([:]) }
    }
    router.on(.post, "/pub") { request, _, exchange in
      hub.publish("", data: request.body)
      exchange.respond(.empty())
    }
    router.on(.get, "/health") { _, _, exchange in
      exchange.respond(.json(200, ["status": "ok"]))
    }
    self.hub = hub
    server = HTTPServer(configuration: .init(port: port, limits: limits), router: router)
  }

  func start() throws {
    try server.start()
    StandardStream.output.write("listening on http://127.0.0.1:\(server.port)\n")
    for signal in [SIGINT, SIGTERM] { signals.append(try SignalSource(signal) { exit(0) }) }
  }
}

let arguments = CommandLine.arguments
guard arguments.count == 3, arguments[1] == "--port", let port = Int(arguments[2]) else {
  StandardStream.error.write("usage: SSEBenchServer --port N\n")
  exit(64)
}
LoopActor.post {
  do {
    let server = BenchServer(port: port)
    try server.start()
    BenchServer.running = server
  } catch {
    StandardStream.error.write("\(error)\n")
    exit(1)
  }
}
while true { pause() }

extension BenchServer {
  static var running: BenchServer?
}
