import Core
import EventLoop
import Supervisor
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct StudioServerTests {
  @Test func `read-only is told before anything else is looked at`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject(), ["--read-only"])
    let paths = [
      "/api/eval/run", "/api/eval/run/nope/stop", "/api/benchmarks/nope/eval/run",
      "/api/benchmarks/nope/eval/run/nope/stop",
    ]
    for path in paths {
      let response = try await http.send("POST", path, body: Array("not json".utf8))
      #expect(response.status == 403, "\(path)")
      #expect(response.json["error"]?.string == "Studio is running in read-only mode")
    }
    #expect(try await http.get("/api/config").json["read_only"]?.bool == true)
    await studio.end()
  }

  @Test func `an unknown benchmark is not found on every scoped route`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    let gets = [
      "eval/runs", "eval/status/x", "eval/discover", "eval/targets", "runs", "runs/x", "config",
      "events", "eval/run/x/events", "eval/run/x/log",
    ]
    for path in gets {
      let response = try await http.get("/api/benchmarks/nope/\(path)")
      #expect(response.status == 404, "\(path)")
      #expect(response.json["error"]?.string == "Benchmark not found")
    }
    for path in ["eval/run", "eval/preview", "eval/run/x/stop"] {
      let response = try await http.post("/api/benchmarks/nope/\(path)", [:])
      #expect(response.status == 404, "\(path)")
    }
    await studio.end()
  }

  @Test func `a benchmark has jobs and runs of its own`() async throws {
    let project = try SampleProject()
    let other = try SampleProject()
    try project.home.write(
      ".agentv/benchmarks.yaml",
      """
      benchmarks:
        - id: other
          name: Other
          path: \(other.path)
        - id: gone
          name: Gone
          path: /nowhere/at/all
      """)
    let (studio, http) = try await StudioProcess.start(project)
    #expect(try await http.get("/api/benchmarks/gone/runs").status == 404)
    let job = try await http.post(
      "/api/benchmarks/other/eval/run", ["suite_filter": "evals/quick.eval.yaml"]
    ).json
    #expect(job["benchmark_id"]?.string == "other")
    let id = job["id"]?.string ?? ""
    let stream = try await TestEventStream.open(
      http, "/api/benchmarks/other/eval/run/\(id)/events")
    #expect(await stream.first(named: "end")?.json["job"]?["outcome"]?.string == "completed")
    let runs = try await http.get("/api/benchmarks/other/runs").json["runs"]?.array ?? []
    #expect(runs.map { $0["filename"] } == [job["run_id"]])
    #expect(try await http.get("/api/runs").json == ["runs": []])
    #expect(try await http.get("/api/eval/status/\(id)").status == 200, "as upstream's pages ask")
    await studio.end()
  }

  @Test func `a run started in a terminal appears, counts and ends in the project's stream`()
    async throws
  {
    let project = try SampleProject()
    let (studio, http) = try await StudioProcess.start(project)
    let stream = try await TestEventStream.open(http, "/api/events")
    let snapshot = await stream.next()
    #expect(snapshot?.name == "snapshot" && snapshot?.json["runs"] == [])
    let result = try await project.run(["eval", "evals/quick.eval.yaml"])
    #expect(result.exit == .exited(0))
    var seen: [String] = []
    let ended = await stream.first { event in
      event.name == "run" && event.json["run"]?["status"]?.string == "finished"
    }
    seen = await stream.seen.map(\.name)
    #expect(ended?.json["run"]?["test_count"]?.int == 2)
    #expect(ended?.json["run"]?["live"]?.bool == false)
    let all = await stream.seen
    let appeared = all.first { $0.name == "run" }
    #expect(appeared?.json["change"]?.string == "appeared")
    #expect(
      all.filter { $0.name == "row" }.compactMap { $0.json["test_id"]?.string } == ["one", "two"])
    let runID = appeared?.json["run"]?["filename"]
    #expect(all.filter { $0.name == "row" }.allSatisfy { $0.json["run_id"] == runID })
    #expect(seen.contains("progress") && !seen.contains("output"))
    stream.close()
    await studio.end()
  }

  @Test func `a run that is killed in its terminal is told as interrupted`() async throws {
    let project = try SampleProject()
    let (studio, http) = try await StudioProcess.start(project)
    let stream = try await TestEventStream.open(http, "/api/events")
    let run = try await Supervisor.shared.start(project.spec(["eval", "evals/slow.eval.yaml"]))
    _ = await http.untilHeld(stream)
    await run.signal(9)
    let ended = await stream.first {
      $0.name == "run" && $0.json["run"]?["status"]?.string == "interrupted"
    }
    #expect(ended?.json["run"]?["test_count"]?.int == 1)
    _ = await run.result()
    await studio.end()
  }

  @Test func `a deleted run vanishes from the stream`() async throws {
    let project = try SampleProject()
    let (studio, http) = try await StudioProcess.start(project)
    let job = try await http.launch(["suite_filter": "evals/quick.eval.yaml"])
    _ = await (try http.events(of: job)).first(named: "end")
    let stream = try await TestEventStream.open(http, "/api/events")
    #expect(await stream.next()?.json["runs"]?.array?.count == 1)
    try FileIO.removeTree(Path.absolute(job["run_dir"]?.string ?? "", in: project.path))
    let gone = await stream.first {
      $0.name == "run" && $0.json["change"]?.string == "vanished"
    }
    #expect(gone?.json["run"]?["filename"] == job["run_id"])
    #expect(try await http.get("/api/runs/\(job["run_id"]?.string ?? "")").status == 404)
    await studio.end()
  }

  @Test func `the end of the server stops runs so that they resume, and says so`() async throws {
    let project = try SampleProject()
    let (studio, http) = try await StudioProcess.start(project)
    let job = try await http.launch(["suite_filter": "evals/slow.eval.yaml"])
    let stream = try await http.events(of: job)
    let projectStream = try await TestEventStream.open(http, "/api/events")
    _ = await http.untilHeld(stream)
    let result = await studio.end()
    #expect(result.exit == .exited(0))
    let events = await stream.rest()
    #expect(events.contains { $0.name == "shutdown" })
    #expect(events.last?.name == "end")
    #expect(events.last?.json["job"]?["exit_code"]?.int == 143)
    #expect(events.last?.json["job"]?["actor"]?.string == "shutdown")
    #expect(await projectStream.rest().contains { $0.name == "shutdown" })

    try project.directory.write("agent.sh", "echo fine > \"$2\"\n")
    let resumed = try await project.run([
      "eval", "--resume", "--output", job["run_dir"]?.string ?? "", "evals/slow.eval.yaml",
    ])
    #expect(resumed.exit == .exited(0), "\(resumed.stderr.text)")
    let rows = try project.rows(job["run_dir"]?.string ?? "")
    #expect(rows.compactMap { $0["test_id"]?.string } == ["first", "held"])
  }

  @Test func `a second signal to the server kills what ignores the first`() async throws {
    let project = try SampleProject()
    try project.directory.write(
      "agent.sh",
      """
      if grep -q wait "$1"; then trap '' TERM INT HUP; sleep 120 & wait; sleep 120; fi
      echo fine > "$2"
      """)
    let (studio, http) = try await StudioProcess.start(project, ["--stop-grace", "60"])
    let job = try await http.launch(["suite_filter": "evals/slow.eval.yaml"])
    let stream = try await http.events(of: job)
    _ = await http.untilHeld(stream)
    await studio.signal(15)
    _ = await stream.first(named: "shutdown")
    await studio.signal(15)
    let end = await stream.first(named: "end")?.json["job"] ?? .null
    #expect(end["forced"]?.bool == true && end["outcome"]?.string == "stopped")
    let result = await studio.process.result()
    #expect(result.exit == .exited(1))
    #expect(result.census.killed == 0, "nothing was left for whoever started the server")
  }

  @Test func `an occupied port is named with the remedy`() async throws {
    let project = try SampleProject()
    let (studio, http) = try await StudioProcess.start(project)
    let second = try await project.run(["studio", "--port", "\(http.port)"])
    #expect(second.exit == .exited(1))
    #expect(second.stderr.text.contains("127.0.0.1:\(http.port)"))
    #expect(second.stderr.text.contains("--port"))
    await studio.end()
  }

  @Test(arguments: [
    (["--dir", "/no/such/dir"], "/no/such/dir"), (["--port", "70000"], "--port"),
    (["--host", "0.0.0.0"], "--token"), (["--web-root", "/nope"], "Studio dist not found"),
    (["/no/such/run"], "Source file not found"), (["--max-jobs", "0"], "--max-jobs"),
    (["agent.sh"], "Expected a run workspace directory or index.jsonl manifest"),
  ])
  func `a server that cannot start says why and exits 1`(
    _ arguments: [String], _ text: String
  ) async throws {
    let result = try await SampleProject().run(["serve", "--port", "0"] + arguments)
    #expect(result.exit == .exited(1))
    #expect(result.stderr.text.contains(text), "\(result.stderr.text)")
  }

  @Test func `hostile ids are not found and lead nowhere`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    for id in ["..", "%2e%2e", "..%2f..%2fetc", "%2Fetc", "a%2Fb", "x::..", "..::x", "remote::x"] {
      for path in ["/api/runs/\(id)", "/api/eval/status/\(id)", "/api/eval/run/\(id)/events"] {
        let response = try await http.get(path)
        #expect(response.status == 404, "\(path) gave \(response.status)")
        #expect(response.json["code"]?.string != nil)
      }
    }
    #expect(try await http.get("/api/runs/a%00b").status == 400)
    #expect(try await http.get("/api/nonexistent").json["error"]?.string == "Not found")
    #expect(try await http.get("/assets/..%2f..%2f..%2fetc%2fpasswd").status == 404)
    #expect(try await http.send("DELETE", "/api/runs").status == 405)
    await studio.end()
  }

  @Test func `requests of other sites and for other hosts are refused`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    let evil = try await http.get("/api/runs", headers: [("Host", "evil.example")])
    #expect(evil.status == 403 && evil.json["code"]?.string == "host-not-allowed")
    let body = Array(#"{"suite_filter":"evals/quick.eval.yaml"}"#.utf8)
    let form = try await http.send(
      "POST", "/api/eval/run", headers: [("Content-Type", "text/plain")], body: body)
    #expect(form.status == 415)
    let origin = try await http.send(
      "POST", "/api/eval/run",
      headers: [("Content-Type", "application/json"), ("Origin", "http://evil.example")],
      body: body)
    #expect(origin.status == 403 && origin.json["code"]?.string == "origin-not-allowed")
    #expect(try await http.get("/api/eval/runs").json == ["runs": []])
    await studio.end()
  }

  @Test func `a token opens the server by header and by the cookie of the login page`()
    async throws
  {
    let (studio, http) = try await StudioProcess.start(
      SampleProject(), ["--host", "0.0.0.0"], environment: ["AGENTV_STUDIO_TOKEN": "s3cret"])
    #expect(try await http.get("/healthz").status == 200)
    #expect(try await http.get("/api/runs").status == 401)
    let page = try await http.get("/", headers: [("Accept", "text/html")])
    #expect(page.status == 303 && page.header("location") == "/login")
    let bearer = [("Authorization", "Bearer s3cret")]
    #expect(try await http.get("/api/runs", headers: bearer).status == 200)
    let form = [("Content-Type", "application/x-www-form-urlencoded")]
    let wrong = try await http.send(
      "POST", "/login", headers: form, body: Array("token=guess".utf8))
    #expect(wrong.status == 401 && wrong.header("set-cookie") == nil)
    let login = try await http.send(
      "POST", "/login", headers: form, body: Array("token=s3cret".utf8))
    #expect(login.status == 303)
    let cookie = login.header("set-cookie") ?? ""
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
    let value = cookie.split(separator: ";").first.map(String.init) ?? ""
    #expect(try await http.get("/api/runs", headers: [("Cookie", value)]).status == 200)

    let job = try await http.send(
      "POST", "/api/eval/run", headers: bearer + [("Content-Type", "application/json")],
      body: Array(#"{"suite_filter":"evals/quick.eval.yaml"}"#.utf8)
    ).json
    let pid = try #require(job["pid"]?.int)
    let command = (try? FileIO.read("/proc/\(pid)/cmdline")) ?? []
    let environment = (try? FileIO.read("/proc/\(pid)/environ")) ?? []
    #expect(!String(decoding: command + environment, as: UTF8.self).contains("s3cret"))
    await studio.end()
  }

  @Test func `the pages are served with their type, a tag and a strict policy`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    for path in ["/", "/jobs/x", "/runs/anything", "/favicon.ico"] {
      let page = try await http.get(path)
      #expect(page.status == 200 && page.text.contains("root"), "\(path)")
      #expect(page.header("content-type")?.hasPrefix("text/html") == true)
      let policy = page.header("content-security-policy") ?? ""
      #expect(policy.contains("default-src 'self'") && !policy.contains("unsafe-inline"))
      #expect(page.header("x-content-type-options") == "nosniff")
    }
    let tag = try await http.get("/").header("etag") ?? ""
    #expect(try await http.get("/", headers: [("If-None-Match", tag)]).status == 304)
    #expect(try await http.get("/assets/missing.js").status == 404)
    #expect(try await http.send("HEAD", "/api/runs").status == 200)
    await studio.end()
  }

  @Test func `a job's log is read by ranges`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    let job = try await http.launch(["suite_filter": "evals/quick.eval.yaml"])
    _ = await (try http.events(of: job)).first(named: "end")
    let path = "/api/eval/run/\(job["id"]?.string ?? "")/log"
    let whole = try await http.get(path)
    #expect(whole.status == 200 && whole.text.contains("2/2"))
    let part = try await http.get(path, headers: [("Range", "bytes=2-5")])
    #expect(part.status == 206 && part.body == Array(whole.body[2...5]))
    #expect(part.header("content-range") == "bytes 2-5/\(whole.body.count)")
    let beyond = try await http.get(path, headers: [("Range", "bytes=9999999-")])
    #expect(beyond.status == 416)
    await studio.end()
  }
}
