// Which target grades.

import Core
import EvalFiles

/// The grading target of one target under test.
enum GraderChoice: Sendable {
  /// A target by name.
  case named(String)
  /// The built-in grader with a model of the command line's.
  case builtIn(model: String)
  /// The target under test itself.
  case itself
  /// A mock, as in every dry run.
  case mock
  /// There is none, and why.
  case none(String)

  /// Kinds of targets that may grade themselves: they are models, and what they say of an answer
  /// does not depend on having given it.
  static let selfGrading: Set<String> = [
    "openai", "openrouter", "azure", "anthropic", "gemini", "agentv", "mock",
  ]
  /// The name on the command line that means the built-in grader.
  static let builtInName = "agentv"

  /// Chooses: the command line, then the target's own `grader_target`, then the target itself if it
  /// can.
  init(for target: ResolvedTarget, _ options: EvalOptions) {
    if options.dryRun {
      self = .mock
    } else if let name = options.graderTarget {
      self = name == Self.builtInName ? .builtIn(model: options.model ?? "") : .named(name)
    } else if let name = Self.text(target, "grader_target") ?? Self.text(target, "judge_target") {
      self = .named(name)
    } else if Self.selfGrading.contains(target.provider) {
      self = .itself
    } else {
      let unset = target.unsetVariables["grader_target"].map {
        " (its grader_target is the environment variable \($0), which is not set)"
      }
      self = .none(
        "No grader provider available for LLM grading: target '\(target.name)' "
          + "(\(target.writtenProvider)) cannot grade its own answers\(unset ?? ""); give it a "
          + "grader_target in targets.yaml, or use --grader-target")
    }
  }

  private static func text(_ target: ResolvedTarget, _ name: String) -> String? {
    target.settings[name]?.string.map(\.trimmed).flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension EvalOptions {
  /// Refuses options about grading that do not go together.
  func validateGrading() throws(EvalRunError) {
    if graderTarget == GraderChoice.builtInName, model == nil {
      throw EvalRunError(
        "--grader-target agentv requires --model (e.g., --model openai:gpt-5-mini)")
    }
    if graderTarget?.isEmpty == true { throw EvalRunError("--grader-target needs a name") }
    if model?.isEmpty == true { throw EvalRunError("--model needs a name such as openai:MODEL") }
  }
}
