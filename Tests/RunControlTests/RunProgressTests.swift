import Core
import RunArtifacts
import Testing

@testable import RunControl

struct RunProgressTests {
  private func row(
    _ id: String, _ status: String = "ok", file: String? = "a.yaml", cost: Double? = nil
  ) throws -> RowEvent {
    var object: JSONObject = [
      "test_id": .string(id), "target": "t", "score": 1, "execution_status": .string(status),
    ]
    if let file { object["eval_file"] = .string(file) }
    if let cost { object["cost_usd"] = .double(cost) }
    return RowEvent(try #require(ResultRow(json: .object(object))))
  }

  private func event(_ kind: RunEvent.Kind, _ id: String) -> RunEvent {
    RunEvent(
      kind, TestIdentity(evalFile: "a.yaml", testID: id, target: "t"), resolvedTarget: nil,
      at: Timestamp(millisecondsSinceEpoch: 0))
  }

  @Test func `a test is under way from its start to its row`() throws {
    var progress = RunProgress()
    progress.apply(event(.started, "x"))
    progress.apply(event(.started, "y"))
    progress.apply(event(.started, "x"))
    #expect(progress.inFlight.map(\.identity.testID) == ["y", "x"])
    progress.add(try row("x"))
    #expect(progress.inFlight.map(\.identity.testID) == ["y"])
    progress.apply(event(.dropped, "y"))
    #expect(progress.inFlight.isEmpty && progress.completed == 1)
  }

  @Test func `a row without a file ends the test of its id and target`() throws {
    var progress = RunProgress()
    progress.apply(event(.started, "x"))
    progress.add(try row("x", file: nil))
    #expect(progress.inFlight.isEmpty)
  }

  @Test func `the last row of an identity counts, and only it`() throws {
    var progress = RunProgress()
    progress.add(try row("x", "execution_error", cost: 0.5))
    progress.add(try row("y", "quality_failure"))
    progress.add(try row("x", "ok", cost: 0.25))
    #expect(progress.completed == 2 && progress.ok == 1)
    #expect(progress.executionErrors == 0 && progress.qualityFailures == 1)
    #expect(progress.costUSD == 0.25)
    #expect(progress.rows.map(\.identity.testID) == ["x", "y"])
  }

  @Test func `the event tells what is known and null for the rest`() {
    var progress = RunProgress()
    #expect(progress.json["planned"]?.isNull == true && progress.json["cost_usd"]?.isNull == true)
    progress.planned = 7
    progress.apply(event(.started, "x"))
    #expect(progress.json["planned"]?.int == 7)
    #expect(progress.json["in_flight"]?[0]?["started_at"]?.string == "1970-01-01T00:00:00.000Z")
  }
}
