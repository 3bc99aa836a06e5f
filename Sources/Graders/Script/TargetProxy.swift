// How scripts ask targets: the runner lends them something to talk to, so that graders know no
// server.

public import EvalFiles

/// Opens ways for scripts to ask targets.
public protocol TargetProxies: Sendable {
  /// Opens one for a single script.
  /// - Parameters:
  ///   - targets: what the script may ask; the grading target of the test unless it names one.
  ///   - maximumCalls: calls that are let through, 0 or more.
  /// - Returns: it, open.
  /// - Throws: `GraderError` when it cannot be opened.
  func open(
    _ targets: any GraderTargets, maximumCalls: Int
  ) async throws(GraderError) -> any TargetProxy
}

/// What one script talks to while it runs.
public protocol TargetProxy: Sendable {
  /// Variables that tell the script where it is and how to get in.
  var environment: [String: String] { get }

  /// Ends it, and every question that is under way.
  /// - Returns: what was asked so far; closing twice gives the same.
  @discardableResult
  func close() async -> TargetProxyUsage
}

/// What a script asked.
public struct TargetProxyUsage: Sendable, Hashable {
  /// Name of the grading target.
  public var target: String
  /// Calls that were let through.
  public var calls: Int
  /// Calls that were allowed.
  public var maximumCalls: Int
  /// Tokens used, as far as reported.
  public var tokenUsage: TokenUsage?
  /// Cost in US dollars, as far as reported.
  public var costUSD: Double?

  /// What was asked.
  public init(
    target: String, calls: Int, maximumCalls: Int, tokenUsage: TokenUsage? = nil,
    costUSD: Double? = nil
  ) {
    self.target = target
    self.calls = calls
    self.maximumCalls = maximumCalls
    self.tokenUsage = tokenUsage
    self.costUSD = costUSD
  }
}

extension TokenUsage {
  /// The sum of two counts, either of which may be missing.
  public static func sum(_ left: TokenUsage?, _ right: TokenUsage?) -> TokenUsage? {
    guard let left, let right else { return left ?? right }
    func add(_ left: Int?, _ right: Int?) -> Int? {
      left == nil && right == nil ? nil : (left ?? 0) + (right ?? 0)
    }
    return TokenUsage(
      input: left.input + right.input, output: left.output + right.output,
      cached: add(left.cached, right.cached), reasoning: add(left.reasoning, right.reasoning))
  }
}
