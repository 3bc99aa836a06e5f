import Core
import EventLoop
import Glibc
import RunArtifacts
import Supervisor
import TestSupport
import Testing

/// Ctrl+C, SIGTERM, SIGHUP and worse, at every stage of a run (design 3).
@Suite(.timeLimit(.minutes(1))) struct EvalStopTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  @Test(arguments: [(SIGINT, 130, "SIGINT"), (SIGTERM, 143, "SIGTERM"), (SIGHUP, 129, "SIGHUP")])
  func `a signal stops the run, keeps what finished and says how to go on`(
    _ signal: Int32, _ code: Int, _ name: String
  ) async throws {
    try project.suite("a", ["one", "two", "block-1", "block-2", "three"])
    let running = try await project.start("eval", "evals", "--output", "out", "--workers", "2")
    #expect(await running.says("2/5   ✅"))
    #expect(await running.says("🔄 block-2"))
    await running.signal(signal)
    let run = try await project.finish(running)
    #expect(run.code == code)
    #expect(run.result.exit == .exited(Int32(code)))
    #expect(
      run.stdout.contains(
        """
        Run stopped by \(name): 2 of 5 tests finished. Resume with:
          agentv eval --output out --resume
        """))
    #expect(run.stdout.contains("EVALUATION SUMMARY"))
    #expect(run.result.census.remaining.isEmpty)
    #expect(project.processes().isEmpty)
    let contents = try project.contents("out")
    #expect(contents.rows.map(\.testID).sorted() == ["one", "two"])
    let record = try #require(contents.record)
    #expect(record.completion == .interrupted)
    #expect(record.signal == name)
    #expect(record.exitCode == code)
    #expect(record.finishedAt != nil)
    #expect(contents.plannedTestCount == 5)
    #expect(contents.benchmark?["metadata"]?["tests_run"] == ["one", "two"])
    var reader = JSONLinesReader()
    let events = reader.feed(try FileIO.read(project.scratch.file("out/events.jsonl")))
      .compactMap(RunEvent.init(json:))
    #expect(
      events.filter { $0.kind == .dropped }.map(\.identity.testID).sorted()
        == ["block-1", "block-2"])
  }

  @Test func `a stop reaches a target that ignores, daemonises and floods`() async throws {
    let child = Path.directory(FileIO.readLink("/proc/self/exe") ?? "/") + "/TestChild"
    let pids = project.scratch.file("pids")
    try project.scratch.write(
      "t.yaml",
      """
      targets:
        - name: default
          provider: cli
          command: >-
            \(child) tree --pids \(pids) --life 40 --tree --setsid-ignore 1
            --double-fork-ignore 1 --spam 50
      """)
    try project.suite("a", ["one"])
    let running = try await project.start(
      "eval", "evals", "--targets", "t.yaml", "--output", "out")
    try await appears("pids")
    #expect(await running.says("🔄 one"))
    await running.signal(SIGTERM)
    let run = try await project.finish(running)
    #expect(run.code == 143)
    // The run's own supervisor left nothing for ours to find.
    #expect(run.result.census == Census())
    let lines = String(decoding: try FileIO.read(pids), as: UTF8.self).split(separator: "\n")
    for line in lines where !line.hasPrefix("#") {
      let pid = line.split(separator: " ")[1]
      #expect(!FileIO.exists("/proc/\(pid)"), "\(line)")
    }
    #expect(try project.contents("out").rows.isEmpty)
  }

  @Test func `a stop before the first row leaves a run that can be resumed`() async throws {
    try project.suite("a", ["block"])
    let running = try await project.start("eval", "evals", "--output", "out")
    #expect(await running.says("🔄 block"))
    await running.signal(SIGTERM)
    let run = try await project.finish(running)
    #expect(run.code == 143)
    #expect(run.stdout.contains("No results to summarize"))
    #expect(run.stdout.contains("0 of 1 tests finished"))
    #expect(try project.contents("out").record?.completion == .interrupted)
  }

  @Test func `a stop while a failed test waits for a further try is at once`() async throws {
    try project.suite("a", ["error"])
    let running = try await project.start(
      "eval", "evals", "--output", "out", "--max-retries", "9", "--verbose")
    #expect(await running.says("🔄 error"))
    await running.signal(SIGINT)
    let run = try await project.finish(running)
    #expect(run.code == 130)
    #expect(try project.contents("out").rows.isEmpty)
  }

  @Test func `the first signal is told, the second kills everything and exits 1`() async throws {
    try project.suite("a", ["one", "deaf"])
    let running = try await project.start("eval", "evals", "--output", "out", "--workers", "1")
    #expect(await running.says("🔄 deaf"))
    try await appears("evals/deaf.pid")
    // Two signals within 0.2 s are one press (timeout(1) sends two), and the grace is over after
    // 5 s; a process of its own keeps that rhythm also when this one is short of time.
    let fingers = ProcessSpec(
      executable: "/bin/sh",
      arguments: ["-c", "kill -INT $0; sleep 0.5; kill -TERM $0", "\(await running.pid)"],
      environment: ["PATH": "/usr/bin:/bin"])
    #expect(try await Supervisor.shared.run(fingers).exit == .exited(0))
    let run = try await project.finish(running)
    #expect(run.code == 1)
    #expect(run.stderr.contains("a second signal kills the running ones at once"))
    #expect(project.processes().isEmpty)
    #expect(try project.contents("out").rows.map(\.testID) == ["one"])
    let resumed = try await project.run(
      "eval", "--output", "out", "--resume", "--test-id", "one")
    #expect(resumed.stdout.contains("Nothing to resume"))
  }

  @Test func `a signal that was ignored at the start does not stop the run`() async throws {
    try project.suite("a", ["block"])
    // As a shell starts what runs in the background of a script.
    let running = try await RunningAgentv(
      ["eval", "evals", "--output", "out"], in: project.path,
      by: ["/bin/sh", "-c", "trap '' INT; exec \"$0\" \"$@\""])
    #expect(await running.says("🔄 block"))
    await running.signal(SIGINT)
    await running.signal(SIGTERM)
    let run = try await project.finish(running)
    #expect(run.code == 143)
    #expect(run.stdout.contains("Run stopped by SIGTERM"))
  }

  @Test func `one press that arrives twice is one signal`() async throws {
    try project.suite("a", ["one", "block"])
    let running = try await project.start("eval", "evals", "--output", "out", "--workers", "1")
    #expect(await running.says("🔄 block"))
    await running.signal(SIGINT, SIGTERM)
    let run = try await project.finish(running)
    #expect(run.code == 130 || run.code == 143)
    #expect(run.stdout.contains("1 of 2 tests finished"))
  }

  @Test func `a killed run keeps every row it had shown and goes on`() async throws {
    try project.suite("a", ["one", "two", "block"])
    let running = try await project.start("eval", "evals", "--output", "out", "--workers", "1")
    #expect(await running.says("2/3   ✅"))
    await running.signal(SIGKILL)
    let run = try await project.finish(running)
    #expect(run.code == 137)
    #expect(try project.contents("out").rows.map(\.testID) == ["one", "two"])
    let directory = RunDirectory(path: project.scratch.file("out"), project: project.path)
    #expect(directory.lockState() == .free)
    #expect(try RunMeta(directory).status == .interrupted)
    let resumed = try await project.start("eval", "--output", "out", "--resume")
    #expect(await resumed.says("skipping 2 completed."))
    #expect(await resumed.says("🔄 block"))
    await resumed.signal(SIGTERM)
    #expect(try await project.finish(resumed).code == 143)
  }

  @Test func `a second writer is refused and told who the first one is`() async throws {
    try project.suite("a", ["block"])
    let running = try await project.start("eval", "evals", "--output", "out")
    #expect(await running.says("🔄 block"))
    for option in ["--resume", "--rerun-failed", "--overwrite"] {
      let second = try await project.run("eval", "evals", "--output", "out", option)
      #expect(second.code == 1)
      let pid = await running.pid
      #expect(second.stderr.contains("is being written by process \(pid)"), "\(second.stderr)")
    }
    await running.signal(SIGTERM)
    #expect(try await project.finish(running).code == 143)
  }

  @Test func `a reader that goes away does not stop the run`() async throws {
    try project.suite("a", ["one", "two", "three"])
    let spec = ProcessSpec(
      executable: "/bin/sh",
      arguments: ["-c", "\(agentvBinary) eval evals --output out | head -n 1"],
      environment: ["PATH": "/usr/bin:/bin", "HOME": project.path], workingDirectory: project.path)
    _ = try await Supervisor.shared.run(spec)
    // `head` is the last of the pipe; the run goes on for as long as it needs.
    try await appears("out/timing.json")
    #expect(try project.contents("out").rows.count == 3)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
  func `a full disk ends the run with a clear error and keeps the rows before it`() async throws {
    // Room for about 380 tests: more than may wait for their rows to be on the disk, so some are.
    try project.suite("a", (0..<1000).map { "test-\($0)" })
    let disk = try SmallDisk(project.scratch.file("disk"))
    let run = try await project.run(
      "eval", "evals", "--target", "mock", "--output", "disk/out", "--workers", "4")
    #expect(run.code == 1)
    #expect(run.stderr.contains("No space left on device"))
    #expect(run.stderr.contains("Resume with:\n  agentv eval --output disk/out --resume"))
    let contents = try project.contents("disk/out")
    #expect(contents.badLines == 0)
    #expect(!contents.rows.isEmpty && contents.rows.count < 1000)
    #expect(run.stdout.contains("\(contents.rows.count)/1000   "))
    withExtendedLifetime(disk) {}
  }

  /// Waits until a file is there, by events.
  private func appears(_ name: String) async throws {
    let path = project.scratch.file(name)
    try FileIO.createDirectories(Path.directory(path))
    try await FileArrival.wait(for: path)
  }
}

/// Waits for files without sleeping.
enum FileArrival {
  @LoopActor
  static func wait(for path: String) async throws {
    var watcher: FileWatcher?
    defer { watcher = nil }
    let (stream, arrivals) = AsyncStream.makeStream(of: Void.self)
    watcher = try FileWatcher { _ in arrivals.yield() }
    try watcher?.watch(Path.directory(path))
    arrivals.yield()
    for await _ in stream where FileIO.exists(path) { return }
  }
}

/// A file system of 300 KiB.
final class SmallDisk: Sendable {
  private let path: String

  static let isPossible: Bool = {
    guard geteuid() == 0, let scratch = try? TemporaryDirectory(),
      (try? SmallDisk(scratch.path)) != nil
    else { return false }
    return true
  }()

  init(_ path: String) throws {
    self.path = path
    try FileIO.createDirectories(path)
    guard mount("tmpfs", path, "tmpfs", 0, "size=6m") == 0 else {
      throw FileError(operation: "mount", path: path, code: errno)
    }
  }

  deinit { umount2(path, Int32(MNT_DETACH)) }
}
