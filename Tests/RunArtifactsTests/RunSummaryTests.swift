import Core
import RunArtifacts
import Testing

@Suite struct RunSummaryTests {
  private let heading = RunSummary.Heading(
    evalFile: "/p/evals/a.yaml", experiment: "default", plannedTestCount: 7)
  private let now = Timestamp(millisecondsSinceEpoch: 1_778_232_873_130)

  @Test func `the stub tells the plan and nothing else`() {
    let stub = RunSummary.benchmark(heading, rows: [ResultRow](), now: now)
    #expect(
      stub == [
        "metadata": [
          "eval_file": "/p/evals/a.yaml", "timestamp": "2026-05-08T09:34:33.130Z", "targets": [],
          "tests_run": [], "experiment": "default", "planned_test_count": 7,
        ], "run_summary": [:], "notes": ["No results to summarize"],
      ])
  }

  @Test func `a test passes when its status is ok; costs are kept`() throws {
    var rows = [1, 0.9, 0].map { EffectiveRowsTests.row("t\($0)", score: $0) }
    rows[1].executionStatus = .ok
    rows[2].executionStatus = .executionError
    rows[0].costUSD = 0.25
    rows[0].durationMS = 500
    rows[0].tokenUsage = TokenCount(input: 10, output: 5)
    rows[0].scores = [["name": "g", "type": "contains", "score": 1]]
    let json = RunSummary.benchmark(heading, rows: rows, now: now)
    let summary = try #require(json["run_summary"]?["t"])
    #expect(summary["pass_rate"]?["mean"] == 0.667)
    #expect(summary["cost_usd"]?["mean"] == 0.25)
    #expect(summary["time_seconds"]?["mean"] == 0.167)
    #expect(summary["tokens"]?["mean"]?.double == 5)
    #expect(json["per_grader_summary"]?["g:contains"]?["mean"]?.double == 1)
    #expect(
      json["notes"]
        == ["1 test(s) had execution errors and are included in pass_rate as failures"])
    #expect(
      RunSummary.timing(rows) == [
        "total_tokens": 15, "duration_ms": 500, "total_duration_seconds": 0.5,
        "token_usage": ["input": 10, "output": 5, "reasoning": 0],
      ])
  }
}
