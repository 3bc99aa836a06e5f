// Everything found wrong with one eval file, kept until the whole of it has been read.

import Core

/// Collects problems; lives on the stack of one load.
final class Problems {
  /// Problems that make the file unusable.
  private(set) var errors: [Diagnostic] = []
  /// Problems that leave something out, and oddities.
  private(set) var notes: [Diagnostic] = []

  /// Reports a problem that makes the file unusable.
  func fatal(_ diagnostic: Diagnostic) { errors.append(diagnostic) }
  /// Reports a problem that leaves something out, or an oddity.
  func note(_ diagnostic: Diagnostic) { notes.append(diagnostic) }
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
