// What a grading model replied, checked and turned into a judgement.

import Core
import EvalFiles

/// Reads replies.
enum GraderReplies {
  /// Most statements of a free reply that are kept.
  static let statementLimit = 8

  /// The judgement in a reply.
  /// - Throws: `GraderError` saying what is wrong with the reply.
  static func judgement(_ text: String, _ rubric: Rubric?) throws(GraderError) -> Judgement {
    let reply = try LenientJSON.parse(text)
    guard let object = reply.object else {
      throw GraderError("expected a JSON object, found \(reply.kind)")
    }
    guard let rubric else { return try freeForm(object) }
    return rubric.isScored ? try scored(object, rubric) : try checklist(object, rubric)
  }

  // MARK: Free form

  private static func freeForm(_ reply: JSONObject) throws(GraderError) -> Judgement {
    guard let score = reply["score"]?.double, (0...1).contains(score) else {
      throw GraderError(
        "score must be a number from 0 to 1, found \(reply["score"]?.text ?? "none")")
    }
    var assertions: [AssertionResult] = []
    switch reply["assertions"] {
    case nil, .null: break
    case .array(let items):
      for item in items {
        guard let text = item["text"]?.string, let passed = boolean(item["passed"]) else {
          throw GraderError("assertions need `text` and `passed`, found \(short(item))")
        }
        assertions.append(
          AssertionResult(text, passed: passed, evidence: item["evidence"]?.string))
      }
    case .some(let value): throw GraderError("assertions must be a list, found \(value.kind)")
    }
    let details = reply["details"]?.object
    return Judgement(
      score: score, assertions: Array(assertions.prefix(statementLimit)),
      details: details.flatMap { $0.isEmpty ? nil : $0 })
  }

  // MARK: Rubrics

  /// The checks of a reply by id; the first one counts, ids that nobody asked for do not.
  private static func checks(
    _ reply: JSONObject, _ rubric: Rubric
  ) throws(GraderError) -> [String: JSON] {
    guard let checks = reply["checks"]?.array else {
      throw GraderError("checks must be a list, found \(reply["checks"]?.kind ?? "none")")
    }
    var byID: [String: JSON] = [:]
    for check in checks {
      guard let id = check["id"]?.string else {
        throw GraderError("a check has no `id`: \(short(check))")
      }
      if byID[id] == nil { byID[id] = check }
    }
    return byID
  }

  private static func checklist(
    _ reply: JSONObject, _ rubric: Rubric
  ) throws(GraderError) -> Judgement {
    let checks = try checks(reply, rubric)
    var assertions: [AssertionResult] = []
    var earned = 0.0
    var failsRequired = false
    for criterion in rubric.criteria {
      var isSatisfied = false
      var reasoning: String? = notJudged
      if let check = checks[criterion.id] {
        guard let value = boolean(check["satisfied"]) else {
          throw GraderError(
            "satisfied of '\(criterion.id)' must be true or false, found \(short(check))")
        }
        isSatisfied = value
        reasoning = check["reasoning"]?.string
      }
      if isSatisfied {
        earned += criterion.weight
      } else if criterion.required == true {
        failsRequired = true
      }
      assertions.append(
        AssertionResult(
          "[\(criterion.id)] \(criterion.outcome)", passed: isSatisfied, evidence: reasoning))
    }
    return judgement(earned, rubric, assertions, fails: failsRequired)
  }

  private static func scored(
    _ reply: JSONObject, _ rubric: Rubric
  ) throws(GraderError) -> Judgement {
    let checks = try checks(reply, rubric)
    var assertions: [AssertionResult] = []
    var raw = JSONObject()
    var earned = 0.0
    var failsGate = false
    for criterion in rubric.criteria {
      var score = 0
      var reasoning: String? = notJudged
      if let check = checks[criterion.id] {
        guard let value = check["score"]?.int, (0...10).contains(value) else {
          throw GraderError(
            "score of '\(criterion.id)' must be a whole number from 0 to 10, found \(short(check))")
        }
        score = value
        reasoning = check["reasoning"]?.string
        raw[criterion.id] = .int(score)
      }
      earned += Double(score) / 10 * criterion.weight
      let level = criterion.minScore ?? (criterion.required == true ? 1 : nil)
      let isBelowGate = level.map { Double(score) / 10 < $0 } ?? false
      if isBelowGate { failsGate = true }
      let range = criterion.scoreRanges.first { $0.low <= score && score <= $0.high }
      let label = criterion.outcome.isEmpty ? criterion.id : criterion.outcome
      assertions.append(
        AssertionResult(
          "[\(criterion.id)] \(label) - Score: \(score)/10 (\(range?.outcome ?? ""))",
          passed: score >= 7 && !isBelowGate, evidence: reasoning))
    }
    var judgement = judgement(earned, rubric, assertions, fails: failsGate)
    judgement.details = [
      "raw_scores": .object(raw), "normalization": "score / 10",
      "aggregation": "weighted_average",
    ]
    return judgement
  }

  /// Evidence for a criterion that the reply leaves out: it counts as not met, since a model that
  /// forgets one must not raise the score.
  private static let notJudged = "The grader did not judge this item."

  private static func judgement(
    _ earned: Double, _ rubric: Rubric, _ assertions: [AssertionResult], fails: Bool
  ) -> Judgement {
    let total = rubric.criteria.reduce(0) { $0 + $1.weight }
    return Judgement(
      score: total > 0 ? min(1, max(0, earned / total)) : 0, verdict: fails ? .fail : nil,
      assertions: assertions)
  }

  private static func boolean(_ json: JSON?) -> Bool? {
    switch json {
    case .bool(let value): value
    case .string(let text): ["true": true, "false": false][text.trimmed.lowercased()]
    default: nil
    }
  }

  private static func short(_ json: JSON) -> String { BoundedText.cut(json.text, to: 200) }
}
