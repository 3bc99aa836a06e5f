import Core
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct StudioLaunchTests {
  @Test func `a launched run streams its status, output and rows up to its end`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    let response = try await http.post(
      "/api/eval/run", ["suite_filter": "evals/quick.eval.yaml", "target": "shell"])
    #expect(response.status == 202)
    let job = response.json
    #expect(job["status"]?.string == "running")
    #expect(
      job["command"]?.string?.hasPrefix("agentv eval evals/quick.eval.yaml --target shell") == true)
    let stream = try await http.events(of: job)
    #expect(stream.status == 200)
    let events = await stream.rest()
    let names = events.map(\.name)
    #expect(names.first == "snapshot" && names.last == "end")
    let end = events.last?.json["job"] ?? .null
    #expect(end["status"]?.string == "finished" && end["exit_code"]?.int == 0)
    #expect(end["outcome"]?.string == "completed" && end["completed_test_count"]?.int == 2)
    #expect(end["planned_test_count"]?.int == 2)
    // The rows are told once each, in the snapshot or as events.
    let snapshot = events.first?.json["rows"]?.array ?? []
    let rows = snapshot + events.filter { $0.name == "row" }.map(\.json)
    #expect(rows.compactMap { $0["test_id"]?.string } == ["one", "two"])
    #expect(rows.allSatisfy { $0["execution_status"]?.string == "ok" })
    let status = try await http.get("/api/eval/status/\(job["id"]?.string ?? "")").json
    #expect(status["stdout"]?.string?.contains("2/2") == true)
    #expect(status["finished_at"]?.string != nil)
    await studio.end()
  }

  @Test func `a client that comes back goes on without gap or repeat`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    let job = try await http.launch(["suite_filter": "evals/quick.eval.yaml"])
    let all = await (try http.events(of: job)).rest()
    #expect(Set(all.map(\.id)).count == all.count, "every event has an id of its own")
    let middle = all[all.count / 2]
    let again = await (try http.events(of: job, lastEventID: middle.id)).rest()
    #expect(again.map(\.id) == all.drop { $0.id != middle.id }.dropFirst().map(\.id))
    let foreign = await (try http.events(of: job, lastEventID: "elsewhere-7")).rest()
    #expect(foreign.first?.name == "snapshot" && foreign.last?.name == "end")
    let done = try await http.events(of: job, lastEventID: all.last?.id)
    #expect(done.status == 204, "an EventSource stops for good")
    await studio.end()
  }

  @Test(
    arguments: [
      ("", 400, "invalid-json", nil), ("{", 400, "invalid-json", nil),
      ("[]", 400, "invalid-body", nil), ("{}", 400, "nothing-selected", nil),
      (#"{"suite_filter":5}"#, 400, "invalid-field", "suite_filter"),
      (#"{"test_ids":"abc"}"#, 400, "invalid-field", "test_ids"),
      (#"{"suite_filter":"x","workers":"3"}"#, 400, "invalid-field", "workers"),
      (#"{"suite_filter":"x","threshold":2}"#, 400, "invalid-field", "threshold"),
      (#"{"suite_filter":"evals/nope.eval.yaml"}"#, 400, "eval-not-found", "suite_filter"),
      (#"{"suite_filter":"/etc/hostname"}"#, 400, "outside-project", "suite_filter"),
      (#"{"test_ids":["no-such-test"]}"#, 400, "test-not-found", "test_ids"),
      (
        #"{"suite_filter":"evals/quick.eval.yaml","target":"nope"}"#, 400, "unknown-target",
        "target"
      ),
      (
        #"{"suite_filter":"evals/quick.eval.yaml","output":"/tmp/x"}"#, 400, "outside-project",
        "output"
      ),
      (
        #"{"suite_filter":"evals/quick.eval.yaml","retry_errors":"runs/none"}"#, 400,
        "run-not-found", "retry_errors"
      ),
      (#"{"resume":true}"#, 400, "no-run-to-continue", "resume"),
      (
        #"{"suite_filter":"a","resume":true,"rerun_failed":true}"#, 400, "conflicting-modes", nil
      ),
    ] as [(String, Int, String, String?)])
  func `a launch that cannot be is refused with its reason`(
    _ body: String, _ status: Int, _ code: String, _ field: String?
  ) async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    let response = try await http.send(
      "POST", "/api/eval/run", headers: [("Content-Type", "application/json")],
      body: Array(body.utf8))
    #expect(response.status == status && response.json["code"]?.string == code)
    #expect(response.json["field"]?.string == field)
    #expect(response.json["error"]?.string?.isEmpty == false)
    let jobs = try await http.get("/api/eval/runs").json["runs"]
    #expect(jobs?.array?.isEmpty == true)
    await studio.end()
  }

  @Test func `a test id without a file finds its file`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    let job = try await http.launch(["test_ids": ["two"]])
    #expect(job["suite_filter"]?.string == "evals/quick.eval.yaml")
    let end = await (try http.events(of: job)).first(named: "end")
    #expect(end?.json["job"]?["completed_test_count"]?.int == 1)
    await studio.end()
  }

  @Test func `a value that looks like an option stays a value`() async throws {
    let project = try SampleProject()
    let (studio, http) = try await StudioProcess.start(project)
    let job = try await http.launch([
      "suite_filter": "evals/quick.eval.yaml", "test_ids": ["--output=/tmp/owned"],
    ])
    let end = await (try http.events(of: job)).first(named: "end")
    #expect(end?.json["job"]?["run_dir"]?.string?.hasPrefix(".agentv/results/runs/") == true)
    #expect(!FileIO.exists("/tmp/owned"))
    await studio.end()
  }

  @Test func `two launches on one run directory: the second is refused`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject())
    let output = ".agentv/results/runs/default/mine"
    let first = try await http.launch([
      "suite_filter": "evals/slow.eval.yaml", "output": .string(output),
    ])
    let second = try await http.post(
      "/api/eval/run", ["suite_filter": "evals/slow.eval.yaml", "output": "runs/default/mine"])
    #expect(second.status == 409)
    #expect(["run-is-live", "run-exists"].contains(second.json["code"]?.string))
    let resumed = try await http.post(
      "/api/eval/run", ["output": .string(output), "resume": true])
    #expect(resumed.status == 409 && resumed.json["code"]?.string == "run-is-live")
    let stream = try await http.events(of: first)
    _ = await http.untilHeld(stream)
    let stop = try await http.post("/api/eval/run/\(first["id"]?.string ?? "")/stop")
    #expect(stop.status == 200)
    #expect(await stream.first(named: "end") != nil)
    await studio.end()
  }

  @Test func `launches beyond the limit wait in starting and can be taken back`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject(), ["--max-jobs", "1"])
    let body: JSON = ["suite_filter": "evals/slow.eval.yaml"]
    let first = try await http.launch(body)
    let second = try await http.launch(body)
    let third = try await http.launch(["suite_filter": "evals/quick.eval.yaml"])
    #expect(first["status"]?.string == "running")
    #expect(second["status"]?.string == "starting" && second["pid"]?.isNull == true)
    let secondStream = try await http.events(of: second)
    let taken = try await http.post("/api/eval/run/\(second["id"]?.string ?? "")/stop")
    #expect(taken.json == ["stopped": true, "status": "starting"])
    let end = await secondStream.first(named: "end")?.json["job"] ?? .null
    #expect(end["outcome"]?.string == "stopped" && end["exit_code"]?.isNull == true)

    let thirdStream = try await http.events(of: third)
    _ = try await http.post("/api/eval/run/\(first["id"]?.string ?? "")/stop")
    let thirdEnd = await thirdStream.first(named: "end")?.json["job"] ?? .null
    #expect(thirdEnd["outcome"]?.string == "completed", "it got the place")
    await studio.end()
  }

  @Test func `previews and discovery tell what there is`() async throws {
    let (studio, http) = try await StudioProcess.start(SampleProject(), ["--read-only"])
    let preview = try await http.post(
      "/api/eval/preview", ["suite_filter": "a b.yaml", "resume": true, "output": "runs/r1"])
    #expect(
      preview.json["command"]?.string == "agentv eval \"a b.yaml\" --output runs/r1 --resume")
    #expect(try await http.post("/api/eval/preview", [:]).json["command"]?.string == "agentv eval")
    let discovered = try await http.get("/api/eval/discover").json["eval_files"]?.array ?? []
    #expect(
      discovered.compactMap { $0["relative_path"]?.string }
        == ["evals/quick.eval.yaml", "evals/slow.eval.yaml"])
    #expect(discovered.first?["category"]?.string == "Uncategorized")
    #expect(
      try await http.get("/api/eval/targets").json == ["targets": ["shell", "canned"]])
    await studio.end()
  }
}
