// Real trees that are hard to stop. Bounds are generous: figures belong to the benchmark.

import Core
import EventLoop
import Glibc
import TestSupport
import Testing

@testable import Supervisor

@Suite(.timeLimit(.minutes(1))) struct StopTreeTests {
  /// What a loaded machine and a sanitizer may add to a grace; trees that obey have more than that.
  private static let slack = Duration.seconds(25)
  private static let longGrace = 50_000

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var options: [String]
    var exit: Core.ExitStatus = .signaled(SIGTERM)
    /// Leader included.
    var obeyed: Int
    var killed = 0
    var outsideGroup = 0
    /// Milliseconds, when somebody has to be killed.
    var grace = 1000
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "nobody else", options: [], obeyed: 1),
    Case(name: "children obey", options: ["--obey", "3"], obeyed: 4),
    Case(name: "own session", options: ["--setsid", "2"], obeyed: 3, outsideGroup: 2),
    Case(name: "daemonised", options: ["--double-fork", "2"], obeyed: 3, outsideGroup: 2),
    Case(name: "a child ignores", options: ["--ignore", "2"], obeyed: 1, killed: 2),
    Case(
      name: "the leader ignores", options: ["--on-term", "ignore", "--obey", "1"],
      exit: .signaled(SIGKILL), obeyed: 1, killed: 1),
    Case(
      name: "own session and ignores", options: ["--setsid-ignore", "1"], obeyed: 1, killed: 1,
      outsideGroup: 1),
    Case(
      name: "daemonised and ignores", options: ["--double-fork-ignore", "1"], obeyed: 1, killed: 1,
      outsideGroup: 1),
    Case(
      name: "slow exit", options: ["--slow-exit", "0.2", "--on-term", "9", "--obey", "1"],
      exit: .exited(9), obeyed: 2),
    Case(
      name: "all of it",
      options: [
        "--tree", "--setsid-ignore", "1", "--double-fork-ignore", "1", "--spam", "50",
      ], obeyed: 4, killed: 3, outsideGroup: 4, grace: 2000),
  ]

  @LoopActor
  @Test(arguments: await TreeProgram.all, cases)
  func `after a stop nobody is alive, and the grace bounds the wait`(
    program: TreeProgram, of test: Case
  ) async throws {
    let directory = try TemporaryDirectory()
    let pids = directory.file("pids")
    let process = try Supervisor.shared.start(program.spec(test.options, pids: pids))
    await DirectoryChanges.wait(for: "# ready", in: pids)
    let grace = Duration.milliseconds(test.killed > 0 ? test.grace : Self.longGrace)
    let start = ContinuousClock.now
    process.stop(StopPolicy(grace: grace))
    let result = await process.result()
    let took = start.duration(to: .now)
    #expect(try survivors(pids) == [])
    #expect(result.exit == test.exit)
    // Where the machine is too slow, somebody who would have obeyed is killed.
    let census = result.census
    #expect(census.obeyed + census.killed == test.obeyed + test.killed)
    #expect(test.killed > 0 ? census.killed >= test.killed : census.killed == 0)
    #expect(census.outsideGroup == test.outsideGroup)
    #expect(census.remaining.isEmpty)
    if test.killed > 0 {
      #expect(took >= grace && took < grace + Self.slack)
    } else {
      #expect(took < Self.slack)
    }
    #expect(!result.stdout.wasHeldOpen)
  }

  @LoopActor
  @Test(arguments: await TreeProgram.all)
  func `what a leader leaves behind at its normal end is ended too`(program: TreeProgram)
    async throws
  {
    let directory = try TemporaryDirectory()
    let pids = directory.file("pids")
    let process = try Supervisor.shared.start(
      program.spec(
        ["--obey", "1", "--setsid", "1", "--double-fork", "1", "--for", "1", "--exit", "4"],
        pids: pids))
    let result = await process.result()
    #expect(result.exit == .exited(4))
    #expect(!result.stopped)
    #expect(result.census == Census(obeyed: 3, outsideGroup: 2))
    #expect(try survivors(pids) == [])
  }

  @LoopActor
  @Test func `trees that live at the same time are told apart`() async throws {
    let directory = try TemporaryDirectory()
    let program = TreeProgram()
    let options = ["--obey", "1", "--setsid", "1", "--double-fork", "1"]
    let stays = try Supervisor.shared.start(program.spec(options, pids: directory.file("stays")))
    let goes = try Supervisor.shared.start(program.spec(options, pids: directory.file("goes")))
    for name in ["stays", "goes"] {
      await DirectoryChanges.wait(for: "# ready", in: directory.file(name))
    }
    goes.stop()
    #expect(await goes.result().census == Census(obeyed: 4, outsideGroup: 2))
    #expect(try survivors(directory.file("goes")) == [])
    #expect(try survivors(directory.file("stays")).count == 4)
    stays.stop()
    #expect(await stays.result().census == Census(obeyed: 4, outsideGroup: 2))
  }

  @LoopActor
  @Test func `a stray outside of the tree that holds the output does not hold the end`()
    async throws
  {
    var kept: Int32 = -1
    let process = try Supervisor.shared.start(
      ProcessSpec(
        executable: "sh", arguments: ["-c", "echo ready; read line"],
        environment: ["PATH": "/usr/bin:/bin"], standardInput: .null))
    // We are the stray: the child's own stdout, opened through /proc while it was there.
    kept = open("/proc/\(process.pid)/fd/1", O_WRONLY | O_CLOEXEC)
    defer { close(kept) }
    let result = await process.result()
    #expect(result.exit.shellCode < 2)
    #expect(result.stdout.wasHeldOpen == (kept >= 0))
    #expect(result.stdout.text == "ready\n")
  }

  @Test(arguments: await TreeProgram.all)
  func `an orphan without any trace is ended with the only tree it can come from`(
    program: TreeProgram
  ) async throws {
    let directory = try TemporaryDirectory()
    let options = [
      "--tree", "--setsid-ignore", "1", "--double-fork-ignore", "1", "--wipe-env", "--spam", "50",
    ]
    let report = try await supervise(program.command(options, pids: directory.file("pids")))
    #expect(report["census"]?["killed"]?.int == 3)
    #expect(report["census"]?["obeyed"]?.int == 4)
    #expect(try survivors(directory.file("pids")) == [])
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to become somebody else"))
  func `an ordinary user's stop leaves nobody either`() async throws {
    let directory = try TemporaryDirectory()
    chmod(directory.path, 0o777)
    let options = ["--tree", "--setsid-ignore", "1", "--double-fork-ignore", "1"]
    for program in await TreeProgram.all {
      let pids = directory.file(program.testDescription)
      if let tool = program.stubborn { chmod(Path.directory(tool), 0o755) }
      let report = try await supervise(
        program.command(options, pids: pids),
        through: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
      #expect(report["uid"]?.int == 65534)
      #expect(report["census"]?["killed"]?.int == 3)
      #expect(report["census"]?["remaining"]?.array == [])
      #expect(try survivors(pids) == [])
    }
  }

  @Test func `as PID 1 of a container it reaps and stops like anywhere`() async throws {
    let namespace = ["unshare", "--pid", "--fork", "--mount-proc"]
    guard try await output(namespace + ["true"]).exit.isSuccess else {
      return  // The kernel or the container does not let us make a PID namespace.
    }
    let directory = try TemporaryDirectory()
    let pids = directory.file("pids")
    let report = try await supervise(
      TreeProgram().command(
        ["--tree", "--double-fork-ignore", "1", "--wipe-env"], pids: pids),
      through: namespace)
    #expect(report["pid"]?.int == 1)
    #expect(report["census"]?["killed"]?.int == 2)
    #expect(report["census"]?["obeyed"]?.int == 4)
    #expect(report["census"]?["remaining"]?.array == [])
  }

  /// Runs `TestChild supervise` on a tree, so that it is alone with it.
  private func supervise(_ command: [String], through wrapper: [String] = []) async throws -> JSON {
    guard let option = command.firstIndex(of: "--pids") else { return nil }
    let result = try await output(
      wrapper + [Program.testChild, "supervise", "1500", command[option + 1]] + command)
    #expect(result.exit == .exited(0), "\(result.stderr.text)")
    return try JSON.parse(result.stdout.bytes)
  }
}
