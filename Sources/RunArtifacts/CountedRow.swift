// What summaries want to know of a row, and rows that hold no more than that: a run of a hundred
// thousand tests keeps its rows on the disk and these in memory.

public import Core

/// The score of one grader in a summary.
public struct GraderMark: Sendable, Hashable {
  /// `name:type`.
  public var key: String
  /// 0…1.
  public var score: Double
}

/// A row as summaries see it.
public protocol CountedRow: Sendable {
  /// Eval file relative to the project; `nil` in rows of upstream.
  var evalFile: String? { get }
  /// Suite name.
  var suite: String? { get }
  /// Test id.
  var testID: String { get }
  /// Target that ran.
  var target: String { get }
  /// Target as it was asked for; `nil` in rows of upstream.
  var requestedTarget: String? { get }
  /// When the test finished, ISO 8601.
  var timestamp: String? { get }
  /// Score, 0…1.
  var score: Double? { get }
  /// Verdict.
  var executionStatus: ExecutionStatus { get }
  /// Error message of a test that could not be run or graded.
  var error: String? { get }
  /// Where it failed.
  var failureStage: String? { get }
  /// Why it failed.
  var failureReasonCode: String? { get }
  /// Time the target took, milliseconds.
  var durationMS: Int? { get }
  /// Tokens that the target reported.
  var tokenUsage: TokenCount? { get }
  /// Cost that the target reported, US dollars.
  var costUSD: Double? { get }
  /// One for each grader with a name and a score.
  var graderMarks: [GraderMark] { get }
}

extension CountedRow {
  /// What makes this row the result of a planned execution.
  ///
  /// Rows of upstream have no eval file, and their target is the resolved one.
  public var identity: TestIdentity {
    TestIdentity(evalFile: evalFile, testID: testID, target: requestedTarget ?? target)
  }
}

extension ResultRow: CountedRow {
  /// One for each grader with a name and a score.
  public var graderMarks: [GraderMark] {
    scores.compactMap { score in
      guard let name = score["name"]?.string, let value = score["score"]?.double else { return nil }
      return GraderMark(key: "\(name):\(score["type"]?.string ?? "unknown")", score: value)
    }
  }
}

/// A row without what no summary needs.
public struct SummaryRow: CountedRow {
  /// Eval file relative to the project; `nil` in rows of upstream.
  public let evalFile: String?
  /// Suite name.
  public let suite: String?
  /// Test id.
  public let testID: String
  /// Target that ran.
  public let target: String
  /// Target as it was asked for; `nil` in rows of upstream.
  public let requestedTarget: String?
  /// Score, 0…1.
  public let score: Double?
  /// Verdict.
  public let executionStatus: ExecutionStatus
  /// Time the target took, milliseconds.
  public let durationMS: Int?
  /// Tokens that the target reported.
  public let tokenUsage: TokenCount?
  /// Cost that the target reported, US dollars.
  public let costUSD: Double?
  /// One for each grader with a name and a score.
  public let graderMarks: [GraderMark]
  let time: Timestamp?
  let failure: RowLedger.Failure?

  /// When the test finished, ISO 8601.
  public var timestamp: String? { time?.description }
  /// Error message of a test that could not be run or graded.
  public var error: String? { failure?.error }
  /// Where it failed.
  public var failureStage: String? { failure?.stage }
  /// Why it failed.
  public var failureReasonCode: String? { failure?.code }
}
