// A test of several turns.

/// The turns of a test in `mode: conversation`.
public struct Conversation: Sendable, Hashable {
  /// How the scores of the turns become the test's score.
  public enum Aggregation: String, Sendable, Hashable, CaseIterable {
    /// Their mean.
    case mean
    /// The lowest one.
    case min
    /// The highest one.
    case max
  }

  /// What happens after a turn that failed.
  public enum OnTurnFailure: String, Sendable, Hashable, CaseIterable {
    /// The next turn comes.
    case `continue`
    /// The rest is not run and scores 0.
    case stop
  }

  /// One turn.
  public struct Turn: Sendable, Hashable {
    /// Message of the user.
    public var input: Message
    /// Messages expected from the target; empty when not given.
    public var expectedOutput: [Message]
    /// Its graders; empty when not given.
    public var assertions: [GraderSpec]

    /// A turn.
    public init(
      input: Message, expectedOutput: [Message] = [], assertions: [GraderSpec] = []
    ) {
      self.input = input
      self.expectedOutput = expectedOutput
      self.assertions = assertions
    }
  }

  /// The turns, in order; at least one.
  public var turns: [Turn]
  /// How their scores are put together.
  public var aggregation: Aggregation
  /// What happens after one that failed.
  public var onTurnFailure: OnTurnFailure
  /// Exchanges that are sent again with each turn, 1 or more; `nil` for all.
  public var windowSize: Int?

  /// A conversation.
  public init(
    turns: [Turn], aggregation: Aggregation = .mean, onTurnFailure: OnTurnFailure = .continue,
    windowSize: Int? = nil
  ) {
    self.turns = turns
    self.aggregation = aggregation
    self.onTurnFailure = onTurnFailure
    self.windowSize = windowSize
  }
}
