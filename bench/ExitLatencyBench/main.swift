// The server of the exit latency benchmark on Supervisor, HTTPServer and EventStream.
// Usage: ExitLatencyBench OTHERS CHILD STAMP_FILE; see bench/exit-latency.

import Core
import EventLoop
public import EventStream
import Glibc
public import HTTPServer
import Supervisor

extension HTTPStream: EventSink {}

@LoopActor
final class BenchServer {
  static var running: BenchServer?

  private let hub = EventHub()
  private let server: HTTPServer
  private let signalSource: SignalSource

  init(others: Int, child: String, stampFile: String) throws {
    func spec(_ arguments: [String]) -> ProcessSpec {
      ProcessSpec(executable: child, arguments: arguments, environment: [:])
    }
    for _ in 0..<others { try Supervisor.shared.start(spec(["idle"])) }
    let hub = hub
    let router = Router()
    router.on(.get, "/events") { request, _, exchange in
      guard let stream = exchange.openEventStream() else { return }
      hub.subscribe(stream, lastEventID: request.header("last-event-id")) { .object([:]) }
    }
    router.on(.post, "/run") { _, _, exchange in
      do throws(SupervisorError) {
        let process = try Supervisor.shared.start(spec(["child", stampFile]))
        process.onEnd = { result in
          hub.publish(
            "status",
            [
              "status": "failed", "exit_code": .int(result.exit.shellCode),
              "signal": .optional(result.exit.signalName), "census": result.census.json,
            ])
        }
        exchange.respond(.empty())
      } catch {
        exchange.respond(.error(500, code: "start", message: error.description))
      }
    }
    server = HTTPServer(configuration: .init(port: 0), router: router)
    signalSource = try SignalSource(SIGTERM) {
      Task {
        await Supervisor.shared.stopAll(force: true)
        exit(0)
      }
    }
    try server.start()
    StandardStream.output.write("port \(server.port)\n")
  }
}

let words = CommandLine.arguments
guard words.count == 4, let others = Int(words[1]) else {
  StandardStream.error.write("usage: ExitLatencyBench OTHERS CHILD STAMP_FILE\n")
  exit(64)
}
// The driver names itself through /proc, which is another program for us.
let child = FileIO.readLink("/proc/\(getppid())/exe") ?? words[2]
let stampFile = words[3]
LoopActor.post {
  do {
    BenchServer.running = try BenchServer(others: others, child: child, stampFile: stampFile)
  } catch {
    StandardStream.error.write("\(error)\n")
    exit(1)
  }
}
while true { pause() }
