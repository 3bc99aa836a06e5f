import Core
import RunArtifacts
import Testing

@Suite struct ResultRowTests {
  @Test func `our row is read as it was written, members in the documented order`() throws {
    var row = ResultRow(
      timestamp: Timestamp(millisecondsSinceEpoch: 1_778_232_902_417), testID: "sum-small",
      target: "local_cli", score: 0.5, executionStatus: .qualityFailure)
    row.suite = "arith"
    row.category = "demo"
    row.scores = [["name": "c", "type": "contains", "score": 1]]
    row.gradingPath = "arith/sum-small/grading.json"
    row.metadata = ["difficulty": "easy"]
    row.experiment = "default"
    row.evalFile = "evals/arith.eval.yaml"
    row.requestedTarget = "default"
    row.durationMS = 312
    row.costUSD = 0.25
    row.tokenUsage = TokenCount(input: 3, output: 4, reasoning: 1)
    row.attempts = 2
    row.extra["target_used"] = "other"
    #expect(
      row.json.object?.names == [
        "timestamp", "test_id", "suite", "category", "score", "target", "scores",
        "execution_status", "grading_path", "metadata", "experiment", "eval_file",
        "requested_target", "duration_ms", "cost_usd", "token_usage", "attempts", "target_used",
      ])
    #expect(ResultRow(json: row.json) == row)
    #expect(row.line.last == 0x0A)
    #expect(row.line.count { $0 == 0x0A } == 1)
  }

  @Test func `upstream's raw row keeps its inline members`() throws {
    let json = try JSON.parse(
      """
      {"timestamp":"2026-05-08T09:35:02.417Z","test_id":"a","score":1,"assertions":[],\
      "target":"t","duration_ms":312.4,"output":[{"role":"assistant","content":"42!"}],\
      "execution_status":"ok","trace":{"event_count":0}}
      """)
    let row = try #require(ResultRow(json: json))
    #expect(row.durationMS == 312)
    #expect(row.extra.names == ["assertions", "output", "trace"])
    #expect(row.identity == TestIdentity(evalFile: nil, testID: "a", target: "t"))
    #expect(row.json["output"] == json["output"])
  }

  @Test func `missing and mistyped members get upstream's defaults`() throws {
    let row = try #require(
      ResultRow(json: ["test_id": 5, "score": "high", "execution_status": "strange"]))
    #expect(row.testID == "unknown")
    #expect(row.target == "unknown")
    #expect(row.score == nil)
    #expect(row.executionStatus == .ok)
    #expect(ResultRow(json: [1]) == nil)
  }

  @Test func `the row event names what a page shows`() {
    var row = ResultRow(
      timestamp: Timestamp(millisecondsSinceEpoch: 0), testID: "a", target: "real", score: 0,
      executionStatus: .executionError)
    row.error = "boom"
    row.requestedTarget = "alias"
    #expect(row.event["requested_target"] == "alias")
    #expect(row.event["target"] == "real")
    #expect(row.event["error"] == "boom")
    #expect(row.event["cost_usd"] == .null)
  }
}
