// `agentv validate`: checks files and says what was found.

import Core
import EvalFiles
import Graders

/// What `agentv validate` was asked for.
public struct ValidateOptions: Sendable {
  /// Files, directories and globs.
  public var paths: [String] = []
  /// targets.yaml or its directory; `nil` to search as a run does.
  public var targetsFile: String?
  /// Most warnings that are accepted; `nil` for any number.
  public var maxWarnings: Int?
  /// Whether the result is JSON.
  public var isJSON = false

  /// Options that name nothing.
  public init() {}
}

/// Validates files and prints what was found.
public enum ValidateRun {
  /// Checks the files that the options name.
  /// - Parameters:
  ///   - options: the command line.
  ///   - environment: variables of this process.
  ///   - workingDirectory: absolute path of the directory that relative paths start from.
  /// - Returns: the exit code: 0, or 1 for a file with an error or too many warnings.
  public static func run(
    _ options: ValidateOptions, environment: [String: String], workingDirectory: String
  ) -> Int32 {
    guard !options.paths.isEmpty else {
      StandardStream.error.write(
        "Usage: agentv validate PATHS...\nName eval files, directories or globs to check.\n")
      return 1
    }
    let validator = Validator(
      workingDirectory: workingDirectory, environment: environment,
      targetsFile: options.targetsFile,
      patternProblem: { RegexCheck.problem($0, flags: $1) })
    let paths: [String]
    do throws(EvalFileError) {
      paths = try validator.files(options.paths)
    } catch {
      StandardStream.error.write("Error: \(error.description)\n")
      return 1
    }
    let files = paths.map(validator.check)
    let report = Report(files: files, options: options)
    StandardStream.output.write(options.isJSON ? report.json.prettyText + "\n" : report.text)
    if report.hasTooManyWarnings, let most = options.maxWarnings {
      StandardStream.error.write("Found \(report.warnings) warnings (max allowed: \(most))\n")
    }
    return report.isGood ? 0 : 1
  }

  /// What is printed.
  struct Report {
    let files: [ValidatedFile]
    let options: ValidateOptions

    var warnings: Int { files.reduce(0) { $0 + $1.warningCount } }
    var invalid: Int { files.count { !$0.isValid } }
    var hasTooManyWarnings: Bool { options.maxWarnings.map { warnings > $0 } ?? false }
    var isGood: Bool { invalid == 0 && !hasTooManyWarnings }

    var json: JSON {
      [
        "files": .array(files.map(\.json)),
        "summary": [
          "total": .int(files.count), "valid": .int(files.count - invalid),
          "invalid": .int(invalid), "warnings": .int(warnings),
        ],
      ]
    }

    var text: String {
      var lines = ["", "Validation Summary", ""]
      for file in files {
        lines.append("\(file.isValid ? "✓" : "✗") \(file.path)")
        for problem in file.diagnostics {
          let mark = problem.severity == .error ? "✗" : "⚠"
          let field = problem.field.flatMap { $0.isEmpty ? nil : "[\($0)] " } ?? ""
          let place = Self.place(of: problem, in: file)
          lines.append("  \(mark) \(field)\(place)\(problem.message)")
        }
      }
      if files.isEmpty { lines.append("No files to validate.") }
      lines += [
        "", "Total files: \(files.count)", "Valid: \(files.count - invalid)",
        "Invalid: \(invalid)",
      ]
      let odd = files.count { $0.warningCount > 0 }
      if odd > 0 { lines.append("Files with warnings: \(odd)") }
      return lines.joined(separator: "\n") + "\n"
    }

    /// Line and column, the file when it is another one, and the test.
    private static func place(of problem: Diagnostic, in file: ValidatedFile) -> String {
      var parts: [String] = problem.file == file.path ? [] : [problem.file]
      if let line = problem.line {
        parts.append(String(line))
        if let column = problem.column { parts.append(String(column)) }
      }
      var place = parts.isEmpty ? "" : parts.joined(separator: ":") + ": "
      if let id = problem.testID { place += "test '\(id)': " }
      return place
    }
  }
}
