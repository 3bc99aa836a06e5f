import Core
import Supervisor
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct StudioRestartTests {
  private func start(
    _ project: SampleProject, _ arguments: [String] = []
  ) async throws -> (studio: StudioProcess, http: TestHTTP) {
    try await StudioProcess.start(project, arguments, isOutlived: true)
  }

  private func held(_ http: TestHTTP) async throws -> JSON {
    let job = try await http.launch(["suite_filter": "evals/slow.eval.yaml"])
    let stream = try await http.events(of: job)
    _ = await http.untilHeld(stream)
    stream.close()
    return job
  }

  private func status(_ http: TestHTTP, _ job: JSON) async throws -> JSON {
    try await http.get("/api/eval/status/\(job["id"]?.string ?? "?")").json
  }

  /// Kills the server and nothing else, and starts another one.
  private func restart(
    _ studio: StudioProcess, _ project: SampleProject, _ arguments: [String] = []
  ) async throws -> (studio: StudioProcess, http: TestHTTP) {
    await studio.signal(9)
    _ = await studio.process.result()
    return try await start(project, arguments)
  }

  private func end(_ http: TestHTTP, _ job: JSON) async throws -> JSON {
    await (try http.events(of: job)).first(named: "end")?.json["job"] ?? .null
  }

  @Test func `a run outlives a killed server and is stopped by the next one`() async throws {
    let project = try SampleProject()
    var (studio, http) = try await start(project)
    let job = try await held(http)
    let before = try await status(http, job)
    (studio, http) = try await restart(studio, project)
    let stream = try await http.events(of: job)
    let running = await stream.first { $0.json["job"]?["status"]?.string == "running" }
    #expect(running?.json["job"]?["pid"] == before["pid"])
    let after = try await status(http, job)
    #expect(after["completed_test_count"]?.int == 1 && after["planned_test_count"]?.int == 2)
    let answer = try await http.post(
      "/api/eval/run/\(job["id"]?.string ?? "")/stop", ["reason": "seen enough"])
    #expect(answer.json == ["stopped": true, "status": "running"])
    let end = await stream.first(named: "end")?.json["job"] ?? .null
    #expect(end["exit_code"]?.int == 143 && end["signal"]?.string == "SIGTERM")
    #expect(end["outcome"]?.string == "stopped" && end["reason"]?.string == "seen enough")
    #expect(end["census"]?["remaining"]?.array?.isEmpty == true)
    let rows = try project.rows(job["run_dir"]?.string ?? "")
    #expect(rows.compactMap { $0["test_id"]?.string } == ["first"])
    await studio.end()
  }

  @Test func `a run that ends while there is no server is told with its exit code`() async throws {
    let project = try SampleProject()
    var (studio, http) = try await start(project)
    let job = try await held(http)
    await studio.signal(9)
    _ = await studio.process.result()
    let stopped = try await project.run(["stop", job["id"]?.string ?? "?"])
    #expect(stopped.exit == .exited(0))
    (studio, http) = try await start(project)
    let end = try await end(http, job)
    #expect(end["exit_code"]?.int == 143 && end["outcome"]?.string == "stopped")
    #expect(end["status"]?.string == "failed" && end["actor"]?.string == "cli")
    await studio.end()
  }

  @Test func `a run whose holder was killed as well is lost and can be resumed`() async throws {
    let project = try SampleProject()
    var (studio, http) = try await start(project)
    let job = try await held(http)
    let holder = try #require(try await status(http, job)["pid"]?.int)
    await studio.signal(9)
    _ = await studio.process.result()
    kill(holder, with: 9)
    (studio, http) = try await start(project)
    let end = try await end(http, job)
    #expect(end["outcome"]?.string == "lost" && end["status"]?.string == "failed")
    #expect(end["census"]?["remaining"]?.array?.isEmpty == true)
    try project.directory.write("agent.sh", "echo fine > \"$2\"\n")
    let resumed = try await http.post(
      "/api/eval/run", ["output": job["run_dir"] ?? .null, "resume": true])
    #expect(resumed.status == 202)
    let done = try await self.end(http, resumed.json)
    #expect(done["outcome"]?.string == "completed" && done["completed_test_count"]?.int == 2)
    let rows = try project.rows(job["run_dir"]?.string ?? "")
    #expect(rows.compactMap { $0["test_id"]?.string } == ["first", "held"])
    await studio.end()
  }

  @Test func `a launch that waits for its turn waits in the next server as well`() async throws {
    let project = try SampleProject()
    var (studio, http) = try await start(project, ["--max-jobs", "1"])
    let first = try await held(http)
    let waiting = try await http.launch(["suite_filter": "evals/quick.eval.yaml"])
    #expect(waiting["status"]?.string == "starting")
    (studio, http) = try await restart(studio, project, ["--max-jobs", "1"])
    #expect(try await status(http, waiting)["status"]?.string == "starting")
    _ = try await http.post("/api/eval/run/\(first["id"]?.string ?? "")/stop")
    let end = try await end(http, waiting)
    #expect(end["outcome"]?.string == "completed" && end["exit_code"]?.int == 0)
    await studio.end()
  }

  @Test func `with detach the runs go on when the server ends`() async throws {
    let project = try SampleProject()
    var (studio, http) = try await start(project, ["--on-exit", "detach"])
    let job = try await held(http)
    #expect(await studio.end().exit == .exited(0))
    (studio, http) = try await start(project)
    #expect(try await status(http, job)["status"]?.string == "running")
    #expect(await studio.end().exit == .exited(0))
    (studio, http) = try await start(project)
    let ended = try await status(http, job)
    #expect(ended["outcome"]?.string == "stopped" && ended["exit_code"]?.int == 143)
    #expect(try await http.get("/api/eval/runs").json["runs"]?.array?.count == 1)
    await studio.end()
  }

  @Test func `a live run is taken over although the journal was lost or is another's`()
    async throws
  {
    let project = try SampleProject()
    var (studio, http) = try await start(project)
    let job = try await held(http)
    let before = try await status(http, job)
    await studio.signal(9)
    _ = await studio.process.result()
    let journal = "\(project.path)/.agentv/studio.db"
    try FileIO.remove("\(journal)-wal")
    try FileIO.write(journal, Array(String(repeating: "no database", count: 500).utf8))
    (studio, http) = try await start(project)
    let stream = try await http.events(of: job)
    let running = await stream.first { $0.json["job"]?["status"]?.string == "running" }
    for member in ["pid", "command", "started_at", "run_id", "suite_filter"] {
      #expect(running?.json["job"]?[member] == before[member], "\(member)")
    }
    let answer = try await http.post("/api/eval/run/\(job["id"]?.string ?? "")/stop")
    #expect(answer.json == ["stopped": true, "status": "running"])
    let end = await stream.first(named: "end")?.json["job"] ?? .null
    #expect(end["exit_code"]?.int == 143 && end["outcome"]?.string == "stopped")
    // The new journal has it from now on.
    (studio, http) = try await restart(studio, project)
    #expect(try await status(http, job)["exit_code"]?.int == 143)
    await studio.end()
  }

  @Test func `a read-only server tells of jobs that have ended and leaves the journal alone`()
    async throws
  {
    let project = try SampleProject()
    var (studio, http) = try await start(project)
    let job = try await http.launch(["suite_filter": "evals/quick.eval.yaml"])
    #expect(try await end(http, job)["exit_code"]?.int == 0)
    let live = try await held(http)
    let (reader, readerHTTP) = try await start(project, ["--read-only"])
    let listed = try await readerHTTP.get("/api/eval/runs").json["runs"]?.array
    #expect(listed?.map { $0["id"]?.string } == [job["id"]?.string])
    #expect(try await status(readerHTTP, job)["outcome"]?.string == "completed")
    #expect(try await end(readerHTTP, job)["exit_code"]?.int == 0)
    await reader.end()
    // Nobody stopped or took over what lives.
    #expect(try await status(http, live)["status"]?.string == "running")
    (studio, http) = try await restart(studio, project)
    #expect(try await status(http, live)["status"]?.string == "running")
    await studio.end()
  }

  @Test func `the project's stream goes on over a restart with a snapshot that lacks nothing`()
    async throws
  {
    let project = try SampleProject()
    var (studio, http) = try await start(project)
    let job = try await held(http)
    let first = try await TestEventStream.open(http, "/api/events")
    let seen = await first.first(named: "snapshot")
    first.close()
    (studio, http) = try await restart(studio, project)
    let again = try await TestEventStream.open(http, "/api/events", lastEventID: seen?.id)
    // An id of a server that is gone says nothing to this one: the state is told whole, and first.
    let snapshot = await again.next()
    #expect(snapshot?.name == "snapshot")
    let jobs = snapshot?.json["jobs"]?.array ?? []
    #expect(jobs.compactMap { $0["id"]?.string } == [job["id"]?.string])
    _ = try await http.post("/api/eval/run/\(job["id"]?.string ?? "")/stop")
    let ended = await again.first { $0.json["job"]?["outcome"]?.string == "stopped" }
    again.close()
    // Within a server it goes on behind the id, without what was seen.
    let third = try await TestEventStream.open(http, "/api/events", lastEventID: ended?.id)
    let quick = try await http.launch(["suite_filter": "evals/quick.eval.yaml"])
    _ = await third.first { $0.json["job"]?["id"] == quick["id"] }
    #expect(await !third.seen.contains { $0.name == "snapshot" })
    third.close()
    await studio.end()
  }

  @Test func `a launch that waits is listed by ps and leaves nothing when it is stopped`()
    async throws
  {
    let project = try SampleProject()
    let (studio, http) = try await start(project, ["--max-jobs", "1"])
    let first = try await held(http)
    let waiting = try await http.launch(["suite_filter": "evals/quick.eval.yaml"])
    let path = Path.absolute(waiting["run_dir"]?.string ?? "?", in: project.path)
    let listed = try await project.run(["ps"]).stdout.text
    #expect(listed.contains(waiting["run_id"]?.string ?? "?") && listed.contains("starting"))
    for job in [waiting, first] {
      _ = try await http.post("/api/eval/run/\(job["id"]?.string ?? "")/stop")
    }
    let end = try await end(http, waiting)
    #expect(end["outcome"]?.string == "stopped" && end["exit_code"] == .null)
    _ = try await self.end(http, first)
    await studio.end()
    #expect(!FileIO.exists(path))
  }
}
