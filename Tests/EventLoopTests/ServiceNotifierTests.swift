import CShims
import Glibc
import Testing

@testable import EventLoop

/// The service manager's side: a real datagram socket.
private final class Manager {
  let descriptor: Int32
  let address: String

  /// Listens; `isAbstract`: under a name of the kernel's instead of a file's.
  init(isAbstract: Bool) throws {
    let name = "agentv-notify-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    address = isAbstract ? "@\(name)" : "/tmp/\(name)"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var to = sockaddr_un()
    to.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(address.utf8)
    withUnsafeMutableBytes(of: &to.sun_path) { path in
      for (index, byte) in bytes.enumerated() {
        path[index] = isAbstract && index == 0 ? 0 : byte
      }
    }
    let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
    let bound = withUnsafePointer(to: &to) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(length))
      }
    }
    try #require(bound == 0)
  }

  deinit {
    close(descriptor)
    if address.hasPrefix("/") { unlink(address) }
  }

  /// The next message; waits for one without holding the loop.
  @concurrent
  func message() async -> String? {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, 30_000) == 1 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }
}

@Suite(.timeLimit(.minutes(1)))
@LoopActor
struct ServiceNotifierTests {
  @Test(arguments: [false, true])
  func `the manager is told of readiness and of the end`(isAbstract: Bool) async throws {
    let manager = try Manager(isAbstract: isAbstract)
    let notifier = try #require(
      ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.address]))
    notifier.ready(status: "Listening on\nhttp://localhost:1")
    #expect(
      await manager.message()
        == "READY=1\nMAINPID=\(getpid())\nSTATUS=Listening on http://localhost:1")
    notifier.stopping(status: "Stopping 2 run(s)", within: .seconds(20))
    #expect(
      await manager.message()
        == "STOPPING=1\nEXTEND_TIMEOUT_USEC=21000000\nSTATUS=Stopping 2 run(s)")
  }

  @Test func `the loop answers for its life as long as it turns`() async throws {
    let manager = try Manager(isAbstract: true)
    let notifier = try #require(
      ServiceNotifier(environment: [
        "NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "4000", "WATCHDOG_PID": "\(getpid())",
      ]))
    notifier.ready(status: "ready")
    #expect(await manager.message()?.hasPrefix("READY=1\n") == true)
    for _ in 0..<3 { #expect(await manager.message() == "WATCHDOG=1") }
  }

  @Test func `nothing is lost and nothing waits when the manager's queue is full`() async throws {
    let manager = try Manager(isAbstract: true)
    let notifier = try #require(
      ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.address]))
    // net.unix.max_dgram_qlen is 10 on many kernels and 512 on others; a message each.
    let count = 2000
    for number in 0..<count { notifier.status("\(number)") }
    for number in 0..<count { #expect(await manager.message() == "STATUS=\(number)") }
  }

  @Test(
    arguments: [
      ([:], nil),
      (["WATCHDOG_USEC": "30000000"], Duration.seconds(15)),
      (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "77"], .seconds(15)),
      (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "78"], nil),
      (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "x"], nil),
    ] as [([String: String], Duration?)])
  func `the watchdog counts for the process it is meant for`(
    environment: [String: String], interval: Duration?
  ) {
    #expect(ServiceNotifier.watchdogInterval(environment, processID: 77) == interval)
  }

  @Test func `without a socket there is nobody to tell`() {
    #expect(ServiceNotifier(environment: [:]) == nil)
    #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": ""]) == nil)
  }

  @Test(arguments: ["relative", "vsock:2:1", "@", "/", "/" + String(repeating: "x", count: 200)])
  func `an address that is no Unix socket's is refused`(address: String) {
    #expect(agentv_send_datagram(address, "READY=1") != 0)
  }
}
