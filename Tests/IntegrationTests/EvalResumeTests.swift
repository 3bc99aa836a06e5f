import Core
import RunArtifacts
import TestSupport
import Testing

/// The three forms of going on with a run (reference: run-artifacts 6; design 9).
@Suite(.timeLimit(.minutes(1))) struct EvalResumeTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  private func statuses(_ directory: String) throws -> [String: ExecutionStatus] {
    try project.effective(directory).reduce(into: [:]) {
      $0["\($1.key.testID)@\($1.key.target)"] = $1.value.executionStatus
    }
  }

  @Test func `resume runs errors and what is missing, rerun-failed also what failed`() async throws
  {
    try project.suite("a", ["one", "wrong", "flaky"])
    let first = try await project.run(
      "eval", "evals", "--output", "out", "--max-retries", "0", "--workers", "1")
    #expect(first.code == 0)
    try project.scratch.write("fixed", "")
    let resumed = try await project.run("eval", "evals", "--output", "out", "--resume")
    #expect(resumed.stdout.contains("Resume: found 3 existing result(s), skipping 2 completed."))
    #expect(resumed.stdout.contains("1/1   ✅ flaky"))
    #expect(resumed.stdout.contains("Artifact workspace updated: "))
    #expect(resumed.stdout.contains("(1 new test directories)"))
    #expect(!resumed.stdout.contains("Tip:"))
    let contents = try project.contents("out")
    #expect(contents.rows.count == 4)
    #expect(contents.attempts == 1)
    #expect(contents.plannedTestCount == 3)
    let rerun = try await project.run("eval", "--output", "out", "--rerun-failed")
    #expect(
      rerun.stdout.contains("Rerun-failed: found 3 existing result(s), skipping 2 completed."))
    #expect(rerun.stdout.contains("1/1   ⚠️ wrong"))
    // Each attempt has its artifacts beside those of the earlier ones.
    let paths = try project.contents("out").rows.compactMap(\.gradingPath)
    #expect(Set(paths).count == 5)
    #expect(paths.contains("a/wrong/attempt-2/grading.json"))
  }

  @Test func `nothing left is said and is no failure`() async throws {
    try project.suite("a", ["one", "wrong"])
    try await project.run("eval", "evals", "--output", "out")
    let before = try FileIO.read(project.scratch.file("out/index.jsonl"))
    let run = try await project.run("eval", "--output", "out", "--resume")
    #expect(run.code == 0)
    #expect(run.stdout.contains("Nothing to resume — all 2 test(s) already completed."))
    #expect(try FileIO.read(project.scratch.file("out/index.jsonl")) == before)
  }

  @Test func `the stored launch carries targets, filters, threshold and dry run`() async throws {
    try project.suite("a", ["one", "two", "three"])
    try project.suite("b", ["one"])
    try await project.run(
      "eval", "evals", "--target", "alias", "--target", "mock", "--test-id", "{one,two}",
      "--threshold", "0.3", "--dry-run", "--experiment", "exp", "--output", "out")
    let whole = try project.effective("out")
    #expect(whole.count == 6)
    // As if it had been killed after two rows.
    let index = project.scratch.file("out/index.jsonl")
    let kept = try project.contents("out").rows.prefix(2)
    try FileIO.write(index, kept.flatMap(\.line))
    let run = try await project.run("eval", "--resume", "--output", "out")
    #expect(run.stdout.contains("found 2 existing result(s), skipping 2 completed."))
    #expect(run.code == 1)
    let resumed = try project.effective("out")
    #expect(Set(resumed.keys) == Set(whole.keys))
    #expect(Set(resumed.values.compactMap(\.experiment)) == ["exp"])
    #expect(Set(resumed.values.map(\.target)) == ["second-dry-run", "mock-dry-run"])
    let record = try #require(try project.contents("out").record)
    #expect(record.launch.targets == ["alias", "mock"])
    #expect(record.resumedAt != nil)
    #expect(record.completion == .completed)
  }

  @Test func `a bare resume goes on with the last run, also an interrupted one`() async throws {
    try project.suite("a", ["one", "block"])
    let running = try await project.start("eval", "evals", "--workers", "1")
    #expect(await running.says("🔄 block"))
    await running.signal(2)
    #expect(try await project.finish(running).code == 130)
    try project.suite("a", ["one", "block"].map { $0 == "block" ? "renamed" : $0 })
    let resumed = try await project.run("eval", "--resume")
    #expect(
      resumed.stdout.contains(
        "Auto-detected last run dir for --resume: .agentv/results/runs/default/"))
    #expect(resumed.stdout.contains("1/1   ✅ renamed"))
  }

  @Test func `without a run to go on with, a fresh one starts and says so`() async throws {
    try project.suite("a", ["one"])
    let bare = try await project.run("eval", "evals", "--resume")
    #expect(
      bare.stderr.contains(
        "Warning: --resume requires --output <dir> (or a cached last run) to identify the run "
          + "directory. Ignoring --resume."))
    #expect(bare.code == 0)
    let empty = try await project.run("eval", "evals", "--resume", "--output", "new")
    #expect(empty.stdout.contains("Resume: no existing index.jsonl found, starting fresh run."))
    #expect(try project.contents("new").rows.count == 1)
  }

  @Test func `a part of a run can go on alone; the plan stays whole`() async throws {
    try project.suite("a", ["one", "two", "three"])
    try await project.run("eval", "evals", "--output", "out", "--test-id", "one")
    let record = try #require(try project.contents("out").record)
    #expect(record.plannedTestCount == 1)
    try await project.run("eval", "evals", "--output", "all")
    let index = project.scratch.file("all/index.jsonl")
    try FileIO.write(index, [])
    try await project.run("eval", "--output", "all", "--resume", "--test-id", "two")
    let contents = try project.contents("all")
    #expect(contents.rows.map(\.testID) == ["two"])
    #expect(contents.plannedTestCount == 3)
    #expect(contents.record?.completion == .interrupted)
    #expect(contents.record?.launch.testIDs == [])
  }

  @Test func `a target named as the rows show it is the requested one`() async throws {
    try project.suite("a", ["one", "two"])
    try await project.run("eval", "evals", "--target", "alias", "--output", "out")
    let first = try project.contents("out").rows.prefix(1)
    try FileIO.write(project.scratch.file("out/index.jsonl"), first.flatMap(\.line))
    let run = try await project.run(
      "eval", "evals", "--target", "second", "--output", "out", "--resume")
    #expect(run.stdout.contains("skipping 1 completed."))
    #expect(try project.effective("out").keys.allSatisfy { $0.target == "alias" })
  }

  @Test func `equal ids of two files are two tests`() async throws {
    try project.suite("a", ["same"])
    try project.suite("b", ["same"])
    try await project.run("eval", "evals", "--output", "out")
    let rows = try project.contents("out").rows
    #expect(rows.count == 2)
    #expect(Set(rows.compactMap(\.evalFile)).count == 2)
    try FileIO.write(project.scratch.file("out/index.jsonl"), rows[0].line)
    try await project.run("eval", "--output", "out", "--resume")
    #expect(try project.effective("out").count == 2)
  }

  @Test func `a run of upstream goes on, its rows untouched`() async throws {
    try project.suite("a", ["one", "two"])
    let raw =
      #"{"test_id":"one","suite":"a","score":1,"target":"script","#
      + #""execution_status":"ok","output":[{"role":"assistant","content":"one"}]}"# + "\n"
    try project.scratch.write("up/index.jsonl", raw)
    let run = try await project.run("eval", "evals", "--output", "up", "--resume")
    #expect(run.stdout.contains("Resume: found 1 existing result(s), skipping 1 completed."))
    let bytes = try FileIO.read(project.scratch.file("up/index.jsonl"))
    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(raw))
    #expect(try project.contents("up").effectiveRows.map(\.testID) == ["one", "two"])
  }

  @Test func `a torn last line runs again and nothing before it is touched`() async throws {
    try project.suite("a", ["one", "two"])
    try await project.run("eval", "evals", "--output", "out", "--workers", "1")
    let index = project.scratch.file("out/index.jsonl")
    let rows = try project.contents("out").rows
    try FileIO.write(index, rows[0].line + Array(rows[1].line.prefix(40)))
    let run = try await project.run("eval", "--output", "out", "--resume")
    #expect(run.stdout.contains("Resume: found 1 existing result(s), skipping 1 completed."))
    let contents = try project.contents("out")
    #expect(contents.badLines == 0)
    #expect(contents.rows.map(\.testID) == ["one", "two"])
    #expect(contents.rows[0] == rows[0])
  }

  @Test func `an existing run is refused unless it is to be resumed or replaced`() async throws {
    try project.suite("a", ["one"])
    try await project.run("eval", "evals", "--output", "out")
    let before = try FileIO.read(project.scratch.file("out/index.jsonl"))
    let refused = try await project.run("eval", "evals", "--output", "out")
    #expect(refused.code == 1)
    #expect(refused.stderr.contains("already holds a run"))
    #expect(refused.stderr.contains("--resume") && refused.stderr.contains("--overwrite"))
    #expect(try FileIO.read(project.scratch.file("out/index.jsonl")) == before)
    let replaced = try await project.run("eval", "evals", "--output", "out", "--overwrite")
    #expect(replaced.code == 0)
    #expect(try project.contents("out").rows.count == 1)
  }

  @Test func `retry-errors makes a new run of old results and new ones`() async throws {
    try project.suite("a", ["one", "wrong", "flaky"])
    try await project.run("eval", "evals", "--output", "old", "--max-retries", "0")
    try project.scratch.write("fixed", "")
    let before = try FileIO.read(project.scratch.file("old/index.jsonl"))
    let run = try await project.run("eval", "--retry-errors", "old", "--output", "new")
    #expect(run.code == 0)
    #expect(run.stdout.contains("Found 1 execution-error test(s): flaky\n"))
    #expect(run.stdout.contains("Skipping 2 already-completed test(s).\n"))
    #expect(run.stdout.contains("Merged 2 non-error result(s) from previous output."))
    #expect(!run.stdout.contains("🔄 one"))
    #expect(
      try statuses("new") == [
        "one@default": .ok, "wrong@default": .qualityFailure, "flaky@default": .ok,
      ])
    let contents = try project.contents("new")
    #expect(contents.plannedTestCount == 3)
    for row in contents.rows {
      #expect(FileIO.isFile(project.scratch.file("new/" + (row.responsePath ?? "?"))))
    }
    #expect(try FileIO.read(project.scratch.file("old/index.jsonl")) == before)
    let nothing = try await project.run("eval", "--retry-errors", "new/index.jsonl")
    #expect(nothing.code == 0)
    #expect(
      nothing.stdout.contains(
        "No execution errors or missing cases in the previous run. Nothing to retry."))
  }

  @Test func `retry-errors into the same directory is refused with a hint`() async throws {
    try project.suite("a", ["error"])
    try await project.run("eval", "evals", "--output", "old", "--max-retries", "0")
    let run = try await project.run("eval", "evals", "--retry-errors", "old", "--output", "old")
    #expect(run.code == 1)
    #expect(run.stderr.contains("--rerun-failed"))
    #expect(try project.contents("old").rows.count == 1)
  }

  @Test func `a run that lost only its end is closed by a resume`() async throws {
    try project.suite("a", ["one"])
    try await project.run("eval", "evals", "--output", "out")
    let directory = RunDirectory(path: project.scratch.file("out"), project: project.path)
    var record = try #require(directory.record())
    record.completion = .running
    record.finishedAt = nil
    try FileIO.write(directory.file(RunFile.record), record.json.pretty())
    try FileIO.remove(directory.file(RunFile.benchmark))
    let run = try await project.run("eval", "--output", "out", "--resume")
    #expect(run.code == 0)
    #expect(directory.record()?.completion == .completed)
    #expect(
      directory.json(RunFile.benchmark)?["run_summary"]?["script"]?["pass_rate"]?["mean"] == 1)
  }
}
