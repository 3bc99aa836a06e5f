import Core
import RunArtifacts
import TestSupport
import Testing

/// What a person or a script sees of `agentv eval` (reference: cli 2-4).
@Suite(.timeLimit(.minutes(1))) struct EvalOutputTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  /// The text with measured times and the project's path taken out.
  private func stable(_ text: String) -> String {
    text.replacing(project.path, with: "/p").replacing(/\| \d+(\/\d+)?ms/, with: "| 0ms")
  }

  @Test func `a run prints the literal lines that scripts read`() async throws {
    try project.suite("a", ["one", "wrong", "error"])
    let run = try await project.run(
      "eval", "evals", "--workers", "1", "--output", "out", "--max-retries", "0")
    #expect(run.code == 0)
    #expect(run.stderr == "")
    #expect(
      stable(run.stdout) == """
        Artifact directory: /p/out
        Using target: default → script
        0/3   🔄 one | default → script
        1/3   ✅ one | default → script | 100% PASS | 0ms
        1/3   🔄 wrong | default → script
        2/3   ⚠️ wrong | default → script | 0% FAIL | 0ms
        2/3   🔄 error | default → script
        3/3   ❌ error | default → script | ERROR: boom (exit code 3)

        ==================================================
        EXECUTION ERRORS
        ==================================================

        ❌ error
           boom (exit code 3)


        ==================================================
        RESULT: FAIL  (1/3 scored >= 80%, mean: 50%)
        ==================================================

        EVALUATION SUMMARY
        ==================================================
        Total tests: 3
        Passed: 1
        Quality failures: 1
        Execution errors: 1
        Mean score: 50% (2 quality tests, 1 execution errors excluded)
        Median score: 50%
        Min score: 0%
        Max score: 100%
        Std deviation: 71%

        Score distribution:
          0%-20%: 1
          20%-40%: 0
          40%-60%: 0
          60%-80%: 0
          80%-100%: 1

        Top performing tests:
          1. one: 100%
          2. wrong: 0%

        Lowest performing tests:
          1. one: 100%
          2. wrong: 0%

        Execution errors by stage:
          agent: 1

        Execution errors by reason:
          provider_error: 1

        Artifact workspace written to: /p/out
          Index: /p/out/index.jsonl
          Per-test artifacts: /p/out (3 test directories)
          Timing: /p/out/timing.json
          Benchmark: /p/out/benchmark.json

        Results written to: /p/out/index.jsonl

        Tip: 1 execution error(s) detected. Re-run failed tests with:
          agentv eval run evals --output out --rerun-failed

        """)
  }

  @Test func `rows point to artifacts that are there`() async throws {
    try project.suite("a", ["one"])
    try await project.run("eval", "evals", "-o", "out", "--experiment", "exp-1")
    let row = try #require(try project.contents("out").rows.first)
    #expect(row.evalFile == "evals/a.eval.yaml")
    #expect(row.requestedTarget == "default")
    #expect(row.target == "script")
    #expect(row.experiment == "exp-1")
    #expect(row.costUSD == 0.5)
    #expect(row.gradingPath == "a/one/grading.json")
    for path in [row.gradingPath, row.timingPath, row.inputPath, row.responsePath] {
      #expect(FileIO.isFile(project.scratch.file("out/" + (path ?? "?"))))
    }
    let directory = RunDirectory(path: project.scratch.file("out"), project: project.path)
    #expect(directory.json(RunFile.benchmark)?["metadata"]?["planned_test_count"] == 1)
    #expect(
      directory.json(RunFile.benchmark)?["metadata"]?["eval_file"]
        == .string(project.scratch.file("evals/a.eval.yaml")))
    #expect(directory.json(RunFile.timing)?["total_tokens"] == 3)
    let record = try #require(directory.record())
    #expect(record.completion == .completed)
    #expect(record.exitCode == 0)
    #expect(record.planned?.count == 1)
    #expect(LastRun.read(project: project.path) == directory.path)
    #expect(directory.lockState() == .free)
  }

  @Test func `a matrix runs each test on each target, apart on disk`() async throws {
    try project.suite("a", ["one", "two"])
    let run = try await project.run(
      "eval", "evals", "--target", "alias", "--target", "mock", "--output", "out")
    #expect(run.stdout.contains("🔄 one@alias | alias → second\n"))
    #expect(run.stdout.contains("MATRIX RESULTS (tests × targets)"))
    #expect(run.stdout.contains("Average   100%    0%") || run.stdout.contains("Average  100%"))
    let rows = try project.contents("out").rows
    #expect(rows.count == 4)
    #expect(Set(rows.compactMap(\.gradingPath)).count == 4)
    #expect(
      Set(rows.map(\.identity.target)) == ["alias", "mock"]
        && Set(rows.map(\.target)) == ["second", "mock"])
  }

  @Test(arguments: [
    (["--threshold", "0.5"], 1), (["--threshold", "0"], 0), (["--fail-on-error"], 1), ([], 0),
    (["--test-id", "wrong", "--threshold", "0.5"], 1), (["--test-id", "error"], 2),
    (["--test-id", "error", "--threshold", "0.9", "--fail-on-error"], 2),
    (["--test-id", "one", "--fail-on-error", "--threshold", "1"], 0),
    (["--eval-id", "one"], 0), (["--tag", "nightly"], 0),
  ])
  func `exit codes tell what happened`(_ options: [String], _ code: Int) async throws {
    try project.suite("a", ["one", "wrong", "error"])
    let running = try await RunningAgentv(
      ["eval", "evals", "--max-retries", "0"] + options, in: project.path)
    #expect(try await project.finish(running).code == code)
  }

  @Test func `a threshold in the file counts as well`() async throws {
    try project.suite("a", ["wrong"], more: "execution: {threshold: 0.5}")
    #expect(try await project.run("eval", "evals").code == 1)
  }

  @Test func `a dry run needs no targets and says so in the rows`() async throws {
    try project.suite("a", ["one"])
    try FileIO.removeTree(project.scratch.file(".agentv"))
    let run = try await project.run("eval", "evals", "--dry-run", "--output", "out")
    #expect(run.code == 0)
    let row = try #require(try project.contents("out").rows.first)
    #expect(row.target == "default-dry-run")
    #expect(row.requestedTarget == "default")
  }

  @Test func `verbose tells targets with provider and file, and the waiting tests`() async throws {
    try project.suite("a", ["one"])
    let run = try await project.run("eval", "evals", "--verbose")
    #expect(
      stable(run.stdout).contains(
        "Using target (test-file): default → script [provider=cli] via /p/.agentv/targets.yaml"))
    #expect(run.stdout.contains("0/1   ⏳ one | default → script"))
    #expect(run.stdout.contains("No .env file found in hierarchy"))
  }

  @Test(arguments: [["--version"], ["-v"], ["eval", "--version"], ["eval", "x.yaml", "-v"]])
  func `the version is told wherever it is asked for`(_ arguments: [String]) async throws {
    let run = try await project.finish(try await RunningAgentv(arguments, in: project.path))
    #expect(run.code == 0)
    #expect(run.stdout.contains(/^\d+\.\d+\.\d+\n$/))
  }

  @Test(arguments: [["--help"], ["eval", "--help"], ["eval", "run", "-h"], []])
  func `help goes to stdout with exit code 0`(_ arguments: [String]) async throws {
    let run = try await project.finish(try await RunningAgentv(arguments, in: project.path))
    #expect(run.code == 0)
    #expect(run.stdout.contains("USAGE: agentv"))
  }

  @Test(.enabled(if: FileIO.isExecutable("/usr/bin/script"), "needs script(1)"))
  func `on a terminal there are colours and a live line; CI and NO_COLOR take them away`()
    async throws
  {
    try project.suite("a", ["one"])
    func run(_ environment: [String: String]) async throws -> String {
      var variables = ["PATH": "/usr/bin:/bin", "HOME": project.path, "TERM": "xterm"]
      variables.merge(environment) { $1 }
      return try await Terminal.run("\(agentvBinary) eval evals", in: project.path, variables)
    }
    let colored = try await run([:])
    #expect(colored.contains("\u{1B}[1;32m100% PASS\u{1B}[0m"))
    #expect(colored.contains("1/1 ████████████████████ · pass 100% · $0.5000 · 0 running"))
    let plain = try await run(["NO_COLOR": "1"])
    #expect(!plain.contains("\u{1B}"))
    let ci = try await run(["CI": "true"])
    #expect(!ci.contains("████"))
  }
}
