// What a target is asked and what it answers.

public import EvalFiles

/// One call of a target.
public struct ProviderRequest: Sendable {
  /// The test.
  public var test: EvalTest
  /// The text sent; `EvalTest.prompt` in the provider's style.
  public var prompt: String
  /// Number of the attempt, from 0.
  public var attempt: Int
  /// Workspace of the test, absolute; it goes before the target's own directory.
  public var workingDirectory: String?
  /// Environment of programs, `.env` values and the test's cookie included.
  public var environment: [String: String]
  /// Longest time for this call, from `--agent-timeout`; `nil` for no limit.
  public var timeout: Duration?
  /// Instructions that go before everything, for providers that keep them apart.
  public var systemPrompt: String?
  /// The prompt as messages with roles, for providers that take a list; empty for one user message
  /// with `prompt`.
  public var chat: [Message] = []
  /// Sampling temperature, 0…2; it goes before the target's own.
  public var temperature: Double?
  /// Most tokens to answer with; it goes before the target's own.
  public var maxOutputTokens: Int?

  /// A call; without a prompt the test's own in the style of agents is sent.
  public init(
    test: EvalTest, prompt: String? = nil, attempt: Int = 0, workingDirectory: String? = nil,
    environment: [String: String], timeout: Duration? = nil
  ) {
    self.test = test
    self.prompt = prompt ?? test.prompt(style: .agent)
    self.attempt = attempt
    self.workingDirectory = workingDirectory
    self.environment = environment
    self.timeout = timeout
  }
}

/// A target's answer.
public struct ProviderResponse: Sendable {
  /// Its messages.
  public var output: [Message]
  /// What it reported about its work; the duration is measured when it did not.
  public var metrics: TargetMetrics
  /// Unified diff of what it changed, if it says so itself.
  public var fileChanges: String?
  /// An error that it flagged although it answered; the test is then an execution error.
  public var rawError: String?
  /// Odd things that were seen and passed over.
  public var warnings: [String]
  /// Version of the program that answered, if it tells one.
  public var agentVersion: String?
  /// The program's own events, one JSON object a line, without secrets; `nil` for providers that
  /// have none.
  public var transcript: [UInt8]?
  /// The stream log of the call, absolute; `nil` when there is none.
  public var streamLogPath: String?

  /// An answer.
  public init(
    output: [Message], metrics: TargetMetrics = TargetMetrics(), fileChanges: String? = nil,
    rawError: String? = nil, warnings: [String] = []
  ) {
    self.output = output
    self.metrics = metrics
    self.fileChanges = fileChanges
    self.rawError = rawError
    self.warnings = warnings
  }
}

/// Why a target gave no answer.
public struct ProviderError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Closed set of reasons.
  public enum Code: String, Sendable, Hashable {
    /// The run was stopped; the test has no result and runs again on resume.
    case cancelled
    /// It took longer than allowed.
    case timedOut = "timed-out"
    /// Its program ended with an error.
    case failed
    /// Its answer cannot be read.
    case badAnswer = "bad-answer"
    /// The target's settings are wrong.
    case configuration
    /// This version has no such provider.
    case unavailable
    /// The service could not be reached, or the connection broke.
    case transport
    /// The service takes no more calls for now; see `retryAfter`.
    case rateLimited = "rate-limited"
    /// The service failed on its own side: HTTP 5xx, overload.
    case serverError = "server-error"
    /// The service knows the caller not, or allows them not: HTTP 401 and 403.
    case authentication
    /// The service will never take this call: any other HTTP 4xx.
    case badRequest = "bad-request"
    /// The model declined to answer, or a content filter took its answer away.
    case refused
  }
  /// Why.
  public var code: Code
  /// The text shown to people and kept in the row.
  public var description: String
  /// Status of the service's answer, if there was one.
  public var httpStatus: Int?
  /// How long the service asked to be left alone, if it did.
  public var retryAfter: Duration?
  /// Whether it came again and again: the target's own `max_retries` are used up.
  public var isSpent = false

  /// An error.
  public init(
    _ code: Code, _ description: String, httpStatus: Int? = nil, retryAfter: Duration? = nil
  ) {
    self.code = code
    self.description = description
    self.httpStatus = httpStatus
    self.retryAfter = retryAfter
  }

  /// Whether another attempt of the run is made: it may go better, and the target's own tries are not
  /// used up.
  public var retryable: Bool { mayPass && !isSpent }

  /// Whether it is of a kind that may pass.
  public var mayPass: Bool {
    switch code {
    case .timedOut, .failed, .badAnswer, .transport, .rateLimited, .serverError: true
    case .cancelled, .configuration, .unavailable, .authentication, .badRequest, .refused: false
    }
  }

  /// Whether the run was stopped.
  public var isCancelled: Bool { code == .cancelled }
}

/// One kind of agent or model, set up for one target.
public protocol Provider: Sendable {
  /// How it wants files to appear in the prompt.
  var promptStyle: PromptStyle { get }

  /// Calls the target once. Cancelling the task stops everything the call started.
  /// - Throws: `ProviderError`; `.cancelled` when the task was cancelled.
  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse
}
