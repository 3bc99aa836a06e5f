import Core
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct StudioStopTests {
  private func held(
    _ http: TestHTTP
  ) async throws -> (job: JSON, stop: String, stream: TestEventStream) {
    let job = try await http.launch(["suite_filter": "evals/slow.eval.yaml"])
    let stream = try await http.events(of: job)
    _ = await http.untilHeld(stream)
    return (job, "/api/eval/run/\(job["id"]?.string ?? "")/stop", stream)
  }

  @Test func `a stop ends the run with 143, tells all on the stream and keeps finished rows`()
    async throws
  {
    let project = try SampleProject()
    let (studio, http) = try await StudioProcess.start(project)
    let (job, stop, stream) = try await held(http)
    let answer = try await http.post(stop, ["reason": "seen enough"])
    #expect(answer.status == 200 && answer.json == ["stopped": true, "status": "running"])

    let events = await stream.rest()
    let stopping = events.first { $0.name == "status" }?.json["job"] ?? .null
    #expect(stopping["stopping"]?.bool == true && stopping["status"]?.string == "running")
    #expect(stopping["reason"]?.string == "seen enough" && stopping["actor"]?.string == "api")
    #expect(stopping["stop_deadline_at"]?.string != nil)
    #expect(events.last?.name == "end")
    let ended = events.last { $0.name == "status" }?.json["job"] ?? .null
    #expect(ended["status"]?.string == "failed" && ended["exit_code"]?.int == 143)
    #expect(ended["signal"]?.string == "SIGTERM" && ended["outcome"]?.string == "stopped")
    #expect(ended["stopping"]?.bool == false)
    #expect(ended["census"]?["remaining"]?.array?.isEmpty == true)

    let after = try await http.post(stop)
    #expect(
      after.json == ["stopped": false, "reason": "already_terminal", "status": "failed"])
    let rows = try project.rows(job["run_dir"]?.string ?? "")
    #expect(rows.compactMap { $0["test_id"]?.string } == ["first"])

    let detail = try await http.get("/api/runs/\(job["run_id"]?.string ?? "")").json
    #expect(detail["planned_test_count"]?.int == 2)
    #expect(detail["results"]?.array?.count == 1)
    #expect(detail["run"]?["status"]?.string == "interrupted")
    await studio.end()
  }

  @Test func `a second press sends no second signal`() async throws {
    let project = try SampleProject()
    // Takes its time to go, whatever signals its children get.
    try project.directory.write(
      "agent.sh",
      """
      if grep -q wait "$1"; then
        trap 'n=1' TERM
        while [ -z "$n" ]; do sleep 0.05; done
        for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done
        exit 1
      fi
      echo fine > "$2"
      """)
    let (studio, http) = try await StudioProcess.start(project)
    let (_, stop, stream) = try await held(http)
    async let first = http.post(stop)
    async let second = http.post(stop)
    async let third = http.post(stop)
    for answer in try await [first, second, third] {
      #expect(answer.json == ["stopped": true, "status": "running"])
    }
    let end = await stream.first(named: "end")?.json["job"] ?? .null
    #expect(end["exit_code"]?.int == 143, "a second signal would make it 1")
    await studio.end()
  }

  @Test func `force kills at once what ignores the stop`() async throws {
    let project = try SampleProject()
    try project.directory.write(
      "agent.sh",
      """
      if grep -q wait "$1"; then trap '' TERM INT HUP; sleep 120 & wait; sleep 120; fi
      echo fine > "$2"
      """)
    let (studio, http) = try await StudioProcess.start(project, ["--stop-grace", "60"])
    let (_, stop, stream) = try await held(http)
    _ = try await http.post(stop)
    let forced = try await http.post(stop, ["force": true])
    #expect(forced.json["stopped"]?.bool == true)
    let end = await stream.first(named: "end")?.json["job"] ?? .null
    #expect(end["forced"]?.bool == true && end["outcome"]?.string == "stopped")
    #expect(end["exit_code"]?.int == 137 && end["signal"]?.string == "SIGKILL")
    #expect(end["census"]?["remaining"]?.array?.isEmpty == true)
    await studio.end()
  }

  @Test func `a stopped run resumes and completes what was missing, once`() async throws {
    let project = try SampleProject()
    let (studio, http) = try await StudioProcess.start(project)
    let (job, stop, stream) = try await held(http)
    _ = try await http.post(stop)
    _ = await stream.first(named: "end")
    try project.directory.write("agent.sh", "echo fine > \"$2\"\n")
    let resumed = try await http.post(
      "/api/eval/run", ["output": job["run_dir"] ?? .null, "resume": true])
    #expect(resumed.status == 202)
    #expect(resumed.json["run_id"] == job["run_id"])
    let end = await (try http.events(of: resumed.json)).first(named: "end")?.json["job"] ?? .null
    #expect(end["outcome"]?.string == "completed" && end["completed_test_count"]?.int == 2)
    let rows = try project.rows(job["run_dir"]?.string ?? "")
    #expect(rows.compactMap { $0["test_id"]?.string } == ["first", "held"])
    await studio.end()
  }

  @Test func `a run whose process is killed has failed with 137`() async throws {
    let project = try SampleProject()
    let (studio, http) = try await StudioProcess.start(project)
    let (job, _, stream) = try await held(http)
    let record = try JSON.parse(
      FileIO.read(
        Path.absolute("\(job["run_dir"]?.string ?? "")/run.json", in: project.path)))
    let pid = try #require(record["pid"]?.int)
    kill(pid, with: 9)
    let end = await stream.first(named: "end")?.json["job"] ?? .null
    #expect(end["exit_code"]?.int == 137 && end["signal"]?.string == "SIGKILL")
    #expect(end["outcome"]?.string == "failed" && end["status"]?.string == "failed")
    await studio.end()
  }

  @Test func `a stop names its job or says that there is none`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    for id in ["studio-20260101-000000-none", "..", "a%2Fb", "%2e%2e%2f", "x%20y"] {
      let response = try await http.post("/api/eval/run/\(id)/stop")
      #expect(response.status == 404, "\(id)")
      #expect(response.json["error"]?.string != nil)
    }
    let nul = try await http.post("/api/eval/run/a%00b/stop")
    #expect(nul.status == 400)
    let scoped = try await http.post("/api/benchmarks/nope/eval/run/x/stop")
    #expect(scoped.status == 404)
    #expect(scoped.json["error"]?.string == "Benchmark not found")
    await studio.end()
  }

  @Test(arguments: ["{", "[]", #"{"force":"yes"}"#, #"{"force":1}"#, #"{"reason":5}"#])
  func `a stop with a wrong body stops nothing`(_ body: String) async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    let (_, stop, stream) = try await held(http)
    let response = try await http.send(
      "POST", stop, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
    #expect(response.status == 400)
    #expect(try await http.post(stop).json["stopped"]?.bool == true)
    _ = await stream.first(named: "end")
    await studio.end()
  }
}
