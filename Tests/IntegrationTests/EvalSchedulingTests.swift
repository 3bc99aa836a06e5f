import Core
import Glibc
import RunArtifacts
import TestSupport
import Testing

/// What decides when a test runs, how often, and whether at all (docs/concepts/scheduling.md).
@Suite(.timeLimit(.minutes(1))) struct EvalSchedulingTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  /// An eval file of tests in one line each: `id` and further fields.
  private func suite(
    named name: String = "a", execution: String = "workers: 1",
    _ tests: (id: String, more: String)...
  ) throws {
    var text = "name: \(name)\nexecution: {\(execution)}\ntests:\n"
    for (id, more) in tests {
      text += "  - {id: \(id), criteria: c, input: q, assertions: [{type: contains, value: \(id)}]"
      text += more.isEmpty ? "}\n" : ", \(more)}\n"
    }
    try project.scratch.write("evals/\(name).eval.yaml", text)
  }

  private func rows(_ directory: String = "out") throws -> [String: ResultRow] {
    try project.effective(directory).reduce(into: [:]) { $0[$1.key.testID] = $1.value }
  }

  // MARK: Dependencies

  @Test func `tests wait for their dependencies, and errors of these keep them from running`()
    async throws
  {
    try suite(
      execution: "workers: 3", ("last", "depends_on: [first, wrong]"),
      ("kept", "depends_on: [error]"), ("further", "depends_on: [kept]"),
      ("strict", "depends_on: [error], on_dependency_failure: fail"),
      ("anyway", "depends_on: [error], on_dependency_failure: run"), ("first", ""),
      ("wrong", ""), ("error", ""))
    let run = try await project.run("eval", "evals", "-o", "out", "--max-retries", "0")
    #expect(run.code == 0)
    let rows = try rows()
    #expect(rows["last"]?.executionStatus == .ok, "a low score fails nobody")
    #expect(rows["anyway"]?.executionStatus == .ok)
    #expect(rows["kept"]?.error == "Skipped: dependency failed (error)")
    #expect(rows["strict"]?.error == "Failed: dependency failed (error)")
    #expect(rows["further"]?.error == "Skipped: dependency failed (kept)")
    for id in ["kept", "strict", "further"] {
      #expect(rows[id]?.failureStage == "setup")
      #expect(rows[id]?.failureReasonCode == "dependency_failed")
    }
    let order = try project.contents("out").rows.map(\.testID)
    #expect(try #require(order.firstIndex(of: "first")) < #require(order.firstIndex(of: "last")))
  }

  @Test func `filters and resumes do not break the graph`() async throws {
    try suite(("first", ""), ("flaky", "depends_on: [first]"), ("last", "depends_on: [flaky]"))
    let filtered = try await project.run(
      "eval", "evals", "-o", "out", "--test-id", "flaky", "--max-retries", "0")
    #expect(filtered.stdout.contains("ERROR: not yet (exit code 4)"))
    let dependent = try await project.run(
      "eval", "evals", "-o", "out", "--resume", "--test-id", "last")
    #expect(dependent.stdout.contains("Skipped: dependency failed (flaky)"))
    try project.scratch.write("fixed", "")
    let whole = try await project.run(
      "eval", "evals", "-o", "out", "--resume", "--test-id", "*")
    #expect(whole.code == 0)
    #expect(try rows().values.allSatisfy { $0.executionStatus == .ok })
  }

  @Test(arguments: [
    ("depends_on: [nobody]", "Test 'x' depends on 'nobody', which is not a test of this file"),
    ("depends_on: [x]", "Test 'x' depends on itself"),
    ("depends_on: [y]", "Circular dependency detected: x → y → x"),
  ])
  func `a graph that makes no sense fails its file alone`(
    _ dependency: String, _ problem: String
  ) async throws {
    try suite(named: "a", ("x", dependency), ("y", "depends_on: [x]"))
    try suite(named: "b", ("z", ""))
    let run = try await project.run("eval", "evals", "-o", "out")
    #expect(run.stderr.contains("[ERROR] ⚠ Eval file failed: evals/a.eval.yaml — \(problem)"))
    let rows = try rows()
    #expect(rows["x"]?.failureReasonCode == "setup_error")
    #expect(rows["y"]?.error == problem)
    #expect(rows["z"]?.executionStatus == .ok)
  }

  // MARK: Money and errors

  @Test func `nothing starts once a file's budget for a target is spent`() async throws {
    try suite(
      execution: "workers: 1, budget_usd: 0.75, targets: [script, second]", ("a", ""), ("b", ""),
      ("c", ""))
    let run = try await project.run("eval", "evals", "-o", "out")
    #expect(run.code == 0, "a suite's budget alone fails nothing")
    let rows = try project.effective("out").values
    #expect(rows.count == 6)
    #expect(rows.count { $0.executionStatus == .ok } == 4, "each target has its own")
    let kept = rows.filter { $0.executionStatus == .executionError }
    #expect(
      kept.allSatisfy {
        $0.testID == "c" && $0.failureReasonCode == "budget_exceeded"
          && $0.extra["budget_exceeded"] == true
          && $0.error == "Suite budget exceeded ($1.0000 / $0.7500)"
      })
  }

  @Test func `the run's budget holds over files, starts and resumes`() async throws {
    try suite(named: "a", ("a", ""), ("b", ""))
    try suite(named: "b", ("c", ""), ("d", ""))
    let run = try await project.run("eval", "evals", "-o", "out", "--budget-usd", "0.9")
    #expect(run.code == 1)
    #expect(run.stdout.contains("Run budget cap: $0.90"))
    #expect(
      run.stdout.contains(
        "⚠ Run budget exceeded ($1.0000 / $0.9000) — skipping evals/b.eval.yaml"))
    #expect(run.stdout.contains("⚠ Run budget exceeded: $1.0000 spent of $0.9000 cap"))
    #expect(try rows().values.count { $0.failureReasonCode == "budget_exceeded" } == 2)
    let again = try await project.run("eval", "-o", "out", "--resume")
    #expect(again.code == 1)
    #expect(try rows().values.count { $0.executionStatus == .ok } == 2)
    let more = try await project.run("eval", "-o", "out", "--resume", "--budget-usd", "5")
    #expect(more.code == 0)
    #expect(try rows().values.allSatisfy { $0.executionStatus == .ok })
  }

  @Test(arguments: ["0", "-1", "nan"])
  func `a budget that is none is refused with exit code 2`(_ amount: String) async throws {
    try suite(("a", ""))
    let run = try await project.run("eval", "evals", "--budget-usd", amount)
    #expect(run.code == 2)
    #expect(run.stderr == "Error: --budget-usd must be a positive number.\n")
  }

  @Test func `after an error nothing starts where the file says so`() async throws {
    try suite(execution: "workers: 1, fail_on_error: true", ("a", ""), ("error", ""), ("c", ""))
    try await project.run("eval", "evals", "-o", "out", "--max-retries", "0")
    let rows = try rows()
    #expect(rows["a"]?.executionStatus == .ok)
    #expect(rows["c"]?.failureReasonCode == "error_threshold_exceeded")
    #expect(rows["c"]?.failureStage == "setup")
  }

  // MARK: Trials and conversations

  /// A target that blocks at its second call for a test until a file `go` is there.
  private func slowSecondCall() throws {
    try project.scratch.write(
      ".agentv/targets.yaml",
      """
      targets:
        - name: default
          provider: cli
          command: >-
            case {EVAL_ID}{ATTEMPT} in t1|*turn-2*) [ -e ../go ] || exec sleep 600 ;; esac;
            printf '{"text":"%s","cost_usd":0.5}' {EVAL_ID} > {OUTPUT_FILE}
      """)
  }

  @Test(arguments: [
    "workers: 1, trials: {count: 3, strategy: mean}", "workers: 1",
  ])
  func `a stop in the middle of trials or turns leaves no row, a resume runs all of them`(
    _ execution: String
  ) async throws {
    try slowSecondCall()
    let turns =
      execution.contains("trials")
      ? "" : "mode: conversation, turns: [{input: one}, {input: two}]"
    try suite(execution: execution, ("a", ""), ("t", turns))
    let running = try await project.start("eval", "evals", "-o", "out")
    // Its second call has begun when nothing but it keeps the run from its end.
    #expect(await running.says("🔄 t "))
    while !project.processes().contains(where: { isSleeping($0) }) { await Task.yield() }
    await running.signal(SIGTERM)
    #expect(try await project.finish(running).code == 143)
    #expect(try Set(rows().keys) == ["a"])
    try project.scratch.write("go", "")
    try await project.run("eval", "-o", "out", "--resume")
    let row = try #require(try rows()["t"])
    #expect(row.executionStatus == .ok)
    #expect(row.costUSD == (turns.isEmpty ? 1.5 : 1))
    if turns.isEmpty {
      #expect(row.extra["trials"]?.array?.count == 3)
      #expect(row.extra["aggregation"]?["strategy"] == "mean")
    } else {
      #expect(row.scores.map { $0["name"] } == ["turn-1", "turn-2", "conversation"])
    }
  }

  private func isSleeping(_ pid: Int32) -> Bool {
    let command = (try? FileIO.read("/proc/\(pid)/comm")) ?? []
    return command.starts(with: Array("sleep".utf8))
  }

  // MARK: Kept answers and batches

  @Test func `kept answers spare the calls of the next run`() async throws {
    try suite(execution: "cache: true, cache_path: kept", ("a", ""), ("b", ""))
    let first = try await project.run("eval", "evals", "-o", "one")
    #expect(first.stdout.contains("Response cache: enabled (kept)"))
    #expect(try FileIO.list(project.scratch.file("kept")).count > 0)
    try await project.run("eval", "evals", "-o", "two")
    #expect(try rows("two").values.allSatisfy { $0.extra["cached"] == true && $0.costUSD == 0 })
    let without = try await project.run("eval", "evals", "-o", "three", "--no-cache")
    #expect(!without.stdout.contains("Response cache"))
    #expect(try rows("three").values.allSatisfy { $0.extra["cached"] == nil })
  }

  @Test func `the command line turns keeping on as well`() async throws {
    try suite(("a", ""))
    let run = try await project.run("eval", "evals", "-o", "out", "--cache")
    #expect(run.stdout.contains("Response cache: enabled\n"))
    #expect(FileIO.isDirectory(project.scratch.file(".agentv/cache")))
  }

  private func batchTarget(_ command: String) throws {
    try project.scratch.write(
      ".agentv/targets.yaml",
      """
      targets:
        - {name: default, provider: cli, provider_batching: true, command: "\(command)"}
      """)
  }

  @Test func `a batch answers all tests of a file with one call`() async throws {
    try project.scratch.write(
      "batch.sh",
      """
      echo "$1" >> calls
      sed -n 's/.*"id":"\\([^"]*\\)".*/\\1/p' "$2" | grep -v missing |
        while read -r id; do printf '{"id":"%s","text":"I am %s"}\\n' "$id" "$id"; done > "$3"
      """)
    try batchTarget("sh ../batch.sh {EVAL_ID} {PROMPT_FILE} {OUTPUT_FILE}")
    try suite(execution: "workers: 3", ("a", ""), ("b", ""), ("missing", ""))
    let run = try await project.run("eval", "evals", "-o", "out")
    #expect(run.stdout.contains("Batch: 3 test(s) in one call of target 'default'"))
    #expect(try FileIO.read(project.scratch.file("evals/calls")) == Array("batch\n".utf8))
    let rows = try rows()
    #expect(rows["a"]?.executionStatus == .ok)
    #expect(rows["b"]?.executionStatus == .ok)
    #expect(
      rows["missing"]?.error
        == "the batch of target 'default' has no record with the id 'missing'")
  }

  @Test func `a batch that fails is said, and its tests run one by one`() async throws {
    try batchTarget("case {EVAL_ID} in batch) exit 7;; *) printf '%s' {EVAL_ID};; esac")
    try suite(("a", ""), ("b", ""))
    let run = try await project.run("eval", "evals", "-o", "out")
    #expect(
      run.stderr.contains("Warning: the batch call of target 'default' failed: "), "\(run.stderr)")
    #expect(run.stderr.contains("its tests are run one by one"))
    #expect(try rows().values.allSatisfy { $0.executionStatus == .ok })
  }

  // MARK: Rows and summaries

  @Test func `rows tell what was sent and what the target did`() async throws {
    try suite(("a", ""))
    try await project.run("eval", "evals", "-o", "out")
    let row = try #require(try rows()["a"])
    #expect(row.extra["requests"]?["agent"]?["question"] == "q")
    #expect(row.extra["trace"]?["llm_call_count"] == 1)
    #expect(row.extra["eval_run"]?["token_usage"]?["input"] == 1)
    #expect(row.extra["output"] == nil)
  }

  @Test(arguments: [("1", "a"), ("all", "a")])
  func `answers come into the rows when asked for`(_ count: String, _ text: String) async throws {
    try suite(("a", ""))
    try await project.run("eval", "evals", "-o", "out", "--output-messages", count)
    #expect(try rows()["a"]?.extra["output"]?[0]?["content"] == .string(text))
  }

  @Test func `a test that was judged by its criteria has no scores`() async throws {
    try project.scratch.write(
      "evals/a.eval.yaml", "name: a\ntests: [{id: a, input: q, criteria: c}]")
    try await project.run("eval", "evals", "-o", "out", "--dry-run")
    let row = try #require(try rows()["a"])
    #expect(row.executionStatus == .ok)
    #expect(!row.hasScores)
  }

  @Test func `aggregate makes the summaries anew and keeps what only the start knew`() async throws
  {
    try suite(("a", ""), ("wrong", ""))
    try await project.run("eval", "evals/a.eval.yaml", "-o", "out", "--experiment", "exp")
    let directory = RunDirectory(path: project.scratch.file("out"), project: project.path)
    let before = try #require(directory.json(RunFile.benchmark))
    // As a run that was killed after its last row leaves it.
    var stub = try #require(before.object)
    stub["run_summary"] = [:]
    try FileIO.write(directory.file(RunFile.benchmark), JSON.object(stub).pretty())
    try FileIO.remove(directory.file(RunFile.timing))
    let run = try await project.run("eval", "aggregate", "out")
    #expect(run.code == 0)
    #expect(run.stdout.hasPrefix("Aggregated 2 test result(s) across 1 target(s)\n  Benchmark: "))
    #expect(directory.json(RunFile.benchmark) == before)
    #expect(directory.json(RunFile.timing)?["total_tokens"] == 3)
  }

  @Test func `aggregate refuses what is no run`() async throws {
    let run = try await project.run("eval", "aggregate", "nowhere")
    #expect(run.code == 1)
    #expect(run.stderr.hasPrefix("Error: no run in \"nowhere\""))
  }
}

/// Options of earlier versions (reference: cli 2).
@Suite(.timeLimit(.minutes(1))) struct EvalDeprecatedOptionTests {
  @Test func `old options work and say what to use instead`() async throws {
    let project = try EvalProject()
    try project.suite("a", ["one"])
    let run = try await project.run(
      "eval", "evals", "--artifacts", "out", "--out", "copies/rows.jsonl", "--output-format", "xml")
    #expect(run.code == 0)
    #expect(
      run.stderr.split(separator: "\n").filter { $0.hasPrefix("Warning: --") }.count == 3,
      "\(run.stderr)")
    #expect(try project.contents("out").rows.count == 1)
    #expect(
      try FileIO.read(project.scratch.file("copies/rows.jsonl"))
        == FileIO.read(project.scratch.file("out/index.jsonl")))
  }
}
