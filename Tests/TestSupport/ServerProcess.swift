// A server of its own process for tests: started on a free port, gone with the test.

import Core
import EventLoop
import Supervisor

/// A running server.
public final class ServerProcess: Sendable {
  /// The port that it told.
  public let port: Int
  private let process: SupervisedProcess

  private init(port: Int, process: SupervisedProcess) {
    self.port = port
    self.process = process
  }

  deinit {
    let process = process
    LoopActor.post { process.kill() }
  }

  /// Its URL, without a slash at the end.
  public var url: String { "http://127.0.0.1:\(port)" }

  /// Ends it and waits for its end.
  public func stop() async {
    await process.kill()
    _ = await process.result()
  }

  /// Starts a server and waits for its first line, which must end with its port.
  /// - Parameters:
  ///   - command: the program and its arguments.
  ///   - environment: further variables.
  /// - Returns: the server.
  /// - Throws: `TestHTTPError` with what it said when it ends first.
  public static func start(
    _ command: [String], environment: [String: String] = [:]
  ) async throws -> ServerProcess {
    let (output, feed) = AsyncStream.makeStream(of: [UInt8].self)
    let spec = ProcessSpec(
      executable: command[0], arguments: Array(command.dropFirst()),
      environment: ProcessEnvironment.current().merging(environment) { _, new in new },
      output: .deliver { _, bytes in feed.yield(bytes) })
    let process = try await Supervisor.shared.start(spec)
    Task {
      _ = await process.result()
      feed.finish()
    }
    var said: [UInt8] = []
    for await bytes in output {
      said += bytes
      guard let end = said.firstIndex(of: 0x0A) else { continue }
      let line = String(decoding: said[..<end], as: UTF8.self)
      let digits = String(line.reversed().prefix { $0.isNumber }.reversed())
      if let port = Int(digits) { return ServerProcess(port: port, process: process) }
      break
    }
    await process.kill()
    throw TestHTTPError(
      text: "\(command[0]) told no port: \(String(decoding: said, as: UTF8.self))")
  }
}
