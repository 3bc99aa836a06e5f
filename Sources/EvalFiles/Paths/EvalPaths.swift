// From path arguments to eval files, and from a project to its eval files.

import Core

/// An eval file found in a project.
public struct DiscoveredEval: Sendable, Hashable {
  /// The file, absolute.
  public var path: String
  /// The file as seen from the project.
  public var relativePath: String
  /// Its category, derived from where it lies.
  public var category: String
}

extension EvalLoader {
  /// Endings of files that can be eval files.
  static let endings: Set<String> = ["yaml", "yml", "jsonl", "json", "ts", "mts", "cts"]
  /// What a directory argument stands for, whatever the case of the letters.
  static let directoryPattern = "**/{*.eval.yaml,*.eval.yml,eval.yaml,eval.yml}"
  /// What eval files of a project are called unless its config.yaml says otherwise.
  public static let defaultPatterns = ["**/evals/**/*.eval.yaml", "**/evals/**/eval.yaml"]

  /// The eval files that path arguments name, absolute, sorted, each once.
  /// - Parameters:
  ///   - paths: files, directories, globs, and globs to ignore that begin with `!`.
  ///   - workingDirectory: what relative paths start from, absolute.
  /// - Returns: the files.
  /// - Throws: `EvalFileError` when there is none.
  public static func resolvePaths(
    _ paths: [String], workingDirectory: String
  ) throws(EvalFileError) -> [String] {
    let arguments = paths.map(\.trimmed).filter { !$0.isEmpty }
    guard !arguments.isEmpty else {
      throw EvalFileError(
        .noEvalFiles, "No eval paths provided. Name a file, a directory or a glob.")
    }
    let includes = arguments.filter { !$0.hasPrefix("!") }
    guard !includes.isEmpty else {
      throw EvalFileError(
        .noEvalFiles, "No eval paths provided (only negation patterns found).")
    }
    let ignored = arguments.filter { $0.hasPrefix("!") }.map { Glob(String($0.dropFirst())) }
    var found: Set<String> = []
    for argument in includes {
      for path in files(argument, workingDirectory)
      where !ignored.contains(where: { isIgnored(path, $0, workingDirectory) }) {
        found.insert(path)
      }
    }
    guard !found.isEmpty else { throw nothingFound(includes, workingDirectory) }
    return found.sorted()
  }

  private static func files(_ argument: String, _ workingDirectory: String) -> [String] {
    let path = Path.absolute(argument, in: workingDirectory)
    switch FileIO.status(path)?.kind {
    case .file: return endings.contains(FileWalk.ending(path)) ? [path] : []
    case .directory:
      return FileWalk.files(
        matching: Glob(directoryPattern, ignoringCase: true), in: path, skipping: [".git"])
    default:
      return FileWalk.files(matching: Glob(argument), in: workingDirectory, skipping: [".git"])
        .filter { endings.contains(FileWalk.ending($0)) }
    }
  }

  /// Whether a glob names a file or one of the directories it lies in.
  private static func isIgnored(_ path: String, _ glob: Glob, _ workingDirectory: String) -> Bool {
    let isAbsolute = glob.pattern.hasPrefix("/")
    var rest = isAbsolute ? path : Path.relative(path, to: workingDirectory)
    while !rest.isEmpty, rest != "/", rest != "." {
      if glob.matches(rest) { return true }
      rest = Path.directory(rest)
    }
    return false
  }

  private static func nothingFound(
    _ includes: [String], _ workingDirectory: String
  ) -> EvalFileError {
    let reasons = includes.map { argument -> String in
      let path = Path.absolute(argument, in: workingDirectory)
      switch FileIO.status(path)?.kind {
      case .file:
        return "\(argument) is no .yaml, .yml or .jsonl file"
      case .directory:
        return "\(argument) holds no *.eval.yaml, *.eval.yml, eval.yaml or eval.yml"
      default:
        if let problem = Glob.problem(in: argument) { return "in \(argument) \(problem)" }
        return Glob.isPattern(argument)
          ? "nothing matches \(argument)" : "\(argument) does not exist"
      }
    }
    return EvalFileError(
      .noEvalFiles,
      "No eval files matched any provided paths or globs: \(includes.joined(separator: ", ")) "
        + "(\(reasons.joined(separator: "; ")); searched from \(workingDirectory))")
  }

  /// The eval files of a project, for the Studio and for wizards, sorted by relative path.
  /// - Parameters:
  ///   - project: directory of the project, absolute.
  ///   - patterns: globs relative to it, read without regard to case.
  /// - Returns: the files; `node_modules` and `dist` are not searched.
  public static func discover(
    project: String, patterns: [String] = defaultPatterns
  ) -> [DiscoveredEval] {
    var paths: Set<String> = []
    for pattern in patterns {
      paths.formUnion(
        FileWalk.files(
          matching: Glob(pattern, ignoringCase: true), in: project,
          skipping: ["node_modules", "dist", ".git"]))
    }
    return paths.filter { endings.contains(FileWalk.ending($0)) }
      .map { path in
        let relative = Path.relative(path, to: project)
        return DiscoveredEval(
          path: path, relativePath: relative, category: category(ofRelativePath: relative))
      }
      .sorted { $0.relativePath < $1.relativePath }
  }
}
