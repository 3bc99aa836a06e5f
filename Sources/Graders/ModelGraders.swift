// Graders that this version cannot run, and their mock in a dry run.

import Core
import EvalFiles

/// A known type that this version does not run: the test cannot be judged, which its row says.
struct UnavailableGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    .skipped(Self.text(spec.type))
  }

  static func text(_ type: String) -> String {
    "The grader type '\(type)' is not available in this version of agentv, so the test cannot be "
      + "judged. Available: \(GraderTypes.available.sorted().joined(separator: ", "))."
  }
}

/// `llm-grader` and `rubrics`.
///
/// In a dry run the model is a mock that answers score 1 and no checks: free-form graders score 1,
/// rubrics 0. A grader with a target of its own would still ask the real one.
struct ModelGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    guard input.dryRun, spec.config["target"] == nil else {
      if input.test.assertions.isEmpty {
        return .skipped(
          "The test names no graders, and the model that would judge it by its criteria is not "
            + "available in this version of agentv. Give it assertions, for example contains or "
            + "code-grader.")
      }
      return .skipped(UnavailableGrader.text(spec.type))
    }
    let hasRubrics = spec.type == "rubrics" || spec.config["rubrics"]?.array?.isEmpty == false
    return Judgement(score: hasRubrics ? 0 : 1, assertions: [])
  }
}

/// A type that is neither built in nor defined by a script of the project's.
struct CustomGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    guard Self.script(spec.type, above: input.test.directory) == nil else {
      return .skipped(UnavailableGrader.text(spec.type))
    }
    throw GraderError("Unknown grader type: \(spec.type)")
  }

  /// The script that defines a type, in `.agentv` of a directory or of one above it.
  private static func script(_ type: String, above directory: String) -> String? {
    guard !type.contains("/"), !type.contains("\0") else { return nil }
    var directory = directory
    while true {
      for folder in ["assertions", "graders", "judges"] {
        for ending in GraderTypes.scriptExtensions {
          let path = "\(directory)/.agentv/\(folder)/\(type).\(ending)"
          if FileIO.isFile(path) { return path }
        }
      }
      guard directory.hasPrefix("/"), directory != "/" else { return nil }
      directory = Path.directory(directory)
    }
  }
}
