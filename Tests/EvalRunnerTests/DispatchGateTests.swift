import Core
import RunArtifacts
import Testing

@testable import EvalRunner

@Suite struct DispatchGateTests {
  private func row(cost: Double?, _ status: ExecutionStatus = .ok) -> ResultRow {
    var row = ResultRow(
      timestamp: Timestamp(millisecondsSinceEpoch: 0), testID: "a", target: "t", score: 1,
      executionStatus: status)
    row.costUSD = cost
    return row
  }

  @Test func `tests start until the suite's budget is spent`() {
    let gate = DispatchGate(suite: Budget(capUSD: 1))
    gate.note(row(cost: 0.75))
    gate.note(row(cost: nil))
    #expect(gate.refusal == nil)
    gate.note(row(cost: 0.25))
    #expect(
      gate.refusal
        == TestFailure(
          message: "Suite budget exceeded ($1.0000 / $1.0000)", stage: "setup",
          code: "budget_exceeded"))
  }

  @Test func `what was spent before a resume counts`() {
    #expect(DispatchGate(suite: Budget(capUSD: 1, spentUSD: 1)).refusal != nil)
  }

  @Test func `the budget of the run is shared by all files and targets`() {
    let run = Budget(capUSD: 1)
    let first = DispatchGate(run: run)
    let second = DispatchGate(run: run, suite: Budget(capUSD: 100))
    first.note(row(cost: 2))
    #expect(second.refusal?.message == "Run budget exceeded ($2.0000 / $1.0000)")
  }

  @Test func `after an execution error nothing starts where the file says so`() {
    let lenient = DispatchGate()
    let strict = DispatchGate(failOnError: true)
    strict.note(row(cost: nil, .qualityFailure))
    #expect(strict.refusal == nil)
    for gate in [lenient, strict] { gate.note(row(cost: nil, .executionError)) }
    #expect(lenient.refusal == nil)
    #expect(strict.refusal?.code == "error_threshold_exceeded")
    #expect(strict.refusal?.stage == "setup")
  }
}
