import Core
import EvalFiles
import Testing

@testable import EvalRunner

@Suite struct TrialAggregationTests {
  private func result(
    _ score: Double, _ status: ExecutionStatus? = nil, cost: Double? = nil
  ) -> TestResult {
    if status == .executionError {
      return .failed(.provider("boom"), attempts: 1)
    }
    var result = TestResult(
      score: score, status: status ?? (score >= 0.8 ? .ok : .qualityFailure),
      scores: [["name": "g", "score": .double(score)]], assertions: [],
      output: [Message(role: "assistant", text: "\(score)")], attempts: 1)
    result.metrics = TargetMetrics(
      tokenUsage: TokenUsage(input: 1, output: 2, cached: 1), costUSD: cost, durationMS: 10)
    return result
  }

  private func combined(
    _ results: [TestResult], _ strategy: Trials.Strategy, isCostLimited: Bool = false
  ) -> TestResult {
    TrialAggregation.combined(
      results, Trials(count: results.count, strategy: strategy), threshold: 0.8,
      isCostLimited: isCostLimited)
  }

  @Test func `pass_at_k: the best trial is the result`() {
    let all = combined([result(0.2), result(1), result(0.5)], .passAtK)
    #expect((all.score, all.status) == (1, .ok))
    #expect(all.output[0].text == "1.0")
    #expect(
      all.extra["aggregation"]
        == ["strategy": "pass_at_k", "passed_attempts": 1, "total_attempts": 3])
  }

  @Test func `mean: the score is the mean, and it decides`() {
    let all = combined([result(0.2), result(1), result(0.3)], .mean)
    #expect((all.score, all.status) == (0.5, .qualityFailure))
    #expect(all.output[0].text == "1.0", "answer and graders are those of the best trial")
    #expect(
      all.extra["aggregation"] == ["strategy": "mean", "mean": 0.5, "min": 0.2, "max": 1.0])
    #expect(combined([result(0.6), result(1)], .mean).status == .ok)
  }

  @Test func `confidence_interval: the score is the lower bound by Student's t`() {
    let all = combined([result(0.8), result(0.9), result(1)], .confidenceInterval)
    // t(2) = 4.303, s = 0.1: 0.9 - 4.303 × 0.1 / √3
    #expect(abs(all.score - 0.65157) < 0.0001)
    #expect(all.status == .qualityFailure)
    let aggregation = all.extra["aggregation"]
    #expect(aggregation?["strategy"] == "confidence_interval")
    #expect(abs((aggregation?["mean"]?.double ?? 0) - 0.9) < 1e-9)
    #expect(abs((aggregation?["stddev"]?.double ?? 0) - 0.1) < 1e-9)
    #expect(aggregation?["ci95_upper"]?.double == 1, "bounds stay within 0 and 1")
    #expect(aggregation?.object?.names.last == "stddev")
  }

  @Test(arguments: [
    ([0.5], 0.5, 0.5), ([1, 1, 1], 1.0, 1.0), ([0, 1], 0.0, 1.0),
    ((0..<32).map { $0.isMultiple(of: 2) ? 0.4 : 0.6 }, 0.4648, 0.5352),
  ])
  func `an interval is that of the t distribution up to 30 values, then of the normal one`(
    _ values: [Double], _ lower: Double, _ upper: Double
  ) {
    let interval = TrialAggregation.Interval(values)
    #expect(abs(interval.lower - lower) < 0.0001)
    #expect(abs(interval.upper - upper) < 0.0001)
  }

  @Test(arguments: Trials.Strategy.allCases)
  func `only errors are an error, one judged trial is none`(_ strategy: Trials.Strategy) {
    let error = result(0, .executionError)
    let none = combined([error, error], strategy)
    #expect(none.status == .executionError)
    #expect(none.failure?.message == "boom")
    let one = combined([error, result(1)], strategy)
    #expect(one.status == (strategy == .passAtK ? .ok : .qualityFailure))
    #expect(one.failure == nil)
  }

  @Test func `cost and tokens are those of all trials, each trial keeps its own`() {
    let all = combined([result(1, cost: 0.5), result(0, cost: 0.25), result(1)], .mean)
    #expect(all.metrics.costUSD == 0.75)
    #expect(all.metrics.tokenUsage == TokenUsage(input: 3, output: 6, cached: 3))
    #expect(all.attempts == 3)
    let trials = all.extra["trials"]?.array
    #expect(trials?.map { $0["cost_usd"] } == [0.5, 0.25, nil])
    #expect(trials?.map { $0["attempt"] } == [0, 1, 2])
    #expect(trials?.map { $0["verdict"] } == ["pass", "fail", "pass"])
  }

  @Test func `a trial that failed says where and why`() {
    let trial = combined([result(0, .executionError), result(1)], .mean).extra["trials"]?[0]
    #expect(trial?["error"] == "boom")
    #expect(trial?["execution_status"] == "execution_error")
    #expect(trial?["failure_stage"] == "agent")
    #expect(trial?["failure_reason_code"] == "provider_error")
  }

  @Test func `a cost limit that kept trials from running is named`() {
    #expect(combined([result(1)], .mean, isCostLimited: true).extra["cost_limited"] == true)
    #expect(combined([result(1)], .mean).extra["cost_limited"] == nil)
  }
}
