import Core
import EventLoop
import Glibc
import RunArtifacts
import Supervisor
import TestSupport
import Testing

/// `agentv stop` on runs of a terminal, of the Studio, of nobody.
@Suite(.timeLimit(.minutes(1))) struct ControlStopTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  @Test func `a run of a terminal is stopped by its records and says how to go on`() async throws {
    let running = try await project.startHeld()
    let stop = try await project.run("stop", "out", "--reason", "enough")
    #expect(stop.code == 0, "\(stop.stderr)")
    #expect(
      stop.stdout.contains("Stopped out: exit code 143, SIGTERM, 1 of 3 tests finished."),
      "\(stop.stdout)")
    #expect(stop.stdout.contains("none left") && stop.stdout.contains("agentv resume out"))
    #expect(project.processes().filter { $0 != getpid() }.isEmpty)
    let run = try await project.finish(running)
    #expect(run.code == 143)
    let record = try #require(try project.contents("out").record)
    #expect(record.stop?.actor == "cli" && record.stop?.reason == "enough")
    #expect(record.census?.remaining.isEmpty == true && (record.census?.obeyed ?? 0) > 0)

    let again = try await project.json("stop", "out")
    let entry = try #require(again["runs"]?.array?.first)
    #expect(entry["stopped"] == false && entry["status"] == "interrupted")
    #expect(entry["exit_code"] == 143 && entry["signal"] == "SIGTERM")
    #expect(entry["reason"] == "enough" && entry["actor"] == "cli")
  }

  @Test func `a run may end its running tests and start no others`() async throws {
    try project.scratch.write(
      "agent.sh",
      """
      while [ "$1" = one ] && [ ! -e ../go ]; do sleep 0.02; done
      printf '%s' "$1" > "$2"
      """)
    try project.suite("a", ["one", "two"])
    let running = try await project.start("eval", "evals", "-o", "out", "--workers", "1")
    #expect(await running.says("🔄 one"))
    let asked = try await project.run("stop", "out", "--after-current", "--no-wait")
    #expect(asked.code == 0 && asked.stdout.contains("starts no further tests"), "\(asked.stdout)")
    try project.scratch.write("go", "")
    let run = try await project.finish(running)
    #expect(run.code == 143, "\(run.stderr)")
    #expect(try project.contents("out").effectiveRows.map(\.testID) == ["one"])
    let both = try await project.run("stop", "out", "--after-current", "--force")
    #expect(both.code == 1 && both.stderr.contains("--after-current"))
  }

  @Test func `two stops at once are one stop`() async throws {
    let running = try await project.startHeld()
    async let first = project.run("stop", "out")
    async let second = project.run("stop", "out")
    let codes = try await [first.code, second.code]
    #expect(codes == [0, 0])
    #expect(try await project.finish(running).code == 143, "a second signal would have made it 1")
  }

  @Test func `all live runs are stopped together`() async throws {
    try project.suite("a", ["one", "block-1"])
    let first = try await project.start("eval", "evals", "--workers", "1")
    #expect(await first.says("🔄 block-1"))
    let second = try await project.start("eval", "evals", "--workers", "1", "--experiment", "x")
    #expect(await second.says("🔄 block-1"))
    let listed = try await project.json("ps")
    #expect(listed["runs"]?.array?.count == 2)
    let stop = try await project.json("stop", "--all")
    #expect(stop["runs"]?.array?.count == 2 && stop["errors"]?.array?.isEmpty == true)
    #expect(try await project.finish(first).code == 143)
    #expect(try await project.finish(second).code == 143)
    let none = try await project.run("stop", "--all")
    #expect(none.code == 0 && none.stdout == "No live runs.\n")
  }

  @Test func `force kills a target that does not listen, without waiting for its grace`()
    async throws
  {
    let running = try await project.startHeld(ids: ["one", "deaf-1"])
    let stop = try await project.json("stop", "out", "--force")
    let entry = try #require(stop["runs"]?.array?.first)
    #expect(entry["stopped"] == true && entry["status"] == "interrupted")
    #expect(entry["exit_code"] == 1, "a second signal kills at once")
    #expect(try await project.finish(running).code == 1)
    #expect(project.processes().filter { $0 != getpid() }.isEmpty)
    #expect(try project.contents("out").rows.map(\.testID) == ["one"])
  }

  @Test func `a run that is held by Ctrl+Z is stopped`() async throws {
    let running = try await project.startHeld()
    await running.signal(SIGSTOP)
    let stop = try await project.run("stop", "out")
    #expect(stop.code == 0 && stop.stdout.contains("exit code 143"), "\(stop.stdout)")
    #expect(try await project.finish(running).code == 143)
  }

  @Test func `what a killed run left alive is ended`() async throws {
    try project.suite("a", ["one", "block-1"])
    // Under a shell of its own that goes as well, so that nobody of ours inherits what is left.
    let command =
      "\(agentvBinary) eval evals --output out --workers 1 >log 2>&1 & echo $! > pid; wait"
    let shell = try await Supervisor.shared.start(
      ProcessSpec(
        executable: "sh", arguments: ["-c", command],
        environment: ["PATH": "/usr/bin:/bin", "HOME": project.path],
        workingDirectory: project.path))
    let watcher = FileSeen(project.scratch.file("out/events.jsonl"), contains: "block-1")
    #expect(await watcher.wait())
    let pid = try #require(
      Int(
        String(decoding: try FileIO.read(project.scratch.file("pid")), as: UTF8.self).split(
          separator: "\n")[0]))
    // Our supervisor would end the orphans as well, so the stop has to be quicker than its sweep:
    // the shell keeps the tree alive.
    kill(Int(shell.pid), with: SIGSTOP)
    kill(pid, with: SIGKILL)
    let stop = try await project.run("stop", "out")
    #expect(stop.code == 0, "\(stop.stdout)\(stop.stderr)")
    let listed = try await project.json("ps", "--all")
    #expect(listed["runs"]?.array?.allSatisfy { $0["live"] == false } == true)
    let left = project.processes().filter { $0 != getpid() && $0 != shell.pid && $0 != pid }
    #expect(left.filter { !isZombie($0) }.isEmpty)
    await shell.kill()
    _ = await shell.result()
  }

  private func isZombie(_ pid: Int32) -> Bool {
    let stat = String(decoding: (try? FileIO.read("/proc/\(pid)/stat")) ?? [], as: UTF8.self)
    return stat.isEmpty || stat.contains(") Z ")
  }

  @Test(arguments: [
    (["stop", "nope"], "no run of"), (["stop", "../x"], "no run in that directory"),
    (["watch", "../../etc"], "no run in that directory"), (["logs", "-rf/.."], ""),
    (["stop"], "name the runs to stop"), (["stop", "a", "--all"], "not both"),
    (["watch"], "is live"), (["resume"], "has no last run"),
    (["logs", "x", "--tail", "-1"], "--tail must be 0 or more"),
    (["stop", "x", "--reason", String(repeating: "r", count: 501)], "500 characters"),
  ])
  func `what cannot be done says why and exits with 1`(
    _ arguments: [String], _ text: String
  ) async throws {
    let run = try await project.finish(try await RunningAgentv(arguments, in: project.path))
    #expect(run.code == 1)
    #expect(run.stderr.contains(text), "\(run.stderr)")
  }

  @Test func `an error is an object too when JSON is asked for`() async throws {
    let run = try await project.run("logs", "nope", "--json")
    let error = try JSON.parse(Array(run.stdout.utf8))
    #expect(run.code == 1 && error["code"] == "run-not-found" && !run.stderr.isEmpty)
  }

  @Test func `a record that names another process never has that one signalled`() async throws {
    try project.suite("a", ["one", "block-1"])
    let running = try await project.startHeld()
    let bystander = try await Supervisor.shared.start(
      ProcessSpec(executable: "sleep", arguments: ["600"], environment: ["PATH": "/usr/bin:/bin"]))
    // The lock is held, but the record was changed to name somebody else.
    var record = try #require(try project.contents("out").record)
    record.pid = bystander.pid
    record.processStartTime = Int(bystander.startTime)
    try FileIO.write(project.scratch.file("out/run.json"), record.json.pretty())
    let stop = try await project.run("stop", "out")
    #expect(stop.code == 1 && stop.stderr.contains("cannot be told"), "\(stop.stderr)")
    // A stale record with nobody on the lock is an ended run.
    await running.signal(SIGKILL)
    _ = await running.ended()
    let stale = try await project.run("stop", "out")
    #expect(stale.code == 0 && stale.stdout.contains("Already ended"), "\(stale.stdout)")
    #expect(await !bystander.isEnded)
    await bystander.kill()
    _ = await bystander.result()
  }

  @Test func `a run of the Studio is stopped through its holder`() async throws {
    let sample = try SampleProject()
    let (studio, http) = try await StudioProcess.start(sample)
    let job = try await http.launch(["suite_filter": "evals/slow.eval.yaml"])
    let stream = try await http.events(of: job)
    _ = await http.untilHeld(stream)
    let id = job["id"]?.string ?? "?"
    let listed = try JSON.parse(try await sample.run(["ps", "--json"]).stdout.bytes)
    let line = try #require(listed["runs"]?.array?.first)
    #expect(line["job_id"]?.string == id && line["started_by"] == "studio")
    #expect(line["status"] == "running" && line["completed"] == 1 && line["planned"] == 2)

    let stop = try await sample.run(["stop", id, "--reason", "from a terminal", "--json"])
    #expect(stop.exit == .exited(0))
    let report = try #require(try JSON.parse(stop.stdout.bytes)["runs"]?.array?.first)
    #expect(report["exit_code"] == 143 && report["job_id"]?.string == id)
    #expect(report["census"]?["remaining"]?.array?.isEmpty == true)

    // The Studio learns of it from the same records.
    let end = await stream.rest().last?.json["job"] ?? .null
    #expect(end["status"] == "failed" && end["exit_code"] == 143 && end["outcome"] == "stopped")
    #expect(end["actor"] == "cli" && end["reason"] == "from a terminal")

    let log = try await sample.run(["logs", id])
    #expect(log.stdout.text.contains("Run stopped by SIGTERM"))
    #expect(log.stderr.text.contains("Stopping (SIGTERM)"))
    let tail = try await sample.run(["logs", id, "--stderr", "--tail", "1"])
    #expect(tail.stdout.bytes.isEmpty && tail.stderr.text.split(separator: "\n").count == 1)
    await studio.end()
  }
}

/// Waits until a file that grows holds a text.
struct FileSeen: Sendable {
  private let path: String
  private let text: String

  init(_ path: String, contains text: String) {
    self.path = path
    self.text = text
  }

  /// `false` when the file cannot be watched.
  @LoopActor
  func wait() async -> Bool {
    // The directories on the way may not be there yet: each is watched until the next one appears.
    let news = AsyncStream<Void>.makeStream()
    guard let watcher = try? FileWatcher({ _ in news.continuation.yield() }) else { return false }
    while true {
      var directory = Path.directory(path)
      while !FileIO.isDirectory(directory) { directory = Path.directory(directory) }
      _ = try? watcher.watch(directory)
      if let bytes = try? FileIO.read(path),
        String(decoding: bytes, as: UTF8.self).contains(text)
      {
        return true
      }
      for await _ in news.stream { break }
    }
  }
}
