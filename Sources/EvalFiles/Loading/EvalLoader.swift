// Entry points: from path arguments to suites.

import Core

/// What loading gave.
public struct LoadedEvals: Sendable {
  /// One per eval file, in the order in which they run.
  public var suites: [EvalSuite]
  /// Files that cannot be used, in order.
  public var failures: [FailedEval] = []
  /// What was left out and why (incomplete tests, unusable graders), and oddities.
  ///
  /// The errors among them do not stop a run.
  public var diagnostics: [Diagnostic]
}

/// An eval file that cannot be used.
public struct FailedEval: Sendable {
  /// The file as seen from the working directory.
  public var relativePath: String
  /// Everything that makes it unusable.
  public var errors: [Diagnostic]
}

/// Loading of eval files.
public enum EvalLoader {
  /// Loads all eval files that path arguments name.
  /// - Parameters:
  ///   - paths: files, directories, globs, and globs to ignore that begin with `!`.
  ///   - workingDirectory: what relative paths start from, absolute.
  ///   - environment: variables of the process; they go before those of `.env` files.
  /// - Returns: suites, diagnostics, and the files that cannot be used: one of these stops no
  ///   other.
  /// - Throws: `EvalFileError` with every error of every file when none can be used.
  public static func load(
    paths: [String], workingDirectory: String, environment: [String: String]
  ) throws(EvalFileError) -> LoadedEvals {
    var loaded = LoadedEvals(suites: [], diagnostics: [])
    for path in try resolvePaths(paths, workingDirectory: workingDirectory) {
      let loader = SuiteLoader(
        file: SourceFile(path, workingDirectory: workingDirectory),
        workingDirectory: workingDirectory, environment: environment)
      if let suite = loader.load() {
        loaded.suites.append(suite)
      } else {
        loaded.failures.append(
          FailedEval(
            relativePath: Path.relative(path, to: workingDirectory),
            errors: loader.problems.errors))
      }
      loaded.diagnostics += loader.problems.notes
    }
    if loaded.suites.isEmpty {
      throw EvalFileError(
        loaded.failures.flatMap(\.errors) + loaded.diagnostics.filter { $0.severity == .error })
    }
    return loaded
  }

  /// Loads one eval file.
  /// - Parameters:
  ///   - path: the file, absolute.
  ///   - workingDirectory: the working directory, absolute.
  ///   - environment: variables of the process.
  /// - Returns: its suite and diagnostics.
  /// - Throws: `EvalFileError` with every error of the file.
  public static func load(
    file path: String, workingDirectory: String, environment: [String: String]
  ) throws(EvalFileError) -> (suite: EvalSuite, diagnostics: [Diagnostic]) {
    let loader = SuiteLoader(
      file: SourceFile(path, workingDirectory: workingDirectory),
      workingDirectory: workingDirectory, environment: environment)
    guard let suite = loader.load() else { throw EvalFileError(loader.problems.errors) }
    return (suite, loader.problems.notes)
  }

  /// The category of an eval file that names none: its directories without those called `evals`.
  static func category(ofRelativePath path: String) -> String {
    let names = path.split(separator: "/").dropLast().filter { $0 != "evals" && $0 != ".." }
    return names.isEmpty ? "Uncategorized" : names.joined(separator: "/")
  }
}
