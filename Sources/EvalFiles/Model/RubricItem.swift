// One criterion of a rubrics grader.

/// A criterion that a model checks.
public struct RubricItem: Sendable, Hashable {
  /// One range of the scale 0…10 and what it stands for.
  public struct ScoreRange: Sendable, Hashable {
    /// Lowest score of the range.
    public var low: Int
    /// Highest score of the range.
    public var high: Int
    /// What an answer in this range is like.
    public var outcome: String

    /// A range.
    public init(low: Int, high: Int, outcome: String) {
      self.low = low
      self.high = high
      self.outcome = outcome
    }
  }

  /// Its id in the reply of the model; `rubric-N`, counted from 1, when none is given.
  public var id: String
  /// What has to hold; may be empty when there are score ranges.
  public var outcome: String
  /// Its share in the weighted mean; 0 or more.
  public var weight: Double
  /// Whether failing it fails the grader; `nil` when nothing was said.
  public var required: Bool?
  /// Level of the gate, (0, 1].
  public var minScore: Double?
  /// The ranges, from 0 to 10 without gaps; empty for a criterion that holds or does not.
  public var scoreRanges: [ScoreRange]

  /// A criterion.
  public init(
    id: String, outcome: String, weight: Double = 1, required: Bool? = nil,
    minScore: Double? = nil, scoreRanges: [ScoreRange] = []
  ) {
    self.id = id
    self.outcome = outcome
    self.weight = weight
    self.required = required
    self.minScore = minScore
    self.scoreRanges = scoreRanges
  }
}
