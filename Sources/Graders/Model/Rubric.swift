// The criteria of a rubrics grader.

import Core
import EvalFiles

/// All criteria of one grader.
struct Rubric: Sendable, Equatable {
  /// The criteria; no two have the same id.
  var criteria: [RubricItem]

  /// Whether criteria are scored from 0 to 10 instead of checked.
  var isScored: Bool { criteria.contains { !$0.scoreRanges.isEmpty } }

  /// The criteria of a grader; `nil` when it has none and judges freely.
  /// - Throws: `GraderError` when none of those that were written can be used.
  static func of(_ spec: GraderSpec) throws(GraderError) -> Rubric? {
    guard !spec.rubrics.isEmpty else {
      if spec.type == "rubrics" || spec.config["rubrics"]?.array?.isEmpty == false {
        throw GraderError("none of its criteria can be used; each needs an `outcome`")
      }
      return nil
    }
    var criteria: [RubricItem] = []
    for item in spec.rubrics {
      var item = item
      // Two criteria of one id could not be told apart in a reply.
      var copy = 2
      while criteria.contains(where: { $0.id == item.id }) {
        item.id = "\(spec.rubrics[criteria.count].id)-\(copy)"
        copy += 1
      }
      // What is listed is wanted, unless it says otherwise; ranges have gates of their own.
      if item.required == nil, item.scoreRanges.isEmpty { item.required = true }
      criteria.append(item)
    }
    return Rubric(criteria: criteria)
  }
}
