import Core
import EvalFiles
import Testing

@testable import Graders

@Suite struct AggregationTests {
  private func score(
    _ value: Double, _ verdict: Verdict? = nil, weight: Double = 1, name: String = "g"
  ) -> GraderScore {
    let judgement = Judgement(
      score: value, verdict: verdict, assertions: [AssertionResult("a \(name)", passed: value == 1)]
    )
    return GraderScore(
      name: name, type: "x", score: value, weight: weight, verdict: judgement.verdict,
      assertions: judgement.assertions, startedAt: Timestamp(millisecondsSinceEpoch: 0),
      endedAt: Timestamp(millisecondsSinceEpoch: 2), durationMS: 2)
  }

  private func spec(_ required: RequiredGate? = nil, minScore: Double? = nil) -> GraderSpec {
    GraderSpec(name: "g", type: "x", required: required, minScore: minScore)
  }

  @Test(
    arguments: [
      ([1.0, 0], [1.0, 1], 0.5), ([1, 0], [3, 1], 0.75), ([1, 1], [0, 0], 0), ([0.5], [2], 0.5),
      ([], [], 0),
    ] as [([Double], [Double], Double)])
  func `the score is the weighted mean`(values: [Double], weights: [Double], expected: Double) {
    let scores = zip(values, weights).map { score($0, weight: $1) }
    let verdict = ScoreAggregation.combine(scores, specs: scores.map { _ in spec() })
    #expect(verdict.score == expected)
    #expect(verdict.assertions.count == values.count)
  }

  @Test(arguments: [(0.8, 0.8, ExecutionStatus.ok), (0.79, 0.8, .qualityFailure), (0.5, 0.5, .ok)])
  func `the threshold decides between ok and quality failure`(
    value: Double, threshold: Double, status: ExecutionStatus
  ) {
    let verdict = ScoreAggregation.combine([score(value)], specs: [spec()], threshold: threshold)
    #expect(verdict.status == status)
    #expect(verdict.error == nil)
  }

  @Test(
    arguments: [
      (RequiredGate.yes, nil, 0.7, 0.8, 0.0), (.yes, 0.6, 0.7, 0.8, 0.85),
      (.level(0.75), nil, 0.7, 0.8, 0),
      (.level(0.5), nil, 0.7, 0.8, 0.85), (.yes, nil, 0.7, 0.5, 0.85),
      (.level(0.9), 0.6, 0.7, 0.8, 0.85),
    ] as [(RequiredGate, Double?, Double, Double, Double)])
  func `a required grader below its level brings the test to zero`(
    gate: RequiredGate, minScore: Double?, value: Double, threshold: Double, expected: Double
  ) {
    let verdict = ScoreAggregation.combine(
      [score(value), score(1)], specs: [spec(gate, minScore: minScore), spec()],
      threshold: threshold)
    #expect(verdict.score == expected)
  }

  @Test func `min_score alone is no gate`() {
    let verdict = ScoreAggregation.combine(
      [score(0.1), score(1)], specs: [spec(nil, minScore: 0.9), spec()])
    #expect(verdict.score == 0.55)
  }

  @Test func `a skipped grader makes the test an execution error`() {
    let one = ScoreAggregation.combine(
      [score(1), score(0, .skip, name: "llm")], specs: [spec(), spec()])
    #expect((one.status, one.score) == (.executionError, 0))
    #expect((one.failureStage, one.failureReasonCode) == ("evaluator", "evaluator_error"))
    #expect(one.error == "llm: a llm")
    let two = ScoreAggregation.combine(
      [score(0, .skip, name: "a"), score(0, .skip, name: "b")], specs: [spec(), spec()])
    #expect(two.error == "Graders skipped: a: a a | b: a b")
  }

  @Test func `every known type has a grader`() async throws {
    for type in GraderTypes.available {
      let score = try await grade(type, [:], "x")
      #expect(
        score.assertions.first?.text.contains("Unknown grader type") != true, "\(type): \(score)")
    }
  }

  @Test func `an unknown type fails`() async throws {
    let score = try await grade("nonsense", [:], "x")
    #expect(score.verdict == .fail)
    #expect(score.assertions.first?.text == "Grader 'g' failed: Unknown grader type: nonsense")
  }

  @Test func `a test without graders is judged by the implicit one`() async throws {
    let scores = try await GraderRegistry.gradeAll(input("x"))
    #expect(scores.map(\.isImplicit) == [true])
    let verdict = ScoreAggregation.combine(scores, specs: [])
    #expect(verdict.status == .executionError)
    #expect(verdict.error == "No grader provider available for LLM grading")
    var asked = input("x")
    asked.targets = ScriptedTarget(#"{"score": 0.9}"#)
    let judged = try await GraderRegistry.gradeAll(asked)
    #expect(ScoreAggregation.combine(judged, specs: []).status == .ok)
  }

  @Test func `the entry of a row has the documented fields in order`() {
    var entry = score(1)
    #expect(
      entry.json.text == #"{"name":"g","type":"x","score":1,"weight":1,"verdict":"pass","#
        + #""assertions":[{"text":"a g","passed":true}],"duration_ms":2,"#
        + #""started_at":"1970-01-01T00:00:00.000Z","ended_at":"1970-01-01T00:00:00.002Z"}"#)
    entry.input = ["command": ["x"]]
    entry.details = ["k": 1]
    #expect(
      entry.json.object?.names == [
        "name", "type", "score", "weight", "verdict", "assertions", "input", "details",
        "duration_ms", "started_at", "ended_at",
      ])
  }
}
