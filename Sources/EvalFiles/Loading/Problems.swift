// Everything found wrong with one eval file, kept until the whole of it has been read.

import Core

/// Collects problems; lives on the stack of one load.
final class Problems {
  /// Most problems of one file that are kept; a list that goes on for ever helps nobody.
  static let maximumKept = 1_000

  /// Whether what a run only warns about, because it can go on without it, counts as an error.
  ///
  /// So it is in `agentv validate`: a file that is missing, an entry that is no test.
  let isStrict: Bool
  /// Says what is wrong with a regular expression and its flags; `nil` for not looking.
  let patternProblem: (@Sendable (String, String) -> String?)?
  /// What was found so far.
  struct Found {
    fileprivate(set) var errors: [Diagnostic] = []
    fileprivate(set) var notes: [Diagnostic] = []
    fileprivate var said: Set<String> = []
    fileprivate var left = 0
    /// Files that are referred to and cannot be read.
    fileprivate(set) var missingCount = 0
  }

  /// What was found so far; set to an earlier value, it forgets what came after that.
  var found = Found()

  init(
    isStrict: Bool = false, patternProblem: (@Sendable (String, String) -> String?)? = nil
  ) {
    self.isStrict = isStrict
    self.patternProblem = patternProblem
  }

  /// Problems that make the file unusable.
  var errors: [Diagnostic] { found.errors }
  /// Problems that leave something out, and oddities.
  var notes: [Diagnostic] { found.notes }

  /// Reports a problem that makes the file unusable.
  func fatal(_ diagnostic: Diagnostic) {
    if found.errors.count < Self.maximumKept { found.errors.append(diagnostic) }
  }

  /// Reports a problem that leaves something out, or an oddity.
  func note(_ diagnostic: Diagnostic) {
    guard found.notes.count >= Self.maximumKept else { return found.notes.append(diagnostic) }
    found.left += 1
    found.notes[Self.maximumKept - 1] = Diagnostic(
      diagnostic.severity, file: diagnostic.file,
      message: "\(found.left + 1) more problems of this file are not shown")
  }

  /// Reports something that a run goes on without.
  func lenient(_ diagnostic: Diagnostic) {
    var diagnostic = diagnostic
    if isStrict { diagnostic.severity = .error }
    note(diagnostic)
  }

  /// Reports a file that is referred to and cannot be read.
  func missing(_ diagnostic: Diagnostic) {
    found.missingCount += 1
    lenient(diagnostic)
  }

  /// Reports an oddity, unless the same has been said about this subject already.
  func noteOnce(_ subject: String, _ diagnostic: Diagnostic) {
    if found.said.insert(subject).inserted { note(diagnostic) }
  }
}

/// Where a value stands, for messages about it.
struct FieldPlace {
  /// The file it is in.
  var file: SourceFile
  /// The test it belongs to.
  var testID: String?
  /// Its path in the file.
  var field: String

  /// A member of this value.
  func member(_ name: String) -> FieldPlace {
    FieldPlace(file: file, testID: testID, field: field.isEmpty ? name : "\(field).\(name)")
  }

  /// An element of this value.
  func element(_ index: Int) -> FieldPlace {
    FieldPlace(file: file, testID: testID, field: "\(field)[\(index)]")
  }

  /// A problem with this value.
  func error(_ message: String, _ node: SourceNode) -> Diagnostic {
    file.problem(message, at: node.position, testID: testID, field: field)
  }

  /// An oddity of this value.
  func warning(_ message: String, _ node: SourceNode) -> Diagnostic {
    file.problem(message, at: node.position, testID: testID, field: field, severity: .warning)
  }
}
