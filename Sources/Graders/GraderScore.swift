// What one grader found, as rows show it.

public import Core
public import EvalFiles

/// What one grader found.
public struct GraderScore: Sendable {
  /// The grader's name.
  public var name: String
  /// The grader's type, as rows show it.
  public var type: String
  /// 0…1.
  public var score: Double
  /// Its share in the weighted mean.
  public var weight: Double
  /// Its judgement.
  public var verdict: Verdict
  /// What it checked.
  public var assertions: [AssertionResult]
  /// Whatever else it had to say.
  public var details: JSONObject?
  /// What it was asked, for those who look into it later.
  public var input: JSONObject?
  /// Name of the target that graded, if a model did.
  public var target: String?
  /// Tokens that grading used.
  public var tokenUsage: TokenUsage?
  /// What grading cost in US dollars, if reported.
  public var costUSD: Double?
  /// What the members of a composite found.
  public var scores: [GraderScore] = []
  /// Whether the entry of a member shows its weight.
  public var showsWeight = true
  /// When it began.
  public var startedAt: Timestamp
  /// When it ended.
  public var endedAt: Timestamp
  /// How long it took, in milliseconds.
  public var durationMS: Int
  /// Whether it comes from the implicit grader of a test that names none.
  ///
  /// Upstream leaves `scores` out of such a row.
  public var isImplicit = false

  /// The entry of `scores[]` in a row.
  public var json: JSON {
    var object = entry(weight: weight)
    object.appendUnchecked("duration_ms", .int(durationMS))
    object.appendUnchecked("started_at", .string(startedAt.description))
    object.appendUnchecked("ended_at", .string(endedAt.description))
    return .object(object)
  }

  /// The entry in the `scores[]` of a composite.
  private var memberJSON: JSON { .object(entry(weight: showsWeight ? weight : nil)) }

  private func entry(weight: Double?) -> JSONObject {
    var object: JSONObject = [:]
    object.appendUnchecked("name", .string(name))
    object.appendUnchecked("type", .string(type))
    object.appendUnchecked("score", .double(score))
    if let weight { object.appendUnchecked("weight", .double(weight)) }
    object.appendUnchecked("verdict", .string(verdict.rawValue))
    object.appendUnchecked("assertions", .array(assertions.map(\.json)))
    if let input { object.appendUnchecked("input", .object(input)) }
    if let target { object.appendUnchecked("target", .string(target)) }
    if let details { object.appendUnchecked("details", .object(details)) }
    if !scores.isEmpty { object.appendUnchecked("scores", .array(scores.map(\.memberJSON))) }
    if let tokenUsage { object.appendUnchecked("token_usage", tokenUsage.json) }
    if let costUSD { object.appendUnchecked("cost_usd", .double(costUSD)) }
    return object
  }
}
