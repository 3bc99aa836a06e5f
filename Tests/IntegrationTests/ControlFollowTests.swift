import Core
import EventLoop
import Glibc
import RunArtifacts
import Supervisor
import TestSupport
import Testing

/// `agentv ps`, `watch`, `logs` and `resume`.
@Suite(.timeLimit(.minutes(1))) struct ControlFollowTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  @Test func `ps tells of a live run and with --all of ended ones`() async throws {
    #expect(try await project.run("ps").stdout == "No live runs.\n")
    try project.suite("a", ["one", "block-1"])
    let running = try await project.start("eval", "evals", "--workers", "1")
    #expect(await running.says("🔄 block-1"))
    let line = try #require(try await project.json("ps")["runs"]?.array?.first)
    #expect(line["status"] == "running" && line["completed"] == 1 && line["planned"] == 2)
    #expect(line["pid"]?.int == Int(await running.pid) && line["started_by"] == "terminal")
    #expect(line["targets"] == ["default"])
    let text = try await project.run("ps").stdout
    #expect(text.hasPrefix("RUN") && text.contains("running") && text.contains("1/2"))
    await running.signal(SIGINT)
    _ = await running.ended()
    #expect(try await project.run("ps").stdout == "No live runs.\n")
    let ended = try #require(try await project.json("ps", "-a")["runs"]?.array?.first)
    #expect(ended["status"] == "interrupted" && ended["exit_code"] == 130)
    #expect(ended["pid"] == .null && ended["signal"] == "SIGINT")
  }

  @Test func `a project that cannot be written to is read all the same`() async throws {
    try project.suite("a", ["one"])
    try await project.run("eval", "evals")
    let directory = try project.onlyRun()
    #expect(chmod(directory, 0o555) == 0)
    defer { chmod(directory, 0o755) }
    #expect(try await project.json("ps", "--all")["runs"]?.array?.count == 1)
    let watch = try await project.run("watch", directory)
    #expect(watch.code == 0 && watch.stdout.contains("is finished: 1 of 1 tests, exit code 0."))
    #expect(try await project.run("stop", directory).code == 0)
  }

  @Test func `a watcher sees rows as they come, the stop and the end, and exits as the run does`()
    async throws
  {
    let running = try await project.startHeld()
    let watch = try await project.start("watch", "out")
    #expect(await watch.says("Watching out (running"))
    #expect(await watch.says("1/3   ✅ one"))
    let events = try await project.start("watch", "out", "--json")
    #expect(await events.says("\"event\":\"row\""))
    let stop = try await project.run("stop", "out", "--reason", "seen")
    #expect(stop.code == 0)
    let watched = try await project.finish(watch)
    #expect(watched.code == 143)
    #expect(watched.stdout.contains("EVALUATION SUMMARY"))
    #expect(
      watched.stdout.contains("Run out is interrupted: 1 of 3 tests, exit code 143, SIGTERM."))
    #expect(watched.stdout.contains("Resume with: agentv resume out"))
    let told = try EvalProject.lines(try await project.finish(events).stdout)
    #expect(told.first?["event"] == "begun" && told.last?["event"] == "end")
    #expect(told.filter { $0["event"] == "row" }.map { $0["test_id"] } == ["one"])
    #expect(told.last?["run"]?["exit_code"] == 143)
    #expect(try await project.finish(running).code == 143)
  }

  @Test func `Ctrl+C ends the watching only`() async throws {
    let running = try await project.startHeld()
    let watch = try await project.start("watch")
    #expect(await watch.says("1/3   ✅ one"))
    await watch.signal(SIGINT)
    let watched = try await project.finish(watch)
    #expect(watched.code == 130 && watched.stderr.contains("the run goes on"))
    #expect(try await project.json("ps")["runs"]?.array?.first?["status"] == "running")
    await running.signal(SIGTERM)
    #expect(try await project.finish(running).code == 143)
  }

  @Test func `a watcher of a run that is killed is told so`() async throws {
    let running = try await project.startHeld()
    let watch = try await project.start("watch", "out")
    #expect(await watch.says("1/3   ✅ one"))
    await running.signal(SIGKILL)
    let watched = try await project.finish(watch)
    #expect(watched.code == 1 && watched.stdout.contains("exit code unknown"), "\(watched.stdout)")
    _ = await running.ended()
  }

  @Test func `a stopped run is resumed to the same results`() async throws {
    try project.suite("a", ["one", "flaky-1", "wrong-1"])
    #expect(try await project.run("eval", "evals", "--max-retries", "0").code == 0)
    try project.scratch.write("fixed", "")
    let directory = try project.onlyRun()
    let resumed = try await project.run("resume")
    #expect(resumed.code == 0 && resumed.stdout.contains("skipping 2 completed"))
    let rerun = try await project.run("resume", Path.name(directory), "--rerun-failed")
    #expect(rerun.stdout.contains("Rerun-failed: found 3 existing result(s), skipping 2"))
    let rows = try project.effective(directory)
    #expect(rows.count == 3)
    #expect(rows.values.filter { $0.executionStatus == .ok }.count == 2)
  }

  @Test func `a detached resume is listed, logged, watched and stopped`() async throws {
    let running = try await project.startHeld()
    await running.signal(SIGINT)
    _ = await running.ended()
    // Started by a shell that stays: our supervisor ends what a leader that went leaves behind.
    let shell = try await project.startShell(
      "\(agentvBinary) resume out --detach --json > detached.json; echo done; exec sleep 600")
    #expect(await shell.says("done"))
    let detached = try JSON.parse(FileIO.read(project.scratch.file("detached.json")))
    let job = try #require(detached["job_id"]?.string)
    #expect(job.hasPrefix("detached-") && detached["live"] == true)
    let refused = try await project.run("resume", "out")
    #expect(refused.code == 1 && refused.stderr.contains("agentv watch out"))
    let follow = try await project.start("logs", job, "-f")
    #expect(await follow.says("🔄 block-1"))
    let watch = try await project.start("watch", job)
    #expect(await watch.says("Watching out"))
    let stop = try await project.json("stop", job)
    #expect(stop["runs"]?.array?.first?["exit_code"] == 143)
    #expect(try await project.finish(watch).code == 143)
    let log = try await project.finish(follow)
    #expect(log.code == 0 && log.stdout.contains("Run stopped by SIGTERM: 1 of 3"))
    let lines = try EvalProject.lines(try await project.run("logs", job, "--json").stdout)
    #expect(
      lines.contains { $0["stream"] == "stderr" } && lines.contains { $0["stream"] == "stdout" })
    let ended = try #require(try await project.json("ps", "--all")["runs"]?.array?.first)
    #expect(ended["started_by"] == "detached" && ended["exit_code"] == 143)
    await shell.signal(SIGKILL)
    _ = await shell.ended()
  }

  @Test func `a detached resume that has nothing to do says so`() async throws {
    try project.suite("a", ["one"])
    try await project.run("eval", "evals", "--output", "out")
    let run = try await project.run("resume", "out", "--detach")
    #expect(run.code == 0 && run.stdout.contains("Nothing to resume"), "\(run.stdout)\(run.stderr)")
  }

  @Test func `a run of a terminal has no log, and says where its results are`() async throws {
    try project.suite("a", ["one"])
    try await project.run("eval", "evals", "--output", "out")
    let run = try await project.run("logs", "out")
    #expect(run.code == 1 && run.stderr.contains("agentv watch out"))
  }
}
