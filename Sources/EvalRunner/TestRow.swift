// From the result of a test to its row and its files.

import Core
import EvalFiles
import RunArtifacts

extension TestExecutor {
  /// The row of a test.
  func row(_ result: TestResult, of job: TestJob) -> ResultRow {
    var row = ResultRow(
      timestamp: .now(), testID: job.test.id, target: job.ready.target.name, score: result.score,
      executionStatus: result.status)
    row.suite = job.test.suite
    row.category = job.test.category
    row.conversationID = job.test.conversationID
    row.metadata = job.test.metadata
    row.experiment = experiment
    row.evalFile = job.planned.identity.evalFile
    row.requestedTarget = job.planned.identity.target
    row.scores = result.scores ?? []
    row.error = result.failure?.message
    row.failureStage = result.failure?.stage
    row.failureReasonCode = result.failure?.code
    row.durationMS = result.metrics.durationMS
    row.totalDurationMS = Self.milliseconds(job.startedAt.duration(to: .now))
    row.costUSD = result.metrics.costUSD
    row.tokenUsage = result.metrics.tokenUsage.map {
      TokenCount(input: $0.input, output: $0.output, reasoning: $0.reasoning, cached: $0.cached)
    }
    if result.attempts > 1 { row.attempts = result.attempts }
    if let name = result.targetUsed { row.extra["target_used"] = .string(name) }
    for (name, value) in result.extra { row.extra[name] = value }
    return row
  }

  /// The files of a test.
  func artifacts(_ result: TestResult, of job: TestJob) -> TestArtifacts {
    TestArtifacts(
      input: job.test.input.map(\.json), output: result.output.map(\.json),
      assertions: result.assertions, graders: result.scores ?? [],
      fileChanges: result.fileChanges)
  }

  static func milliseconds(_ duration: Duration) -> Int {
    let parts = duration.components
    return Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
  }
}
