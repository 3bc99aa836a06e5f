import Core
import Glibc
import Supervisor
import TestSupport
import Testing

@testable import RunControl

@Suite(.timeLimit(.minutes(1))) struct LaunchLockTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  @Test func `one has the lock until it lets go`() throws {
    #expect(!LaunchLock.isHeld(job: scratch.path))
    var lock: LaunchLock? = try LaunchLock(job: scratch.path)
    #expect(lock != nil && LaunchLock.isHeld(job: scratch.path))
    #expect(throws: FileError.self) { try LaunchLock(job: scratch.path) }
    lock = nil
    #expect(!LaunchLock.isHeld(job: scratch.path))
    _ = try LaunchLock(job: scratch.path)
  }

  @Test func `a child that was given the lock has it until its end`()
    async throws
  {
    let fifo = scratch.file("fifo")
    #expect(mkfifo(fifo, 0o600) == 0)
    var lock: LaunchLock? = try LaunchLock(job: scratch.path)
    let process = try await Supervisor.shared.start(
      ProcessSpec(
        executable: "/bin/sh", arguments: ["-c", "read line < \"$0\"", fifo],
        environment: [:],
        standardInput: lock.map { .descriptor($0.descriptor) } ?? .null))
    lock = nil
    #expect(LaunchLock.isHeld(job: scratch.path))
    let held = #expect(throws: FileError.self) { try LaunchLock(job: scratch.path) }
    #expect(held?.code == EAGAIN)
    let path = fifo
    try await Task.detached { try FileIO.write(path, Array("go\n".utf8)) }.value
    _ = await process.result()
    #expect(!LaunchLock.isHeld(job: scratch.path))
  }

  @Test func `what was written for a launch goes only while nobody is on the way to it`() throws {
    let spec = LaunchSpec(
      jobID: "studio-1", runDirectory: scratch.file("run"), command: ["true"],
      workingDirectory: scratch.path, stopGrace: .seconds(1),
      requestedAt: Timestamp(millisecondsSinceEpoch: 0))
    try spec.write()
    var lock: LaunchLock? = try LaunchLock(job: spec.directory)
    #expect(lock != nil)
    spec.withdraw()
    #expect(FileIO.isFile(spec.file))
    lock = nil
    spec.withdraw()
    #expect(!FileIO.exists(spec.runDirectory))
  }
}
