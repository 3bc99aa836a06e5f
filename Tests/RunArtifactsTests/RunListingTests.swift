import Core
import RunArtifacts
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RunListingTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  private func run(
    _ place: String, _ rows: [ResultRow], planned: Int? = nil, record: RunRecord? = nil
  ) throws {
    let folder = ".agentv/results/runs/\(place)"
    try scratch.write(
      "\(folder)/index.jsonl", String(decoding: rows.flatMap(\.line), as: UTF8.self))
    if let planned {
      let heading = RunSummary.Heading(
        evalFile: "", experiment: "default", plannedTestCount: planned)
      try scratch.write(
        "\(folder)/benchmark.json",
        RunSummary.benchmark(heading, rows: rows, now: Timestamp(millisecondsSinceEpoch: 0)).text)
    }
    if let record { try scratch.write("\(folder)/run.json", record.json.text) }
  }

  private func record(_ completion: RunCompletion) -> RunRecord {
    var record = RunRecord(
      runID: "x", experiment: "default", pid: 1,
      startedAt: Timestamp(millisecondsSinceEpoch: 0), argv: [], cwd: scratch.path,
      launch: RunLaunch(evalFiles: ["a.yaml", "b.yaml"]))
    record.completion = completion
    record.plannedTestCount = 2
    return record
  }

  @Test func `runs are listed by name, newest first, with ids as upstream makes them`() throws {
    let row = EffectiveRowsTests.row("a")
    try run("default/2026-05-08T09-00-00-000Z", [row])
    try run("with-skills/2026-05-09T09-00-00-000Z", [row])
    try run("a/b/2026-05-07T09-00-00-000Z", [row])
    try run("direct", [row])
    var listing = RunListing(project: scratch.path)
    let runs = listing.scan()
    #expect(
      runs.map(\.runID) == [
        "direct", "with-skills::2026-05-09T09-00-00-000Z", "2026-05-08T09-00-00-000Z",
        "a/b::2026-05-07T09-00-00-000Z",
      ])
    for run in runs {
      #expect(
        RunDirectory.locate(project: scratch.path, runID: run.runID)?.path == run.directory)
    }
    #expect(runs[1].timestamp == "2026-05-09T09:00:00.000Z")
  }

  @Test(arguments: ["../x", "..", "a/../../x", "::x", "x::", "a//b", "", "a\0b"])
  func `an id that leads out of the tree names nothing`(_ runID: String) throws {
    try scratch.write("x/index.jsonl", "")
    try scratch.write(".agentv/results/x/index.jsonl", "")
    #expect(RunDirectory.locate(project: scratch.path, runID: runID) == nil)
  }

  @Test func `the state of a run follows from its lock, its record and its numbers`() throws {
    let row = EffectiveRowsTests.row("a")
    try run("default/u1", [row], planned: 1)
    try run("default/u2", [row], planned: 2)
    try run("default/u3", [row])
    try run("default/o1", [row], record: record(.completed))
    try run("default/o2", [row], record: record(.interrupted))
    try run("default/o3", [row], record: record(.running))
    let live = RunDirectory(
      path: scratch.file(".agentv/results/runs/default/live"), project: scratch.path)
    let writer = try RunWriter.open(live, mode: .fresh) { _ in }
    var listing = RunListing(project: scratch.path)
    let states = Dictionary(
      uniqueKeysWithValues: listing.scan().map { ($0.displayName, $0.status) })
    #expect(
      states == [
        "u1": .finished, "u2": .interrupted, "u3": .unknown, "o1": .finished,
        "o2": .interrupted, "o3": .interrupted, "live": .running,
      ])
    withExtendedLifetime(writer) {}
  }

  @Test func `numbers count tests, not attempts`() throws {
    try run(
      "default/r", [EffectiveRowsTests.row("a", score: 0), EffectiveRowsTests.row("a", score: 1)])
    var listing = RunListing(project: scratch.path)
    let meta = try #require(listing.scan().first)
    #expect(meta.testCount == 1)
    #expect(meta.passRate == 1)
    #expect(meta.attempts == 1)
    #expect(meta.json["completed_test_count"] == 1)
    #expect(meta.json["filename"] == "r")
  }

  @Test func `the newest runs are found by their names, wherever they are`() throws {
    let row = EffectiveRowsTests.row("a")
    for day in 1...9 { try run("exp-\(day % 3)/2026-05-0\(day)T09-00-00-000Z", [row]) }
    try run("eval_2026-04-01T09-00-00-000Z", [row])
    try run("a/b/2026-06-01T09-00-00-000Z", [row])
    try FileIO.createDirectories(scratch.file(".agentv/results/runs/default/2026-07-01T09-no-run"))
    var listing = RunListing(project: scratch.path)
    let newest = listing.newest(4)
    #expect(
      newest.map(\.displayName) == [
        "eval_2026-04-01T09-00-00-000Z", "2026-06-01T09-00-00-000Z", "2026-05-09T09-00-00-000Z",
      ], "the directory that is no run takes one of the four places")
    #expect(listing.scan().count == 11)
    #expect(listing.newest(4).isEmpty, "they are known")
  }

  @Test func `a run keeps its last tests, each once, for comparisons`() throws {
    var rows = (0..<130).map { EffectiveRowsTests.row("t\($0)", score: 0.5) }
    rows.append(EffectiveRowsTests.row("t50", score: 1))
    var other = EffectiveRowsTests.row("t129")
    other.target = "other"
    try run("default/r", rows + [other])
    var listing = RunListing(project: scratch.path)
    let meta = try #require(listing.scan().first)
    func ids(_ marks: TestMarks) -> [String] {
      marks.marks.map { String(decoding: $0.id, as: UTF8.self) }
    }
    #expect(meta.groups.count == 2 && meta.lastGroup == 1)
    #expect(ids(meta.groups[1].marks) == ["\"t129\""])
    #expect(ids(meta.marks).count == TestMarks.maximumCount)
    #expect(ids(meta.marks).last == "\"t129\"")
    #expect(Set(ids(meta.groups[0].marks)).count == TestMarks.maximumCount)
  }

  @Test func `a changed run is read again, an unchanged one is not`() throws {
    try run("default/r", [EffectiveRowsTests.row("a")])
    var listing = RunListing(project: scratch.path)
    #expect(listing.scan().map(\.testCount) == [1])
    try run("default/r", [EffectiveRowsTests.row("a"), EffectiveRowsTests.row("b")])
    #expect(listing.scan().map(\.testCount) == [2])
    try FileIO.removeTree(scratch.file(".agentv/results/runs/default/r"))
    #expect(listing.scan().isEmpty)
  }

  @Test func `the record is read as it was written`() throws {
    var record = record(.interrupted)
    record.launch.targets = ["a", "b"]
    record.launch.threshold = 0.7
    record.launch.dryRun = true
    record.launch.dryRunDelayMS = 30
    record.planned = [TestIdentity(evalFile: "a.yaml", testID: "x", target: "a")]
    record.signal = "SIGTERM"
    record.exitCode = 143
    record.jobID = "studio-1"
    record.finishedAt = Timestamp(millisecondsSinceEpoch: 99)
    #expect(RunRecord(json: record.json) == record)
  }

  @Test func `the filter of a run names all its files`() throws {
    try run("default/r", [], record: record(.completed))
    let directory = try #require(RunDirectory.locate(project: scratch.path, runID: "r"))
    #expect(try directory.read().suiteFilter == "a.yaml,b.yaml")
    #expect(try directory.read().plannedTestCount == 2)
  }

  @Test func `the last-run pointer leads to a run that exists`() throws {
    try FileIO.createDirectories(scratch.file("run"))
    let now = Timestamp(millisecondsSinceEpoch: 0)
    try LastRun.write(scratch.file("run"), project: scratch.path, at: now)
    #expect(LastRun.read(project: scratch.path) == scratch.file("run"))
    try FileIO.removeTree(scratch.file("run"))
    #expect(LastRun.read(project: scratch.path) == nil)
  }
}
