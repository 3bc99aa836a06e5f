// One line of index.jsonl. We write one shape from the start; upstream's raw and compact rows are
// read into the same value (reference: run-artifacts 3).

public import Core

/// The result of one execution of one test.
public struct ResultRow: Sendable, Hashable {
  /// When the test finished, ISO 8601; `nil` in a row that does not say.
  public var timestamp: String?
  /// Test id; `unknown` in a row that does not say.
  public var testID: String
  /// Suite name.
  public var suite: String?
  /// Category.
  public var category: String?
  /// Conversation the test belongs to.
  public var conversationID: String?
  /// Score, 0…1; `nil` in a row that does not say.
  public var score: Double?
  /// Target that ran, after `use_target` was followed; `unknown` in a row that does not say.
  public var target: String
  /// One object for each grader (reference: graders 5.1).
  public var scores: [JSON]
  /// Whether the line has `scores` at all; not when the test names no graders and was judged by its
  /// criteria.
  public var hasScores: Bool
  /// Verdict.
  public var executionStatus: ExecutionStatus
  /// Error message of a test that could not be run or graded.
  public var error: String?
  /// Where it failed: `setup`, `repo_setup`, `agent`, `evaluator`.
  public var failureStage: String?
  /// Why it failed, a closed word such as `provider_error`.
  public var failureReasonCode: String?
  /// Workspace kept for inspection.
  public var workspacePath: String?
  /// grading.json, relative to the run directory.
  public var gradingPath: String?
  /// timing.json of the test, relative to the run directory.
  public var timingPath: String?
  /// input.md, relative to the run directory.
  public var inputPath: String?
  /// Answer, relative to the run directory.
  public var outputPath: String?
  /// The same file under upstream's second name.
  public var responsePath: String?
  /// The test's own metadata.
  public var metadata: JSON?
  /// Experiment label.
  public var experiment: String?
  /// Eval file relative to the project; `nil` in rows of upstream.
  public var evalFile: String?
  /// Target as it was asked for; `nil` in rows of upstream.
  public var requestedTarget: String?
  /// Time the target took, milliseconds.
  public var durationMS: Int?
  /// Time the target and the graders took, milliseconds.
  public var totalDurationMS: Int?
  /// Cost that the target reported, US dollars.
  public var costUSD: Double?
  /// Tokens that the target reported.
  public var tokenUsage: TokenCount?
  /// Calls of the target, when it took more than one.
  public var attempts: Int?
  /// Every other member of the line, in its order: the inline answer and assertions of upstream's
  /// raw rows, trials, trace.
  public var extra: JSONObject

  /// A row with the members that every row has.
  public init(
    timestamp: Timestamp, testID: String, target: String, score: Double,
    executionStatus: ExecutionStatus
  ) {
    self.timestamp = timestamp.description
    self.testID = testID
    self.target = target
    self.score = score
    self.executionStatus = executionStatus
    scores = []
    hasScores = true
    extra = [:]
  }

  /// Reads a line of any of the three shapes.
  ///
  /// Missing or mistyped members get upstream's defaults: `unknown` for names and `ok` for the
  /// status. `nil` when the value is no object.
  public init?(json: JSON) {
    guard case .object(let object) = json else { return nil }
    testID = "unknown"
    target = "unknown"
    scores = []
    hasScores = false
    executionStatus = .ok
    extra = [:]
    for (name, value) in object {
      if !take(name, value) { extra.appendUnchecked(name, value) }
    }
  }

  /// Sets the member that a name of the file stands for; `false` when it is not one of ours.
  private mutating func take(_ name: String, _ value: JSON) -> Bool {
    switch name {
    case "timestamp": timestamp = value.string
    case "test_id": testID = Self.name(value) ?? "unknown"
    case "suite": suite = value.string
    case "category": category = value.string
    case "conversation_id": conversationID = value.string
    case "score": score = value.double
    case "target": target = Self.name(value) ?? "unknown"
    case "scores":
      scores = value.array ?? []
      hasScores = true
    case "execution_status":
      executionStatus = value.string.flatMap(ExecutionStatus.init) ?? .ok
    case "error": error = value.string
    case "failure_stage": failureStage = value.string
    case "failure_reason_code": failureReasonCode = value.string
    case "workspace_path": workspacePath = value.string
    case "grading_path": gradingPath = value.string
    case "timing_path": timingPath = value.string
    case "input_path": inputPath = value.string
    case "output_path": outputPath = value.string
    case "response_path": responsePath = value.string
    case "metadata": metadata = value
    case "experiment": experiment = value.string
    case "eval_file": evalFile = value.string
    case "requested_target": requestedTarget = value.string
    case "duration_ms": durationMS = value.double.flatMap { Int(exactly: $0.rounded()) }
    case "total_duration_ms": totalDurationMS = value.double.flatMap { Int(exactly: $0.rounded()) }
    case "cost_usd": costUSD = value.double
    case "token_usage": tokenUsage = TokenCount(json: value)
    case "attempts": attempts = value.int
    default: return false
    }
    return true
  }

  private static func name(_ value: JSON) -> String? {
    value.string.flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension ResultRow {
  /// The line's object: upstream's compact members in upstream's order, then ours, then whatever
  /// else the row was read with.
  public var json: JSON {
    var object = JSONObject()
    func add(_ name: String, _ value: String?) {
      if let value { object.appendUnchecked(name, .string(value)) }
    }
    add("timestamp", timestamp)
    add("test_id", testID)
    add("suite", suite)
    add("category", category)
    add("conversation_id", conversationID)
    if let score { object.appendUnchecked("score", .double(score)) }
    add("target", target)
    if hasScores { object.appendUnchecked("scores", .array(scores)) }
    add("execution_status", executionStatus.rawValue)
    add("error", error)
    add("failure_stage", failureStage)
    add("failure_reason_code", failureReasonCode)
    add("workspace_path", workspacePath)
    add("grading_path", gradingPath)
    add("timing_path", timingPath)
    add("input_path", inputPath)
    add("output_path", outputPath)
    add("response_path", responsePath)
    if let metadata { object.appendUnchecked("metadata", metadata) }
    add("experiment", experiment)
    add("eval_file", evalFile)
    add("requested_target", requestedTarget)
    if let durationMS { object.appendUnchecked("duration_ms", .int(durationMS)) }
    if let totalDurationMS { object.appendUnchecked("total_duration_ms", .int(totalDurationMS)) }
    if let costUSD { object.appendUnchecked("cost_usd", .double(costUSD)) }
    if let tokenUsage { object.appendUnchecked("token_usage", tokenUsage.json) }
    if let attempts { object.appendUnchecked("attempts", .int(attempts)) }
    for (name, value) in extra { object.appendUnchecked(name, value) }
    return .object(object)
  }

  /// The row as the `row` event of a stream carries it.
  public var event: JSON {
    var object: JSONObject = [
      "test_id": .string(testID), "target": .string(target), "eval_file": .optional(evalFile),
      "requested_target": .string(requestedTarget ?? target),
      "execution_status": .string(executionStatus.rawValue), "score": .optional(score),
      "duration_ms": .optional(durationMS), "cost_usd": .optional(costUSD),
      "timestamp": .optional(timestamp),
    ]
    if let error { object["error"] = .string(error) }
    return .object(object)
  }
}
