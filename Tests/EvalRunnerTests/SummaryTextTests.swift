import Core
import RunArtifacts
import Testing

@testable import EvalRunner

func row(
  _ id: String, _ score: Double, _ status: ExecutionStatus? = nil, target: String = "t",
  requested: String? = nil, error: String? = nil
) -> ResultRow {
  var row = ResultRow(
    timestamp: Timestamp(millisecondsSinceEpoch: 0), testID: id, target: target, score: score,
    executionStatus: status ?? (score >= 0.8 ? .ok : .qualityFailure))
  row.evalFile = "evals/a.eval.yaml"
  row.requestedTarget = requested ?? target
  row.error = error
  if error != nil {
    row.failureStage = "agent"
    row.failureReasonCode = "provider_error"
  }
  return row
}

@Suite struct SummaryTextTests {
  private let console = Console(hasColor: false) { _, _ in }

  @Test func `the block reads as scripts know it`() {
    let rows = [
      row("case-a", 1), row("case-b", 0.5),
      row("case-c", 0, .executionError, error: "boom (exit code 3)"),
    ]
    #expect(
      SummaryText(rows, threshold: nil, console: console).text == """

        ==================================================
        EXECUTION ERRORS
        ==================================================

        ❌ case-c
           boom (exit code 3)


        ==================================================
        RESULT: FAIL  (1/3 scored >= 80%, mean: 75%)
        ==================================================

        EVALUATION SUMMARY
        ==================================================
        Total tests: 3
        Passed: 1
        Quality failures: 1
        Execution errors: 1
        Mean score: 75% (2 quality tests, 1 execution errors excluded)
        Median score: 75%
        Min score: 50%
        Max score: 100%
        Std deviation: 35%

        Score distribution:
          0%-20%: 0
          20%-40%: 0
          40%-60%: 1
          60%-80%: 0
          80%-100%: 1

        Top performing tests:
          1. case-a: 100%
          2. case-b: 50%

        Lowest performing tests:
          1. case-a: 100%
          2. case-b: 50%

        Execution errors by stage:
          agent: 1

        Execution errors by reason:
          provider_error: 1
        """)
  }

  @Test func `one passed test has no deviation and no error sections`() {
    #expect(
      SummaryText([row("a", 1)], threshold: nil, console: console).text == """

        ==================================================
        RESULT: PASS  (1/1 scored >= 80%, mean: 100%)
        ==================================================

        EVALUATION SUMMARY
        ==================================================
        Total tests: 1
        Passed: 1
        Mean score: 100%
        Median score: 100%
        Min score: 100%
        Max score: 100%

        Score distribution:
          0%-20%: 0
          20%-40%: 0
          40%-60%: 0
          60%-80%: 0
          80%-100%: 1

        Top performing tests:
          1. a: 100%

        Lowest performing tests:
          1. a: 100%
        """)
  }

  @Test func `only errors are no verdict on quality`() {
    let rows = [row("a", 0, .executionError, error: "x")]
    let text = SummaryText(rows, threshold: nil, console: console).text
    #expect(
      text.contains(
        "RESULT: ERROR  (all 1 test(s) had execution errors — no evaluation was performed)"))
    #expect(!text.contains("Score distribution"))
  }

  @Test func `a threshold decides by scores, whatever the tests said`() {
    let text = SummaryText([row("a", 0.9, .ok)], threshold: 0.95, console: console).text
    #expect(text.contains("RESULT: FAIL  (0/1 scored >= 95%, mean: 90%)"))
  }

  @Test func `no rows are told as such`() {
    #expect(
      SummaryText([ResultRow](), threshold: nil, console: console).text
        == "\nNo results to summarize")
  }

  @Test func `a matrix shows tests by targets with an average`() {
    let rows = [
      row("a", 1, target: "real", requested: "slow"), row("a", 0.5, target: "fast"),
      row("bb", 0, .executionError, target: "fast", error: "x"),
    ]
    #expect(
      MatrixTable.text(rows, targets: ["slow", "fast"]) == """

        ==================================================
        MATRIX RESULTS (tests × targets)
        ==================================================

        Test     slow  fast
        -------  ----  ----
        a        100%   50%
        bb          -     -
        -------  ----  ----
        Average  100%   50%
        """)
  }
}
