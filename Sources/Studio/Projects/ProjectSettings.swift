// What .agentv/config.yaml says to the Studio. Read for every request that needs it; blocking.

import Core
import EvalFiles

enum ProjectSettings {
  static let limitBytes = 1 << 20
  static let defaultThreshold = 0.8

  /// Score from which the pages show a test as passed.
  static func threshold(project: String) -> Double {
    let file = Path.join(project, ".agentv/config.yaml")
    return threshold(YAMLFile.read(file, limitBytes: limitBytes) ?? .null)
  }

  /// What eval files are called in this project; `nil` when it does not say.
  static func evalPatterns(project: String) -> [String]? {
    let config = YAMLFile.read(Path.join(project, ".agentv/config.yaml"), limitBytes: limitBytes)
    let patterns = (config?["eval_patterns"]?.array ?? []).compactMap(\.string)
    return patterns.isEmpty ? nil : patterns
  }

  /// `studio.threshold`, else `studio.pass_threshold`, else, only without a `studio` section,
  /// `pass_threshold`; 0…1.
  static func threshold(_ config: JSON) -> Double {
    let number: Double? =
      if let studio = config["studio"], studio.object != nil {
        studio["threshold"]?.double ?? studio["pass_threshold"]?.double
      } else {
        config["pass_threshold"]?.double
      }
    guard let number, !number.isNaN else { return defaultThreshold }
    return min(1, max(0, number))
  }
}
