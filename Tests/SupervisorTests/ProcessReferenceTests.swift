import Core
import EventLoop
import Glibc
import TestSupport
import Testing

@testable import Supervisor

@Suite(.timeLimit(.minutes(1))) struct ProcessReferenceTests {
  @Test(arguments: [
    ("12-345-1", true), ("7-8-1/12-345-2", true), ("12-345-1/99-1-1", true), ("12-3456-1", false),
    ("112-345-1", false), ("12-345", false), ("", false),
  ])
  func `a process belongs to the supervisors that its mark names, at any level`(
    _ value: String, _ belongs: Bool
  ) {
    let owner = ProcessReference(pid: 12, startTime: 345, bootID: "b")
    let environment = Array("A=1\0AGENTV_TREE=\(value)\0B=2\0".utf8)
    #expect(TreeCookie.isMarked(environment, by: owner) == belongs)
    #expect(!TreeCookie.isMarked(Array("X_AGENTV_TREE=12-345-1".utf8), by: owner))
  }

  @Test func `a process is itself only with its start time and boot`() {
    let ourselves = ProcessReference.current()
    #expect(ourselves.isAlive)
    #expect(ProcessReference(record: ourselves.json) == ourselves)
    let later = ProcessReference(
      pid: ourselves.pid, startTime: ourselves.startTime + 1, bootID: ourselves.bootID)
    #expect(!later.isAlive)
    let elsewhere = ProcessReference(
      pid: ourselves.pid, startTime: ourselves.startTime, bootID: "another boot")
    #expect(!elsewhere.isAlive)
  }

  @Test(arguments: [
    "{}", #"{"pid":1,"start_time":5,"boot_id":"b"}"#, #"{"pid":-5,"start_time":5,"boot_id":"b"}"#,
    #"{"pid":5000000000,"start_time":5,"boot_id":"b"}"#, #"{"pid":50,"start_time":5}"#,
    #"{"pid":50,"start_time":"5","boot_id":"b"}"#, #"{"pid":50,"start_time":0,"boot_id":""}"#,
  ])
  func `a record that names no process for good names none`(_ text: String) throws {
    #expect(ProcessReference(record: try JSON.parse(Array(text.utf8))) == nil)
  }

  @Test func `open files are told from others`() throws {
    let directory = try TemporaryDirectory()
    let open = try directory.write("open", "x")
    let closed = try directory.write("closed", "yy")
    let file = try AppendFile(open)
    #expect(ProcessReference.current().holds(open) == true)
    #expect(ProcessReference.current().holds(closed) == false)
    withExtendedLifetime(file) {}
  }

  @Test func `the end of a process that is not ours to reap is an event`() async throws {
    let process = try await Supervisor.shared.start(
      ProcessSpec(executable: "sleep", arguments: ["600"], environment: ["PATH": "/usr/bin:/bin"]))
    let boot = ProcessReference.current().bootID
    let reference = ProcessReference(
      pid: process.pid, startTime: process.startTime, bootID: boot)
    let ended = AsyncStream<Void>.makeStream()
    let watched = await WatchedProcess(reference) { ended.continuation.yield() }
    #expect(await watched?.signal(SIGTERM) == true)
    for await _ in ended.stream { break }
    #expect(await watched?.isEnded == true)
    #expect(await process.result().exit == .signaled(SIGTERM))
    #expect(await WatchedProcess(reference, onEnd: {}) == nil)
  }
}
