// What .agentv/config.yaml says to the Studio. Read for every request that needs it; blocking.

import Core
import EvalFiles

enum ProjectSettings {
  static let limitBytes = 1 << 20
  static let defaultThreshold = 0.8

  static func file(_ project: String) -> String { Path.join(project, ".agentv/config.yaml") }

  /// Score from which the pages show a test as passed.
  static func threshold(project: String) -> Double {
    threshold(YAMLFile.read(file(project), limitBytes: limitBytes) ?? .null)
  }

  /// What eval files are called in this project; `nil` when it does not say.
  static func evalPatterns(project: String) -> [String]? {
    let config = YAMLFile.read(file(project), limitBytes: limitBytes)
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

  /// The settings that a request asks for: `threshold`, clamped to 0…1 as upstream does.
  /// - Throws: `RequestError` for another member and another type, which upstream would store.
  static func changes(_ body: [UInt8]) throws(RequestError) -> JSONObject {
    let object = try RequestError.object(body)
    var changes: JSONObject = [:]
    for (name, value) in object {
      guard name == "threshold" else {
        throw .invalid(name, "is no setting of the Studio; known: threshold")
      }
      if value.isNull { continue }
      guard let number = value.double else {
        throw .invalid(name, "must be a number from 0 to 1, not \(value.kind)")
      }
      changes[name] = .double(min(1, max(0, number)))
    }
    return changes
  }

  /// Writes settings into the `studio` section.
  ///
  /// Other sections are kept, comments are not; the older `pass_threshold` goes.
  /// - Returns: the section as it is now.
  /// - Throws: `config-unwritable` when the file is no YAML mapping or cannot be written.
  static func save(_ changes: JSONObject, project: String) throws(RequestError) -> JSON {
    let path = file(project)
    var config: JSONObject = [:]
    if FileIO.exists(path) {
      let isEmpty = (try? FileIO.read(path, limitBytes: limitBytes))?.allSatisfy { $0 <= 0x20 }
      if isEmpty != true {
        guard let known = YAMLFile.read(path, limitBytes: limitBytes)?.object else {
          throw unwritable("\"\(path)\" is not a YAML mapping")
        }
        config = known
      }
    }
    var studio = config["studio"]?.object ?? [:]
    let threshold = changes["threshold"] ?? .double(Self.threshold(.object(config)))
    studio["pass_threshold"] = nil
    studio["threshold"] = threshold
    config["pass_threshold"] = nil
    config["studio"] = .object(studio)
    do {
      try FileIO.createDirectories(Path.directory(path))
      try FileIO.replace(path, Array(YAMLFile.text(.object(config)).utf8))
    } catch {
      throw unwritable(error.description)
    }
    return .object(studio)
  }

  private static func unwritable(_ reason: String) -> RequestError {
    RequestError(
      status: 500, code: "config-unwritable", message: "Failed to save config: \(reason)")
  }
}
