// One assertion of a test, before it is run.

public import Core

/// A grader as an eval file asks for it.
public struct GraderSpec: Sendable, Hashable {
  /// Its name in results.
  public var name: String
  /// Its type in kebab-case, for example `contains-all`.
  public var type: String
  /// Its share in the weighted mean; 0 or more.
  public var weight: Double
  /// Whether failing it fails the test.
  public var required: RequiredGate?
  /// Level of the required gate, (0, 1].
  public var minScore: Double?
  /// Whether its score is turned around.
  public var negate: Bool
  /// Everything that was written for it.
  public var config: JSONObject
  /// Directories in which the files it names are looked for, nearest first.
  public var searchRoots: [String]
  /// Its criteria, checked; empty for graders that have none.
  public var rubrics: [RubricItem] = []
  /// Preprocessors of files for it, the suite's merged in; only for graders that ask a model.
  public var preprocessors: [Preprocessor] = []
  /// Members of a composite, read like any other grader; empty for all other types.
  public var members: [GraderSpec] = []

  /// A grader.
  public init(
    name: String, type: String, weight: Double = 1, required: RequiredGate? = nil,
    minScore: Double? = nil, negate: Bool = false, config: JSONObject = [:],
    searchRoots: [String] = []
  ) {
    self.name = name
    self.type = type
    self.weight = weight
    self.required = required
    self.minScore = minScore
    self.negate = negate
    self.config = config
    self.searchRoots = searchRoots
  }
}

/// The `required` field of a grader.
public enum RequiredGate: Sendable, Hashable {
  /// The grader must reach `min_score`, or else the test's threshold.
  case yes
  /// The grader must reach this score, (0, 1]; the old spelling.
  case level(Double)
}
