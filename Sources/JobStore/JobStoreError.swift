// Why the journal could not be used, in words that say what to do.

import CSQLite

/// A failure of the journal.
public struct JobStoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The file is no database, or damaged.
    case corrupt
    /// A database of another program.
    case foreign
    /// A database of a later version of this program.
    case newer
    /// Another process has it open.
    case busy
    /// It may not be written.
    case readOnly = "read-only"
    /// The disk is full.
    case full
    /// The disk failed, or the file could not be opened.
    case io
    /// A statement was wrong.
    case statement
  }

  /// What kind of failure it is.
  public let code: Code
  /// The cause.
  public let description: String

  /// An error.
  /// - Parameters:
  ///   - code: its kind.
  ///   - description: the cause.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// The error of a result code (https://sqlite.org/rescode.html).
  init(result: Int32, message: String) {
    let code: Code =
      switch result & 0xFF {
      case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      case SQLITE_READONLY, SQLITE_PERM: .readOnly
      case SQLITE_FULL: .full
      case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOMEM: .io
      default: .statement
      }
    self.init(code, "\(message) (SQLite result \(result))")
  }

  /// Whether the file is of no use and a new one helps.
  var isOfTheFile: Bool { code == .corrupt || code == .foreign || code == .newer }
}
