// One process: exit codes, output, time limits, cancellation.

import Core
import EventLoop
import Glibc
import TestSupport
import Testing

@testable import Supervisor

@Suite(.timeLimit(.minutes(1))) struct SupervisorTests {
  private func shell(_ script: String, output: ProcessSpec.Output = .capture(limitBytes: 1 << 20))
    -> ProcessSpec
  {
    ProcessSpec(
      executable: "sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"],
      output: output)
  }

  @Test(arguments: [0, 1, 2, 126, 127, 130, 143, 255])
  func `the exit code is the child's`(code: Int32) async throws {
    let result = try await Supervisor.shared.run(shell("exit \(code)"))
    #expect(result.exit == .exited(code))
    #expect(result.census == Census())
    #expect(!result.stopped && !result.timedOut)
  }

  @Test(arguments: [SIGTERM, SIGKILL, SIGSEGV, SIGINT, SIGPIPE])
  func `a death by signal is told from an exit`(signal: Int32) async throws {
    let result = try await Supervisor.shared.run(shell("kill -\(signal) $$"))
    #expect(result.exit == .signaled(signal))
    #expect(result.exit.shellCode == 128 + Int(signal))
  }

  @Test func `both outputs are kept apart and whole`() async throws {
    let result = try await Supervisor.shared.run(
      shell("echo out; echo error >&2; head -c 300000 /dev/zero"))
    #expect(result.stdout.bytes.count == 4 + 300_000)
    #expect(result.stderr.text == "error\n")
    #expect(result.stdout.lateBytes == 0 && !result.stdout.wasHeldOpen)
    #expect(result.maxResidentBytes > 0)
  }

  @Test func `output over the limit is cut in the middle`() async throws {
    let result = try await Supervisor.shared.run(
      shell("echo start; head -c 5000000 /dev/zero; echo end", output: .capture(limitBytes: 1000)))
    #expect(result.stdout.bytes.count == 1000)
    #expect(result.stdout.cutBytes == 5_000_010 - 1000)
    #expect(result.stdout.text.hasPrefix("start\n"))
    #expect(result.stdout.text.hasSuffix("end\n"))
  }

  @LoopActor
  @Test func `output is delivered while the child runs`() async throws {
    var seen: [UInt8] = []
    var process: SupervisedProcess?
    process = try Supervisor.shared.start(
      shell(
        "echo ready; exec sleep 60",
        output: .deliver { stream, bytes in
          guard stream == .stdout else { return }
          seen += bytes
          // The child sleeps for a minute unless this chunk came while it ran.
          process?.stop()
        }))
    let result = await process?.result()
    #expect(seen == Array("ready\n".utf8))
    #expect(result?.exit == .signaled(SIGTERM))
    #expect(result?.stopped == true)
    #expect(result?.census == Census(obeyed: 1))
  }

  @Test func `a time limit stops the tree and says so`() async throws {
    let result = try await Supervisor.shared.run(
      shell("sleep 60 & sleep 60"), timeout: .milliseconds(100))
    #expect(result.timedOut && result.stopped)
    #expect(result.exit == .signaled(SIGTERM))
    #expect(result.duration < .seconds(30))
  }

  @Test func `a time limit that is not reached changes nothing`() async throws {
    let result = try await Supervisor.shared.run(shell("exit 3"), timeout: .seconds(50))
    #expect(result.exit == .exited(3))
    #expect(!result.timedOut && !result.stopped)
  }

  @Test func `cancelling the task stops the tree, and the call returns its end`() async throws {
    let directory = try TemporaryDirectory()
    let pids = directory.file("pids")
    let spec = TreeProgram().spec(["--obey", "2"], pids: pids)
    let task = Task { try await Supervisor.shared.run(spec) }
    await DirectoryChanges.wait(for: "# ready", in: pids)
    task.cancel()
    let result = try await task.value
    #expect(result.stopped)
    #expect(result.exit == .signaled(SIGTERM))
    #expect(try survivors(pids) == [])
  }

  @Test func `nothing is started for a task that was cancelled before`() async throws {
    let spec = shell("exit 0")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await Supervisor.shared.run(spec)
    }
    let error = await #expect(throws: SupervisorError.self) { try await task.value }
    #expect(error?.code == .stopping)
  }

  @LoopActor
  @Test func `a kill spares nobody and takes no grace`() async throws {
    let directory = try TemporaryDirectory()
    let pids = directory.file("pids")
    let process = try Supervisor.shared.start(
      TreeProgram().spec(
        ["--ignore", "2", "--setsid-ignore", "1", "--on-term", "ignore"], pids: pids))
    await DirectoryChanges.wait(for: "# ready", in: pids)
    process.kill()
    let result = await process.result()
    #expect(result.exit == .signaled(SIGKILL))
    #expect(result.census == Census(killed: 4, outsideGroup: 1))
    #expect(try survivors(pids) == [])
  }

  @LoopActor
  @Test func `a program that exits 0 when it is stopped is still marked as stopped`() async throws {
    let directory = try TemporaryDirectory()
    let pids = directory.file("pids")
    let process = try Supervisor.shared.start(
      TreeProgram().spec(["--on-term", "0"], pids: pids))
    await DirectoryChanges.wait(for: "# ready", in: pids)
    process.stop()
    process.stop()
    let result = await process.result()
    #expect(result.exit == .exited(0))
    #expect(result.stopped)
  }

  @LoopActor
  @Test func `a process held by SIGSTOP obeys a stop`() async throws {
    let directory = try TemporaryDirectory()
    let pids = directory.file("pids")
    let process = try Supervisor.shared.start(
      TreeProgram().spec(["--obey", "1"], pids: pids))
    await DirectoryChanges.wait(for: "# ready", in: pids)
    kill(-process.pid, SIGSTOP)
    process.stop(StopPolicy(grace: .seconds(50)))
    let result = await process.result()
    #expect(result.exit == .signaled(SIGTERM))
    #expect(result.census == Census(obeyed: 2))
  }

  @LoopActor
  @Test func `stopping everything empties all trees and refuses new ones`() async throws {
    let directory = try TemporaryDirectory()
    let supervisor = Supervisor()
    for name in ["a", "b", "c"] {
      try supervisor.start(
        TreeProgram().spec(
          ["--obey", "1", "--setsid", "1"], pids: directory.file(name)))
    }
    for name in ["a", "b", "c"] {
      await DirectoryChanges.wait(for: "# ready", in: directory.file(name))
    }
    #expect(supervisor.live.count == 3)
    let census = await supervisor.stopAll()
    #expect(census == Census(obeyed: 9, outsideGroup: 3))
    #expect(supervisor.live.isEmpty)
    for name in ["a", "b", "c"] { #expect(try survivors(directory.file(name)) == []) }
    #expect(throws: SupervisorError.self) { try supervisor.start(shell("exit 0")) }
  }

  @LoopActor
  @Test func `a forced stop overtakes a polite one that waits`() async throws {
    let directory = try TemporaryDirectory()
    let supervisor = Supervisor()
    let process = try supervisor.start(
      TreeProgram().spec(["--on-term", "ignore"], pids: directory.file("a")))
    await DirectoryChanges.wait(for: "# ready", in: directory.file("a"))
    process.stop(StopPolicy(grace: .seconds(50)))
    #expect(await supervisor.stopAll(force: true).killed == 1)
    #expect(await process.result().exit == .signaled(SIGKILL))
  }

  @LoopActor
  @Test func `the end is told in the turn that learns of it, before anybody who waits`()
    async throws
  {
    var order: [String] = []
    let process = try Supervisor.shared.start(shell("exit 5"))
    process.onEnd = { result in
      #expect(process.isEnded)
      order.append("onEnd \(result.exit.shellCode)")
    }
    _ = await process.result()
    order.append("result")
    #expect(order == ["onEnd 5", "result"])
    // A second wait answers at once.
    #expect(await process.result().exit == .exited(5))
  }
}
