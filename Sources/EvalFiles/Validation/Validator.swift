// Static checks of a project's files, without running anything.

public import Core

/// A file and what was found in it.
public struct ValidatedFile: Sendable {
  /// The file as seen from the working directory.
  public var path: String
  /// What it is.
  public var kind: FileKind
  /// What is wrong or odd, in the order of the file.
  public var diagnostics: [Diagnostic]

  /// Whether it has no error.
  public var isValid: Bool { !diagnostics.contains { $0.severity == .error } }
  /// Number of oddities.
  public var warningCount: Int { diagnostics.count { $0.severity == .warning } }

  /// The form of `agentv validate --json`.
  public var json: JSON {
    [
      "path": .string(path), "type": .string(kind.rawValue), "valid": .bool(isValid),
      "problems": .array(
        diagnostics.map { problem in
          [
            "severity": .string(problem.severity.rawValue), "file": .string(problem.file),
            "line": .optional(problem.line), "column": .optional(problem.column),
            "test_id": .optional(problem.testID), "location": .optional(problem.field),
            "message": .string(problem.message),
          ]
        }),
    ]
  }
}

/// Validates files.
public struct Validator: Sendable {
  /// Files that a directory argument stands for, whatever the case of the letters.
  static let directoryPattern = "**/{*.eval.yaml,*.eval.yml,eval.yaml,eval.yml}"

  let workingDirectory: String
  let environment: [String: String]
  let targetsFile: String?
  let patternProblem: @Sendable (String, String) -> String?

  /// A validator.
  /// - Parameters:
  ///   - workingDirectory: what relative paths start from, absolute.
  ///   - environment: variables of the process.
  ///   - targetsFile: where targets are looked up; `nil` to search as a run does.
  ///   - patternProblem: says what is wrong with a regular expression and its flags.
  public init(
    workingDirectory: String, environment: [String: String], targetsFile: String? = nil,
    patternProblem: @escaping @Sendable (String, String) -> String?
  ) {
    self.workingDirectory = workingDirectory
    self.environment = environment
    self.targetsFile = targetsFile
    self.patternProblem = patternProblem
  }

  /// The files that path arguments name: files, directories, globs.
  /// - Parameter paths: the arguments.
  /// - Returns: the files, absolute, sorted, each once.
  /// - Throws: `EvalFileError` for an argument that names none.
  public func files(_ paths: [String]) throws(EvalFileError) -> [String] {
    var found: Set<String> = []
    for argument in paths.map(\.trimmed) where !argument.isEmpty {
      let path = Path.absolute(argument, in: workingDirectory)
      switch FileIO.status(path)?.kind {
      case .directory:
        found.formUnion(
          FileWalk.files(
            matching: Glob(Self.directoryPattern, ignoringCase: true), in: path,
            skipping: ["node_modules", ".git"]
          ).filter { !Self.isHidden($0, below: path) })
      case nil:
        let matches = FileWalk.files(
          matching: Glob(argument), in: workingDirectory, skipping: ["node_modules", ".git"])
        guard !matches.isEmpty else {
          throw EvalFileError(
            .noEvalFiles,
            Glob.isPattern(argument)
              ? "nothing matches \(argument)" : "\(argument) does not exist")
        }
        found.formUnion(
          matches.filter { ["yaml", "yml", "json", "jsonl"].contains(FileWalk.ending($0)) })
      default: found.insert(path)
      }
    }
    return found.sorted()
  }

  private static func isHidden(_ path: String, below directory: String) -> Bool {
    Path.relative(path, to: directory).split(separator: "/").dropLast()
      .contains { $0.hasPrefix(".") && $0 != ".." }
  }

  /// Checks one file.
  /// - Parameter path: the file, absolute.
  /// - Returns: what was found.
  public func check(_ path: String) -> ValidatedFile {
    let file = SourceFile(path, workingDirectory: workingDirectory)
    let ending = FileWalk.ending(path)
    guard ["yaml", "yml", "json", "jsonl", "csv", "ts", "mts", "cts"].contains(ending) else {
      return ValidatedFile(
        path: file.display, kind: .unknown,
        diagnostics: [file.problem("expected a .yaml or .yml file, found .\(ending)")])
    }
    var root: SourceNode?
    if ending == "yaml" || ending == "yml" {
      do throws(Diagnostic) {
        root = try YAMLReader.read(try file.read(), file: file, environment: nil)
      } catch {
        return ValidatedFile(
          path: file.display, kind: FileKind.of(path, nil), diagnostics: [error])
      }
    }
    let kind = ending == "csv" ? .cases : ending.hasSuffix("ts") ? .eval : FileKind.of(path, root)
    let problems = Problems(isStrict: true, patternProblem: patternProblem)
    switch kind {
    case .eval, .cases:
      let loader = SuiteLoader(
        file: file, workingDirectory: workingDirectory, environment: environment,
        problems: problems)
      let suite = kind == .cases ? loader.loadCases(environment) : loader.load()
      if let suite, kind == .eval {
        TargetNames(
          workingDirectory: workingDirectory, targetsFile: targetsFile, problems: problems
        ).check(suite, root, file)
      }
    case .targets:
      _ = TargetsFile.read(path, workingDirectory: workingDirectory, problems)
    case .config:
      let config = ProjectConfig.read(
        path, workingDirectory: workingDirectory, environment: environment)
      return ValidatedFile(path: file.display, kind: kind, diagnostics: config.diagnostics)
    case .unknown:
      problems.note(
        file.problem(
          "File type not recognized. Eval files must end in .eval.yaml. Skipping validation.",
          severity: .warning))
    }
    return ValidatedFile(
      path: file.display, kind: kind, diagnostics: Self.sorted(problems, file.display))
  }

  /// The file's own problems by line, then those of other files.
  private static func sorted(_ problems: Problems, _ file: String) -> [Diagnostic] {
    let all = (problems.errors + problems.notes).enumerated().sorted { left, right in
      func key(_ entry: (offset: Int, element: Diagnostic)) -> (Int, String, Int, Int) {
        let problem = entry.element
        return (
          problem.file == file ? 0 : 1, problem.file, problem.line ?? 0, entry.offset
        )
      }
      return key(left) < key(right)
    }
    return all.map(\.element)
  }
}
