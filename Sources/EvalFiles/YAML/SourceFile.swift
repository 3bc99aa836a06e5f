// Text files of the user's, read whole and checked.

import Core

/// A text file with the name by which messages call it.
struct SourceFile: Sendable {
  /// Largest file that is read whole; an eval file beyond it is a mistake.
  static let maximumBytes = 256 << 20

  /// The file, absolute.
  let path: String
  /// Its name in messages: relative to the working directory when it is below it.
  let display: String

  init(_ path: String, workingDirectory: String) {
    self.path = path
    display = Self.display(path, workingDirectory)
  }

  /// A path as messages show it.
  static func display(_ path: String, _ workingDirectory: String) -> String {
    Path.isInside(path, workingDirectory) ? Path.relative(path, to: workingDirectory) : path
  }

  func problem(
    _ message: String, at position: SourcePosition? = nil, testID: String? = nil,
    field: String? = nil, severity: Diagnostic.Severity = .error
  ) -> Diagnostic {
    Diagnostic(
      severity, file: display, line: position?.line, column: position?.column, testID: testID,
      field: field, message: message)
  }

  /// The status of the file, which must be a regular one.
  func status() throws(Diagnostic) -> FileStatus {
    guard let status = FileIO.status(path) else {
      do throws(FileError) {
        _ = try FileIO.read(path, offset: 0, count: 0)
      } catch {
        throw problem(error.description)
      }
      throw problem("cannot be read")
    }
    try check(status)
    return status
  }

  private func check(_ status: FileStatus) throws(Diagnostic) {
    if status.kind == .other {
      throw problem("not a regular file; a pipe or a device is not read")
    }
  }

  /// What is said about bytes that are no UTF-8, the first of them being on a line of the file.
  func notUTF8(_ bytes: [UInt8], line: Int = 1) -> Diagnostic {
    var position = Self.firstInvalid(in: bytes)
    position.line += line - 1
    return problem("not UTF-8 text; save the file in UTF-8", at: position)
  }

  /// Reads the file as UTF-8; a byte order mark is dropped.
  func read() throws(Diagnostic) -> String {
    if let status = FileIO.status(path) { try check(status) }
    let bytes: [UInt8]
    do {
      bytes = try FileIO.read(path, limitBytes: Self.maximumBytes)
    } catch {
      throw problem(error.description)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw notUTF8(bytes)
    }
    return text.unicodeScalars.first == "\u{FEFF}"
      ? String(text.unicodeScalars.dropFirst()) : text
  }

  private static func firstInvalid(in bytes: [UInt8]) -> SourcePosition {
    var position = SourcePosition(line: 1, column: 1)
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      if scalar == "\n" {
        position = SourcePosition(line: position.line + 1, column: 1)
      } else {
        position.column += 1
      }
    }
    return position
  }
}
