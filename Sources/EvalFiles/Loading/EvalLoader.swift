// Entry points: from path arguments to suites.

/// What loading gave.
public struct LoadedEvals: Sendable {
  /// One per eval file, in the order in which they run.
  public var suites: [EvalSuite]
  /// What was left out and why (incomplete tests, unusable graders), and what is odd. The errors
  /// among them do not stop a run.
  public var diagnostics: [Diagnostic]
}

/// An eval file found in a project.
public struct DiscoveredEval: Sendable, Hashable {
  /// The file, absolute.
  public var path: String
  /// The file as seen from the project.
  public var relativePath: String
  /// Its category, derived from where it lies.
  public var category: String
}

/// Loading of eval files.
public enum EvalLoader {
  /// Loads all eval files that path arguments name.
  /// - Parameters:
  ///   - paths: files, directories, globs, and globs to ignore that begin with `!`.
  ///   - workingDirectory: what relative paths start from, absolute.
  ///   - environment: variables of the process; they go before those of `.env` files.
  /// - Returns: suites and diagnostics.
  /// - Throws: `EvalFileError` with every error of every file.
  public static func load(
    paths: [String], workingDirectory: String, environment: [String: String]
  ) throws(EvalFileError) -> LoadedEvals {
    throw EvalFileError(.noEvalFiles, "")
  }

  /// The eval files that path arguments name, absolute, sorted, each once.
  /// - Throws: `EvalFileError` when there is none.
  public static func resolvePaths(
    _ paths: [String], workingDirectory: String
  ) throws(EvalFileError) -> [String] {
    throw EvalFileError(.noEvalFiles, "")
  }

  /// The eval files of a project, for the Studio and for wizards, sorted by relative path.
  public static func discover(project: String) -> [DiscoveredEval] {
    []
  }
}
