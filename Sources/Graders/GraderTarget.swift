// How graders ask models: the runner lends them its targets, so that graders know no provider.

public import Core
public import EvalFiles

/// What a target is to a grader; it decides how it is asked and how its reply is read.
public enum GraderTargetKind: String, Sendable, Hashable {
  /// A model that answers a prompt; also `cli` and `mock` targets.
  case model
  /// An agent with tools of its own: asked once, free-form.
  case agent
  /// The built-in loop with file tools over the workspace.
  case builtIn = "built-in"
}

/// One question to a grading target.
public struct GraderQuestion: Sendable, Hashable {
  /// Instructions, such as the form of the reply.
  public var systemPrompt: String?
  /// The question.
  public var prompt: String
  /// Images that belong to it, as content blocks with a data URL in `source`.
  ///
  /// Targets that take no images leave them out.
  public var images: [JSON] = []
  /// Sampling temperature, 0…2, if the grader says so.
  public var temperature: Double?
  /// Most tokens to reply with, if there is a limit.
  public var maxOutputTokens: Int?

  /// A question.
  public init(
    prompt: String, systemPrompt: String? = nil, temperature: Double? = nil,
    maxOutputTokens: Int? = nil
  ) {
    self.prompt = prompt
    self.systemPrompt = systemPrompt
    self.temperature = temperature
    self.maxOutputTokens = maxOutputTokens
  }
}

/// A grading target's reply.
public struct GraderReply: Sendable, Hashable {
  /// Its text.
  public var text: String
  /// Tokens it used, if reported.
  public var tokenUsage: TokenUsage?
  /// What it cost in US dollars, if reported.
  public var costUSD: Double?

  /// A reply.
  public init(text: String, tokenUsage: TokenUsage? = nil, costUSD: Double? = nil) {
    self.text = text
    self.tokenUsage = tokenUsage
    self.costUSD = costUSD
  }
}

/// A target that graders may ask.
public protocol GraderTarget: Sendable {
  /// Its name, as rows show it.
  var name: String { get }
  /// What it is.
  var kind: GraderTargetKind { get }

  /// Asks once. Cancelling the task ends the question.
  /// - Throws: `GraderError`; `.cancelled` when the task was cancelled.
  func ask(_ question: GraderQuestion) async throws(GraderError) -> GraderReply
}

/// The targets that graders of one test may ask.
public protocol GraderTargets: Sendable {
  /// Names of the targets that there are.
  var names: [String] { get }

  /// A target by name, or the test's grading target.
  /// - Parameter name: the name in the targets file; `nil` for the grading target of the target
  ///   under test (`--grader-target`, its `grader_target`, or itself).
  /// - Returns: the target.
  /// - Throws: `GraderError` naming the target and what there is.
  func target(_ name: String?) throws(GraderError) -> any GraderTarget
}
