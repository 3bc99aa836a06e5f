// A composite as an eval file writes it.

import Core
import EvalFiles

/// Members and aggregator of a composite.
struct CompositeSpec: Sendable {
  /// How the members' results become one.
  enum Aggregator: Sendable {
    /// The weighted mean; weights by member name go before the members' own.
    case weightedAverage(JSONObject)
    /// The share of members that pass.
    case threshold(Double)
    /// A shell command that gets the results.
    case script(String)
    /// A model that gets the results, with a prompt of the author's if there is one.
    case model(prompt: String?)
  }

  /// Composites inside of composites that are followed.
  static let maximumDepth = 16

  var members: [GraderSpec]
  var aggregator: Aggregator

  /// The composite of a grader.
  /// - Throws: `GraderError` naming what is missing or wrong.
  static func of(_ spec: GraderSpec) throws(GraderError) -> CompositeSpec {
    guard !spec.members.isEmpty else {
      throw GraderError("it needs `assertions`: a list of graders that is not empty")
    }
    return CompositeSpec(members: spec.members, aggregator: try aggregator(spec))
  }

  private static func aggregator(_ spec: GraderSpec) throws(GraderError) -> Aggregator {
    guard let written = spec.config["aggregator"], !written.isNull else {
      throw GraderError("it needs an `aggregator` with a type")
    }
    let type = (written["type"] ?? written).string ?? ""
    switch type.replacing("_", with: "-") {
    case "weighted-average": return .weightedAverage(written["weights"]?.object ?? [:])
    case "threshold":
      guard let level = written["threshold"]?.double, (0...1).contains(level) else {
        throw GraderError(
          "the threshold of its aggregator must be a number from 0 to 1, found "
            + (written["threshold"]?.text ?? "none"))
      }
      return .threshold(level)
    case "code-grader":
      guard let path = written["path"]?.string?.trimmed, !path.isEmpty else {
        throw GraderError("its code-grader aggregator needs a `path`: a shell command")
      }
      return .script(path)
    case "llm-grader": return .model(prompt: written["prompt"]?.string)
    default:
      throw GraderError(
        "the type of its aggregator must be weighted_average, threshold, code-grader or "
          + "llm-grader, found '\(type)'")
    }
  }
}

extension GraderSpec {
  /// The score that a required grader must reach; `nil` for one that is not required.
  func requiredLevel(threshold: Double) -> Double? {
    switch required {
    case nil: nil
    case .yes: minScore ?? threshold
    case .level(let level): minScore ?? level
    }
  }
}
