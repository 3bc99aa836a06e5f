// One pass over the rows: what counts is kept, in as little memory as the question allows.

public import Core
public import RunArtifacts

/// What a pass over the rows of a run kept.
public struct ResultScan<Value: Sendable>: Sendable {
  /// What was kept of the rows that count, in the order in which their identities first appeared.
  public var values: [Value]
  /// Lines that could not be read, a torn last one among them.
  public var badLines: Int
  /// Rows that a later one of the same identity replaced.
  public var replacedRows: Int
}

extension ResultSource {
  /// Reads all rows once and keeps something of each that counts.
  ///
  /// Blocks. Memory grows with what is kept, not with the file.
  /// - Parameter keep: what is kept of a row, and where its line is.
  /// - Returns: what was kept of the rows that count.
  /// - Throws: `FileError` when the file is there and cannot be read.
  public func scan<Value: Sendable>(
    _ keep: (ResultRow, LineSpan) -> Value
  ) throws(FileError) -> ResultScan<Value> {
    var table = EffectiveTable<Value>()
    let bad = try stream.forEach { row, span in table.add(row, keep(row, span)) }
    return ResultScan(
      values: table.values, badLines: bad, replacedRows: table.replacedCount)
  }

  /// The digests of the rows that count.
  /// - Parameter keepsGraders: whether the scores by grader are kept, which take most of the memory.
  /// - Returns: one digest for each test.
  /// - Throws: `FileError` when the file is there and cannot be read.
  public func digests(
    keepsGraders: Bool = true
  ) throws(FileError) -> ResultScan<ResultDigest> {
    let artifacts = ArtifactReader(directory)
    return try scan { row, span in
      var digest = ResultDigest(row, at: span, artifacts)
      if !keepsGraders { digest.graders = [] }
      return digest
    }
  }

  /// The row that a digest was made of, read again.
  /// - Throws: `FileError` when the file cannot be read any more; `ReportError` when it changed.
  public func row(of digest: ResultDigest) throws -> ResultRow {
    guard let row = try stream.row(at: digest.span) else {
      throw ReportError("\"\(path)\" changed while it was read; try again")
    }
    return row
  }

  /// A sentence about lines that could not be read; `nil` when there are none.
  public func warning(badLines: Int) -> String? {
    badLines == 0
      ? nil
      : "Warning: \(badLines) line(s) of \"\(path)\" are no result rows and were skipped."
  }
}

/// One grader's score of one row.
public struct GraderDigest: Sendable, Hashable {
  /// Name of the grader.
  public var name: String
  /// Type of the grader.
  public var type: String
  /// Score, 0…1.
  public var score: Double
  /// Verdict, if the row tells one: `pass`, `fail`, `skip`.
  public var verdict: String?
}

/// What summaries, tables and comparisons need of a row.
public struct ResultDigest: Sendable, Hashable {
  /// Where the row is.
  public var span: LineSpan
  /// Test id.
  public var testID: String
  /// Suite, if any.
  public var suite: String?
  /// Category, if any.
  public var category: String?
  /// Target that ran.
  public var target: String
  /// Target as it was asked for, in rows of ours.
  public var requestedTarget: String?
  /// Eval file, in rows of ours.
  public var evalFile: String?
  /// Experiment label.
  public var experiment: String?
  /// End of the test, ISO 8601.
  public var timestamp: String?
  /// Verdict.
  public var status: ExecutionStatus
  /// Score, 0…1; 0 in a row that does not say.
  public var score: Double
  /// Whether the row says a score.
  public var hasScore: Bool
  /// Time the target took, milliseconds.
  public var durationMS: Int?
  /// Time with grading, milliseconds.
  public var totalDurationMS: Int?
  /// Tokens that the target reported.
  public var tokens: TokenCount?
  /// Cost that the target reported, US dollars.
  public var costUSD: Double?
  /// Tool calls, when the row tells.
  public var toolCalls: Int?
  /// Calls of the model, when the row tells.
  public var llmCalls: Int?
  /// Scores by grader.
  public var graders: [GraderDigest]

  /// Takes what is needed of a row; old compact rows have their numbers in timing.json.
  public init(_ row: ResultRow, at span: LineSpan, _ artifacts: ArtifactReader) {
    self.span = span
    testID = row.testID
    suite = row.suite
    category = row.category
    target = row.target
    requestedTarget = row.requestedTarget
    evalFile = row.evalFile
    experiment = row.experiment
    timestamp = row.timestamp
    status = row.executionStatus
    // Rows of early versions have no status; an error says it all the same.
    if row.executionStatus == .ok, row.error != nil, row.evalFile == nil {
      status = .executionError
    }
    let score = row.score.flatMap { $0.isFinite ? $0 : nil }
    self.score = score ?? 0
    hasScore = score != nil
    let numbers = ResultDetail.numbers(row, artifacts)
    durationMS = numbers.durationMS
    tokens = numbers.tokens
    totalDurationMS = row.totalDurationMS ?? row.extra["eval_run"]?["duration_ms"]?.int
    costUSD = row.costUSD
    let trace = row.extra["trace"]
    toolCalls = trace?["event_count"]?.int
    llmCalls = trace?["llm_call_count"]?.int
    graders = row.scores.compactMap { score in
      guard let name = score["name"]?.string, let value = score["score"]?.double else { return nil }
      return GraderDigest(
        name: name, type: score["type"]?.string ?? "unknown", score: value,
        verdict: score["verdict"]?.string)
    }
  }

  /// Whether the test passed: its status is `ok`, nothing else (design 9).
  public var isPassed: Bool { status == .ok }
}
