// Several runs of each test.

/// How often each test of a suite runs, and what its score then is.
public struct Trials: Sendable, Hashable {
  /// How several results become one.
  public enum Strategy: String, Sendable, Hashable, CaseIterable {
    /// The best one; no more trials after one that passed.
    case passAtK = "pass_at_k"
    /// The mean of all scores.
    case mean
    /// The lower bound of the 95 % confidence interval of the mean.
    case confidenceInterval = "confidence_interval"
  }

  /// Trials of each test, 2 or more.
  public var count: Int
  /// How their results are put together.
  public var strategy: Strategy
  /// No further trial of a test once its trials have cost this much, US dollars.
  public var costLimitUSD: Double?

  /// Trials.
  public init(count: Int, strategy: Strategy = .passAtK, costLimitUSD: Double? = nil) {
    self.count = count
    self.strategy = strategy
    self.costLimitUSD = costLimitUSD
  }
}
