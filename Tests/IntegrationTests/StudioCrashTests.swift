// The server is killed at moments that nobody chose, again and again.

import Core
import Supervisor
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct StudioCrashTests {
  private func start(
    _ project: SampleProject
  ) async throws -> (studio: StudioProcess, http: TestHTTP) {
    try await StudioProcess.start(project, isOutlived: true)
  }

  /// Kills a server after a random time of at most so many milliseconds.
  private func kill(_ studio: StudioProcess, within milliseconds: Int) async throws {
    try await Task.sleep(for: .microseconds(Int.random(in: 0...(milliseconds * 1000))))
    await studio.signal(9)
    _ = await studio.process.result()
  }

  private func testIDs(_ project: SampleProject, _ job: JSON) throws -> [String] {
    try project.rows(job["run_dir"]?.string ?? "").compactMap { $0["test_id"]?.string }.sorted()
  }

  @Test func `whenever the server dies around a launch, what was answered runs once`() async throws
  {
    let project = try SampleProject()
    var (studio, http) = try await start(project)
    var answered: [String] = []
    for _ in 0..<10 {
      let server = http
      async let launch = try? server.launch(["suite_filter": "evals/quick.eval.yaml"])
      try await kill(studio, within: 60)
      if let id = await launch?["id"]?.string { answered.append(id) }
      (studio, http) = try await start(project)
    }
    let jobs = try await http.get("/api/eval/runs").json["runs"]?.array ?? []
    #expect(Set(answered).isSubset(of: jobs.compactMap { $0["id"]?.string }))
    for job in jobs {
      let end = await (try http.events(of: job)).first(named: "end")?.json["job"] ?? .null
      #expect(end["outcome"]?.string == "completed" && end["exit_code"]?.int == 0, "\(end.text)")
      #expect(try testIDs(project, job) == ["one", "two"])
    }
    await studio.end()
  }

  @Test func `whenever the server dies around a stop, what was answered is carried out`()
    async throws
  {
    let project = try SampleProject()
    for _ in 0..<6 {
      var (studio, http) = try await start(project)
      let job = try await http.launch(["suite_filter": "evals/slow.eval.yaml"])
      let stream = try await http.events(of: job)
      _ = await http.untilHeld(stream)
      stream.close()
      let path = "/api/eval/run/\(job["id"]?.string ?? "?")/stop"
      let server = http
      async let stop = try? server.post(path, ["reason": "enough"])
      try await kill(studio, within: 20)
      let isAnswered = await stop?.status == 200
      (studio, http) = try await start(project)
      if !isAnswered { _ = try await http.post(path, ["reason": "enough"]) }
      let end = await (try http.events(of: job)).first(named: "end")?.json["job"] ?? .null
      #expect(end["exit_code"]?.int == 143 && end["outcome"]?.string == "stopped", "\(end.text)")
      #expect(end["reason"]?.string == "enough")
      #expect(end["census"]?["remaining"]?.array?.isEmpty == true)
      #expect(try testIDs(project, job) == ["first"])
      await studio.end()
    }
  }

  @Test func `a client goes on over killed servers without gap or repeat`() async throws {
    let project = try SampleProject()
    try project.directory.write(
      "agent.sh", "sleep 0.05\necho \"out $$ ä\" >&2\necho fine > \"$2\"\n")
    var eval = "name: many\nexecution:\n  target: shell\n  workers: 1\ntests:\n"
    for number in 0..<60 { eval += "  - {id: t\(number), criteria: x, input: say}\n" }
    try project.directory.write("evals/many.eval.yaml", eval)
    var (studio, http) = try await start(project)
    let job = try await http.launch(["suite_filter": "evals/many.eval.yaml"])
    var client = JobClient()
    for round in 0... {
      let stream = try await http.events(of: job, lastEventID: client.lastID)
      // Read for a while, up to the end at last.
      let wanted = Int.random(in: 1...40)
      var taken = 0
      while round >= 8 || taken < wanted, let event = await stream.next() {
        client.take(event)
        taken += 1
      }
      stream.close()
      if client.hasEnded { break }
      try await kill(studio, within: 100)
      (studio, http) = try await start(project)
    }
    #expect(client.snapshots == 1, "only the first connection knew nothing")
    let rows = try project.rows(job["run_dir"]?.string ?? "")
    #expect(client.rows == rows.compactMap { $0["test_id"]?.string } && client.rows.count == 60)
    let log = try FileIO.read(
      Path.absolute("\(job["run_dir"]?.string ?? "")/console.log", in: project.path))
    let segments = try FileIO.read(
      Path.absolute(
        "\(job["run_dir"]?.string ?? "")/.jobs/\(job["id"]?.string ?? "")/segments",
        in: project.path))
    for (stream, mark) in [("stdout", "o"), ("stderr", "e")] {
      var bytes: [UInt8] = []
      for line in String(decoding: segments, as: UTF8.self).split(separator: "\n") {
        let parts = line.split(separator: " ")
        guard parts[0] == mark, let offset = Int(parts[1]), let count = Int(parts[2]) else {
          continue
        }
        bytes += log[offset..<(offset + count)]
      }
      #expect(client.output[stream] ?? "" == String(decoding: bytes, as: UTF8.self), "\(stream)")
    }
    let after = try await http.events(of: job, lastEventID: client.lastID)
    #expect(after.status == 204)
    await studio.end()
    (studio, http) = try await start(project)
    let later = try await http.events(of: job, lastEventID: client.lastID)
    #expect(later.status == 204)
    await studio.end()
  }
}

/// What a client of a job's stream knows.
struct JobClient {
  private(set) var lastID: String?
  private(set) var rows: [String] = []
  private(set) var output: [String: String] = [:]
  private(set) var snapshots = 0
  private(set) var hasEnded = false

  mutating func take(_ event: TestEvent) {
    lastID = event.id
    let data = event.json
    switch event.name {
    case "snapshot":
      snapshots += 1
      rows = (data["rows"]?.array ?? []).compactMap { $0["test_id"]?.string }
      output = [:]
      for text in data["output"]?.array ?? [] { take(text) }
    case "row": rows.append(data["test_id"]?.string ?? "?")
    case "output": take(data)
    case "end": hasEnded = true
    default: break
    }
  }

  private mutating func take(_ text: JSON) {
    output[text["stream"]?.string ?? "?", default: ""] += text["text"]?.string ?? "?"
  }
}
