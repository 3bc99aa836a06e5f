import Core
import RunArtifacts
import TestSupport
import Testing

/// The commands around a finished run, with the real binary (docs/reference/cli.md).
@Suite(.timeLimit(.minutes(2))) struct ReportCommandTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  /// A project with a run in `out`: `one` passed, `wrong` failed, `error` could not be judged.
  private func prepared() async throws {
    try project.suite("a", ["one", "wrong", "error"])
    try await project.run(
      "eval", "evals", "--output", "out", "--max-retries", "0", "--workers", "1")
  }

  private func run(_ arguments: [String]) async throws -> FinishedAgentv {
    try await project.finish(try await RunningAgentv(arguments, in: project.path))
  }

  private func json(_ arguments: [String], code: Int = 0) async throws -> JSON {
    let run = try await run(arguments)
    #expect(run.code == code, "\(run.stderr)")
    return try JSON.parse(run.stdout)
  }

  // MARK: - results

  @Test func `summary, failures and show answer in JSON, of the last run by default`() async throws
  {
    try await prepared()
    let summary = try await json(["results", "summary"])
    #expect(summary["total"] == 3)
    #expect(summary["passed"] == 1)
    #expect(summary["failed_test_ids"] == ["wrong", "error"])
    #expect(summary["total_cost_usd"] == 0.5)
    let failures = try await json(["results", "failures", "out"])
    #expect(failures.array?.compactMap { $0["test_id"]?.string } == ["wrong", "error"])
    #expect(failures[0]?["assertions"]?[0]?["passed"] == false)
    #expect(failures[1]?["error"] == "boom (exit code 3)")
    let shown = try await json(["results", "show", "out/index.jsonl", "--test-id", "one"])
    #expect(shown["response"] == "one")
    #expect(shown["total_tokens"] == 3)
    #expect(shown["input"]?[0]?["content"] == "Who are you?")
    let table = try await run(["results", "summary", "out", "--format", "table"])
    #expect(table.stdout.contains("Passed       1 of 3 (33%)"))
    #expect(!table.stdout.contains("\u{1B}"))
  }

  @Test func `a test on several targets is shown as a list, --target picks one`() async throws {
    try project.suite("a", ["one"])
    try await project.run(
      "eval", "evals", "--output", "out", "--target", "alias", "--target", "mock")
    #expect(try await json(["results", "show", "out", "-t", "one"]).array?.count == 2)
    let one = try await json(["results", "show", "out", "-t", "one", "--target", "alias"])
    #expect(one["target"] == "second")
  }

  @Test func `a report is one HTML file beside the rows`() async throws {
    try await prepared()
    let run = try await run(["results", "report", "out"])
    #expect(run.code == 0)
    #expect(run.stdout.contains("Report of 3 test(s) written to"))
    let page = String(
      decoding: try FileIO.read(project.scratch.file("out/report.html")), as: UTF8.self)
    #expect(page.contains("1 of 3 tests passed"))
    #expect(page.contains("boom (exit code 3)"))
  }

  @Test func `export writes documents by extension, and directories anew`() async throws {
    try await prepared()
    let run = try await run([
      "results", "export", "out", "-o", "a.json", "-o", "b.xml", "-o", "copy", "--otel-file",
      "t.json", "--benchmark-json", "s.json",
    ])
    #expect(run.code == 0, "\(run.stderr)")
    #expect(run.stdout.contains("Export file(s) written: a.json, b.xml, s.json, t.json"))
    #expect(run.stdout.contains("Exported 3 test(s) to \(project.scratch.file("copy"))"))
    for name in ["a.json", "b.xml", "t.json", "s.json", "copy/index.jsonl", "copy/timing.json"] {
      #expect(FileIO.isFile(project.scratch.file(name)), "\(name)")
    }
    #expect(try await json(["results", "summary", "copy"])["passed"] == 1)
    let validated = try await self.run(["results", "validate", "copy"])
    #expect(validated.code == 0)
    #expect(validated.stdout.contains("WARN:  the directory is called \"copy\""))
  }

  @Test func `validate tells errors and exits 1`() async throws {
    try await prepared()
    try FileIO.remove(project.scratch.file("out/a/one/grading.json"))
    let run = try await run(["results", "validate", "out"])
    #expect(run.code == 1)
    #expect(run.stdout.contains("  ERROR: line 1 (one): a/one/grading.json is missing"))
    #expect(try await json(["results", "validate", "out", "--json"], code: 1)["valid"] == false)
  }

  @Test func `lines that are no rows are skipped and said on stderr`() async throws {
    try await prepared()
    let index = project.scratch.file("out/index.jsonl")
    try FileIO.write(index, try FileIO.read(index) + Array("{\"torn".utf8))
    for arguments in [
      ["results", "summary", "out"], ["results", "failures", "out"], ["inspect", "show", "out"],
      ["inspect", "stats", "out"], ["compare", "out"], ["results", "report", "out"],
      ["results", "export", "out", "-o", "x.json"], ["trim", "out"],
    ] {
      let run = try await run(arguments)
      #expect(run.code == 0, "\(arguments): \(run.stderr)")
      #expect(run.stderr.contains("1 line(s) of"), "\(arguments)")
    }
  }

  // MARK: - Exports of eval

  @Test func `eval writes what it was asked for when the run has ended`() async throws {
    try project.suite("a", ["one", "wrong"])
    let run = try await project.run(
      "eval", "evals", "--output", "out", "--export", "r.jsonl", "--export", "r.xml", "--export",
      "r.html", "--export", "r.yaml", "--export", "r.json", "--benchmark-json", "b.json",
      "--otel-file", "t.json")
    #expect(run.code == 0, "\(run.stderr)")
    #expect(run.stdout.contains("Export files:\n  \(project.scratch.file("r.jsonl"))\n"))
    #expect(
      run.stdout.contains(
        "Export file(s) written: r.jsonl, r.xml, r.html, r.yaml, r.json, b.json, t.json\n"))
    let stats = try JSON.parse(try FileIO.read(project.scratch.file("r.json")))["stats"]
    #expect(stats == ["total": 2, "passed": 1, "failed": 1, "pass_rate": 0.5])
  }

  @Test func `after a resume the export covers the whole run`() async throws {
    try project.suite("a", ["one", "flaky"])
    try await project.run("eval", "evals", "--output", "out", "--max-retries", "0")
    try project.scratch.write("fixed", "")
    let run = try await project.run(
      "eval", "--resume", "--output", "out", "--export", "r.jsonl")
    #expect(run.code == 0, "\(run.stderr)")
    let lines = try String(decoding: FileIO.read(project.scratch.file("r.jsonl")), as: UTF8.self)
      .split(separator: "\n").map { try JSON.parse(String($0)) }
    #expect(Set(lines.compactMap { $0["test_id"]?.string }) == ["one", "flaky"])
    #expect(lines.allSatisfy { $0["execution_status"] == "ok" })
    // Nothing is left to run; what was asked for is written all the same.
    let again = try await project.run(
      "eval", "--resume", "--output", "out", "--export", "again.xml")
    #expect(again.code == 0)
    #expect(again.stdout.contains("Export file(s) written: again.xml"))
  }

  @Test(arguments: [
    (["--export", "x.csv"], "Unsupported output file extension \".csv\""),
    (["--export", "evals"], "Unsupported output file extension"),
    (["--export", "a.json", "--otel-file", "a.json"], "asked for twice"),
  ])
  func `a document that cannot be written is refused before a test runs`(
    _ options: [String], _ message: String
  ) async throws {
    try project.suite("a", ["one"])
    let run = try await run(["eval", "evals", "--output", "out"] + options)
    #expect(run.code == 1)
    #expect(run.stderr.contains(message))
    #expect(!FileIO.exists(project.scratch.file("out")))
  }

  @Test func `an export that fails at the end keeps the results and exits 1`() async throws {
    try project.suite("a", ["one"])
    try project.scratch.write("file", "")
    let run = try await project.run(
      "eval", "evals", "--output", "out", "--export", "file/x.json")
    #expect(run.code == 1)
    #expect(run.stderr.contains("agentv results export"))
    #expect(try project.contents("out").rows.count == 1)
  }

  // MARK: - compare, trend

  @Test func `compare exits 1 when the second run is worse`() async throws {
    try await prepared()
    try project.suite("a", ["one", "wrong", "error"])
    try await project.run(
      "eval", "evals", "--output", "other", "--test-id", "wrong", "--test-id", "error",
      "--target", "mock")
    let better = try await json(["compare", "other", "out", "--json"])
    #expect(better["summary"]?["matched"] == 2)
    try project.scratch.write(
      "a.jsonl", #"{"test_id":"x","target":"t","score":1}"# + "\n")
    try project.scratch.write(
      "b.jsonl", #"{"test_id":"x","target":"t","score":0.5}"# + "\n")
    let worse = try await run(["compare", "a.jsonl", "b.jsonl"])
    #expect(worse.code == 1)
    #expect(worse.stdout.contains("Status: regressed"))
    #expect(try await run(["compare", "b.jsonl", "a.jsonl"]).code == 0)
  }

  @Test func `compare of one run is a matrix, with a baseline a verdict`() async throws {
    try project.suite("a", ["one"])
    try await project.run(
      "eval", "evals", "--output", "out", "--target", "alias", "--target", "mock")
    let matrix = try await json(["compare", "out", "--json"])
    #expect(matrix["targets"] == ["mock", "second"])
    #expect(try await run(["compare", "out", "--baseline", "second"]).code == 1)
    #expect(try await run(["compare", "out", "--baseline", "mock"]).code == 0)
    // A target may be named as it was asked for.
    let pair = try await json(["compare", "out", "-b", "mock", "-c", "alias", "--json"])
    #expect(pair["summary"]?["wins"] == 1)
  }

  @Test func `trend looks at the last runs and exits 1 only when told to`() async throws {
    for (day, score) in [1.0, 0.8, 0.5].enumerated() {
      try project.scratch.write(
        ".agentv/results/runs/default/2026-05-0\(day + 1)T00-00-00-000Z/index.jsonl",
        #"{"timestamp":"2026-05-0\#(day + 1)T00:00:00.000Z","test_id":"x","target":"t","score":\#(score)}"#
          + "\n")
    }
    let json = try await json(["trend", "--last", "3", "--json"])
    #expect(json["summary"]?["direction"] == "degrading")
    #expect(json["summary"]?["slope"] == -0.25)
    #expect(try await run(["trend", "--last", "3", "--fail-on-degrading"]).code == 1)
    #expect(
      try await run(["trend", "--last", "3", "--fail-on-degrading", "--slope-threshold", "0.3"])
        .code == 0)
    let listed = try await run(["inspect", "list", "-n", "2"])
    #expect(listed.stdout.contains("2026-05-03T00-00-00-000Z"))
    #expect(!listed.stdout.contains("2026-05-01T00-00-00-000Z"))
  }

  // MARK: - inspect

  @Test func `inspect shows, filters, searches, counts and scores`() async throws {
    try await prepared()
    let shown = try await run(["inspect", "show", "out", "--test-id", "wrong"])
    #expect(
      shown.stdout.contains("✗ Failed: Output does not contain \"wrong\"")
        || shown.stdout.contains("✗ Failed:"))
    #expect(try await json(["inspect", "show", "out", "-f", "json"]).array?.count == 3)
    #expect(
      try await json(["inspect", "filter", "out", "--status", "error", "--json"])
        .array?.compactMap { $0["test_id"]?.string } == ["error"])
    let found = try await json(["inspect", "search", "out", "-p", "nonsense", "--json"])
    // The row and the line of the transcript.
    #expect(Set(found.array?.compactMap { $0["id"]?.string } ?? []) == ["wrong"])
    let stats = try await json(["inspect", "stats", "out", "-g", "test-id", "--json"])
    #expect(stats["groups"]?.array?.count == 3)
    let score = try await run(["inspect", "score", "out", "-a", "contains:one"])
    #expect(score.code == 1)
    #expect(score.stdout.contains("✓ one@script"))
    #expect(score.stdout.contains("1 of 3 passed"))
    #expect(
      try await run(["inspect", "score", "out", "--test-id", "one", "-a", "regex:^o.e$"]).code == 0)
  }

  @Test func `inspect reads the traces that eval wrote`() async throws {
    try project.suite("a", ["one"])
    try await project.run("eval", "evals", "--output", "out", "--otel-file", "t.json")
    let rows = try await json(["inspect", "show", "t.json", "--json"])
    #expect(rows[0]?["test_id"] == "one")
    #expect(rows[0]?["token_usage"]?["output"] == 2)
    #expect(try await run(["inspect", "stats", "t.json"]).code == 0)
  }

  // MARK: - convert, trim

  @Test func `convert writes what the extension says, trim what a baseline needs`() async throws {
    try await prepared()
    for name in ["x.yaml", "x.html", "x.xml", "x.json"] {
      let run = try await run(["convert", "out/index.jsonl", "-o", name])
      #expect(run.code == 0, "\(run.stderr)")
      #expect(run.stdout.contains("Converted 3 records to"))
      #expect((FileIO.status(project.scratch.file(name))?.size ?? 0) > 100)
    }
    let trimmed = try await run(["trim", "out", "--out", "base.jsonl"])
    #expect(trimmed.code == 0)
    #expect(trimmed.stderr.contains("Trimmed 3 record(s) → base.jsonl"))
    let text = String(
      decoding: try FileIO.read(project.scratch.file("base.jsonl")), as: UTF8.self)
    #expect(text.contains("\"scores\"") && !text.contains("grading_path"))
    #expect(try await run(["compare", "base.jsonl", "out"]).code == 0)
    try project.scratch.write("evals.json", #"{"evals":[{"id":1,"prompt":"Hi"}]}"#)
    let skill = try await run(["convert", "evals.json"])
    #expect(skill.stdout == "tests:\n  - id: \"1\"\n    input: Hi\n")
  }

  // MARK: - import

  @Test func `a session is listed and imported by the beginning of its id`() async throws {
    try project.scratch.write(
      ".claude/projects/-p/4c4f9e4e-e6f1.jsonl",
      """
      {"type":"user","sessionId":"4c4f9e4e-e6f1","message":{"content":"Hi"}}
      {"type":"assistant","requestId":"r","message":{"content":[{"type":"text","text":"Hello"}]}}

      """)
    let list = try await run(["import", "claude", "--list"])
    #expect(list.stdout.contains("Found 1 session(s):"))
    #expect(list.stdout.contains("4c4f9e4e-e6f1  0m ago  -p"))
    let run = try await run(["import", "claude", "--session-id", "4c4f"])
    #expect(run.code == 0, "\(run.stderr)")
    #expect(
      run.stdout.contains(
        "Imported 2 messages (0 tool calls) → .agentv/transcripts/claude-4c4f9e4e.jsonl"))
    let path = project.scratch.file(".agentv/transcripts/claude-4c4f9e4e.jsonl")
    #expect(String(decoding: try FileIO.read(path), as: UTF8.self).contains("\"Hello\""))
    #expect(try await self.run(["import", "codex", "--list"]).stdout.contains("No Codex CLI"))
  }

  // MARK: - init, create

  @Test func `a new project runs its first eval at once`() async throws {
    try FileIO.removeTree(project.scratch.file(".agentv"))
    let made = try await run(["init"])
    #expect(made.code == 0)
    #expect(made.stdout.contains("Created .agentv/targets.yaml"))
    #expect(try await run(["init"]).stdout.contains("Kept .agentv/targets.yaml"))
    #expect(try await run(["create", "eval", "hello"]).code == 0)
    let again = try await run(["create", "eval", "hello"])
    #expect(again.code == 1)
    #expect(again.stderr.contains("\"evals/hello.eval.yaml\" is there already; --force"))
    #expect(try await run(["create", "eval", "hello", "--force"]).code == 0)
    let run = try await run(["eval", "evals/hello.eval.yaml", "--threshold", "0.8"])
    #expect(run.code == 0, "\(run.stdout)\(run.stderr)")
    #expect(run.stdout.contains("RESULT: PASS"))
    #expect(try await self.run(["create", "target", "mine", "--provider", "claude"]).code == 0)
    #expect(try await self.run(["create", "assertion", "polite"]).code == 0)
    #expect(FileIO.isFile(project.scratch.file(".agentv/assertions/polite.ts")))
  }

  // MARK: - Bad input

  @Test(arguments: [
    (["results", "summary"], "No run workspaces found in .agentv/results/runs/"),
    (["results", "summary", "gone"], "\"gone\" does not exist"),
    (["results", "failures", "evals"], "holds no index.jsonl"),
    (["results", "show", "rows.jsonl", "-t", "zzz"], "no test \"zzz\""),
    (["results", "show", "rows.jsonl"], "--test-id"),
    (["results", "report", "rows.jsonl", "-o", "evals"], "is a directory"),
    (["results", "report", "empty.jsonl"], "has no results yet"),
    (["results", "export", "rows.jsonl", "-o", "x.csv"], "\".csv\""),
    (["results", "export", "rows.jsonl", "-o", "evals"], "not empty"),
    (["results", "validate", "gone"], "does not exist"),
    (["results", "bogus"], "bogus"), (["compare"], "needs one or two runs, got 0"),
    (["compare", "rows.jsonl", "--candidate", "x"], "--candidate requires --baseline"),
    (["compare", "rows.jsonl", "--baseline", "x"], "Available targets: t"),
    (["compare", "rows.jsonl", "--targets", "x"], "None of the specified targets"),
    (["compare", "rows.jsonl", "rows.jsonl", "-b", "t"], "choose targets of one run"),
    (["compare", "rows.jsonl", "--threshold", "-1"], "0 or more, got: -1"),
    (["trend"], "--last N"), (["trend", "--last", "1"], "at least 2, got: 1"),
    (["trend", "--last", "2"], "found 0"), (["trend", "a", "--last", "2"], "not both"),
    (["trend", "rows.jsonl"], "at least 2 runs"),
    (["inspect", "show", "rows.jsonl", "--test-id", "zzz"], "available: x"),
    (["inspect", "show", "nonsense.json"], "no JSON"),
    (["inspect", "filter", "--status", "green"], "must be pass, fail, error"),
    (["inspect", "filter", "gone"], "does not exist"),
    (["inspect", "search", "-p", "("], "Invalid regex pattern"),
    (["inspect", "stats", "rows.jsonl", "-g", "color"], "color"),
    (["inspect", "list", "--limit", "0"], "1 or more"),
    (["inspect", "score", "rows.jsonl", "-a", "llm:x"], "Supported: contains"),
    (["inspect", "score", "rows.jsonl", "-a", "latency:fast"], "latency needs a limit"),
    (["inspect", "score", "rows.jsonl", "-a", "token-usage:max=1"], "max_total=NUMBER"),
    (["convert", "gone.jsonl"], "does not exist"), (["convert", "agent.sh"], "Unsupported input"),
    (["convert", "nonsense.json"], "is no JSON"),
    (["convert", "rows.jsonl", "-o", "x.txt"], "\".txt\""), (["trim", "gone"], "does not exist"),
    (["import", "claude"], "specify --session-id"),
    (["import", "claude", "--session-id", "nope"], "session nope not found"),
    (["create", "eval", "../x"], "is no name"),
    (["create", "eval", "x", "--template", "y"], "Available: default, rubric"),
    (["create", "target", "x", "--provider", "y"], "Unknown provider \"y\""),
  ])
  func `bad input ends with exit code 1 and a message that names it`(
    _ arguments: [String], _ message: String
  ) async throws {
    try project.suite("a", ["one"])
    try project.scratch.write("rows.jsonl", #"{"test_id":"x","target":"t","score":1}"# + "\n")
    try project.scratch.write("empty.jsonl", "")
    try project.scratch.write("nonsense.json", "nonsense")
    let run = try await run(arguments)
    #expect(run.code == 1, "\(run.stdout)")
    #expect(run.stderr.contains(message), "\(run.stderr)")
    #expect(run.stdout == "")
  }

  @Test(arguments: [
    ["results"], ["results", "summary"], ["results", "failures"], ["results", "show"],
    ["results", "export"], ["results", "report"], ["results", "validate"], ["compare"], ["trend"],
    ["inspect"], ["inspect", "list"], ["inspect", "show"], ["inspect", "stats"],
    ["inspect", "filter"], ["inspect", "search"], ["inspect", "score"], ["convert"], ["trim"],
    ["import"], ["import", "claude"], ["import", "codex"], ["import", "copilot"], ["init"],
    ["create"], ["create", "eval"], ["create", "target"],
  ])
  func `every command explains itself`(_ command: [String]) async throws {
    let run = try await run(command + ["--help"])
    #expect(run.code == 0)
    #expect(run.stdout.contains("OVERVIEW: "))
    #expect(run.stdout.contains("USAGE: agentv \(command.joined(separator: " "))"))
  }
}
