// The closed sets of status words of the wire and of the rows.

/// State of a job, as the HTTP API words it.
public enum JobStatus: String, Sendable, Hashable, CaseIterable {
  case starting, running, finished, failed

  /// Whether the job has ended.
  public var isTerminal: Bool { self == .finished || self == .failed }
}

/// How a job ended; there is none while it is live.
public enum JobOutcome: String, Sendable, Hashable, CaseIterable {
  /// It ran to its end, whatever the scores were.
  case completed
  /// Somebody stopped it; it can be resumed.
  case stopped
  /// It broke.
  case failed
  /// Nobody saw its end, for example because the machine lost power.
  case lost
}

/// Verdict on one test, as rows word it.
public enum ExecutionStatus: String, Sendable, Hashable, CaseIterable {
  /// It ran and reached its threshold.
  case ok
  /// It ran and scored below its threshold.
  case qualityFailure = "quality_failure"
  /// It could not be run or graded.
  case executionError = "execution_error"
}

/// What makes two executions of a test the same one, over resumes and retries.
public struct TestIdentity: Sendable, Hashable, CustomStringConvertible {
  /// Eval file relative to the project; `nil` in rows of upstream, which do not record it.
  public var evalFile: String?
  /// Test id.
  public var testID: String
  /// Target as it was requested, before `use_target` was followed.
  public var target: String

  /// An identity.
  public init(evalFile: String?, testID: String, target: String) {
    self.evalFile = evalFile
    self.testID = testID
    self.target = target
  }

  /// `file::id::target`, for messages.
  public var description: String {
    ([evalFile].compactMap(\.self) + [testID, target]).joined(separator: "::")
  }
}
