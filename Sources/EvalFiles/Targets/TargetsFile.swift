// targets.yaml: finding and reading it.

import Core

/// Where targets are defined.
public enum TargetsFile {
  /// Finds the targets file of an eval file.
  /// - Parameters:
  ///   - explicit: the argument of `--targets`, a file or a directory; `nil` to search.
  ///   - evalFile: the eval file, absolute; `nil` to search from the working directory.
  ///   - workingDirectory: what relative paths start from, absolute.
  /// - Returns: the file, absolute.
  /// - Throws: `EvalFileError` with `.targetsMissing`.
  public static func find(
    explicit: String?, evalFile: String?, workingDirectory: String
  ) throws(EvalFileError) -> String {
    throw EvalFileError(.targetsMissing, "")
  }

  /// Reads a targets file.
  /// - Throws: `EvalFileError` with every error of the file's shape.
  public static func load(
    _ path: String, workingDirectory: String
  ) throws(EvalFileError) -> TargetSet {
    throw EvalFileError(.targetsMissing, "")
  }
}

/// The targets of one file.
public struct TargetSet: Sendable {
  /// The file, absolute.
  public var file: String
  /// Names in the order of the file.
  public var names: [String]
  /// What is odd in the file.
  public var warnings: [Diagnostic]

  /// Resolves a target by name: follows `use_target`, replaces environment references.
  /// - Parameters:
  ///   - requested: the name; also the name that identifies results.
  ///   - useTarget: another entry to start from, as an `execution.targets` entry may say.
  ///   - environment: the variables.
  /// - Throws: `EvalFileError` with `.targetUnresolved`, naming the target, the file and the names
  ///   there are.
  public func resolve(
    _ requested: String, useTarget: String? = nil, environment: [String: String]
  ) throws(EvalFileError) -> ResolvedTarget {
    throw EvalFileError(.targetUnresolved, "")
  }
}
