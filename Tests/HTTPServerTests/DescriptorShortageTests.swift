import Core
import EventLoop
import HTTPServer
import Supervisor
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct DescriptorShortageTests {
  /// In a process of its own, the benchmark's server, because it needs a low limit of descriptors.
  @Test func `running out of descriptors pauses accepting, and those that wait come in later`()
    async throws
  {
    let server = Path.join(Path.directory(BuiltBinary.path), "SSEBenchServer")
    let announcement = Announcement()
    let process = try await Supervisor.shared.start(
      ProcessSpec(
        executable: "/bin/sh",
        arguments: ["-c", "ulimit -n 30; exec \"$0\" --port 0", server],
        environment: ProcessEnvironment.current(),
        output: .deliver { _, bytes in announcement.add(bytes) }))
    defer { LoopActor.post { process.kill() } }
    let port = try #require(await announcement.port())

    var clients: [RawClient] = []
    for _ in 0..<60 { clients.append(try RawClient(port: port)) }
    // Silent ones make room for those that come later, so the newest is served in any case.
    clients[59].request("GET /health")
    #expect(try clients[59].response().status == 200)
    clients[59].request("GET /health")
    #expect(try clients[59].response().status == 200, "it goes on serving those that are in")
    while let client = clients.popLast() {
      client.request("GET /health")
      guard let response = try? client.response() else { continue }
      #expect(response.status == 200 || response.code == "too-many-connections")
    }
  }
}

/// Waits for the line in which the server names its port.
@LoopActor
private final class Announcement {
  private var text = ""
  private var waiter: CheckedContinuation<Int?, Never>?

  nonisolated init() {}

  func add(_ bytes: [UInt8]) {
    text += String(decoding: bytes, as: UTF8.self)
    guard text.hasSuffix("\n"), let waiter else { return }
    self.waiter = nil
    waiter.resume(returning: found)
  }

  func port() async -> Int? {
    if text.hasSuffix("\n") { return found }
    return await withCheckedContinuation { waiter = $0 }
  }

  private var found: Int? { text.split(separator: ":").last.flatMap { Int($0.dropLast()) } }
}
