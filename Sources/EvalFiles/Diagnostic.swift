// What is wrong with a file of the user's, and where.

/// One thing that is wrong or odd in a file.
public struct Diagnostic: Error, Sendable, Hashable, CustomStringConvertible {
  /// How bad it is.
  public enum Severity: String, Sendable, Hashable {
    /// What it is about cannot be used.
    case error
    /// It is used, or left out, but the author should know.
    case warning
  }
  /// How bad it is.
  public var severity: Severity
  /// The file, as the user would name it.
  public var file: String
  /// Line, from 1.
  public var line: Int?
  /// Column, from 1.
  public var column: Int?
  /// Id of the test it belongs to.
  public var testID: String?
  /// The field, as a path such as `tests[2].input[0].role`.
  public var field: String?
  /// What was expected, what was found, and the remedy.
  public var message: String

  /// A diagnostic.
  public init(
    _ severity: Severity, file: String, line: Int? = nil, column: Int? = nil,
    testID: String? = nil, field: String? = nil, message: String
  ) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.testID = testID
    self.field = field
    self.message = message
  }

  /// `file:line:column: test 'id': field: message`, each part as far as it is known.
  public var description: String {
    var place = file
    if let line { place += ":\(line)" }
    if line != nil, let column { place += ":\(column)" }
    var parts = [place]
    if let testID { parts.append("test '\(testID)'") }
    if let field, !field.isEmpty { parts.append(field) }
    parts.append(message)
    return parts.joined(separator: ": ")
  }
}

/// Eval files or a targets file that cannot be used.
public struct EvalFileError: Error, Sendable, CustomStringConvertible {
  /// Closed set of reasons.
  public enum Code: String, Sendable, Hashable {
    /// Paths and globs gave no file.
    case noEvalFiles = "no-eval-files"
    /// Something in the files is wrong.
    case invalid
    /// There is no targets file.
    case targetsMissing = "targets-missing"
    /// There is no such target, or it cannot be resolved.
    case targetUnresolved = "target-unresolved"
  }
  /// Why.
  public var code: Code
  /// All problems found, in the order of files and lines.
  public var diagnostics: [Diagnostic]
  private var text: String?

  /// Problems in files.
  public init(_ diagnostics: [Diagnostic], code: Code = .invalid) {
    self.code = code
    self.diagnostics = diagnostics
  }

  /// A problem without a place in a file.
  public init(_ code: Code, _ message: String) {
    self.code = code
    diagnostics = []
    text = message
  }

  /// All problems, one a line.
  public var description: String {
    text ?? diagnostics.map(\.description).joined(separator: "\n")
  }
}
