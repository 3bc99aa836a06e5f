// A journal as it is at one moment, for a server that changes nothing. The file may be open in another
// server, which shares it with nobody, so it is copied, and SQLite never sees the original. Blocking.

import CSQLite
import Core
import Glibc

enum JournalCopy {
  /// Larger journals are not copied.
  static let limitBytes = 1 << 30
  /// How often a copy is begun again because the file was written meanwhile.
  static let maximumAttempts = 10

  /// Opens a copy that tells of the jobs that have ended.
  ///
  /// Those that live are another server's, or wait for one that may act; its sessions are no others'.
  /// - Parameter path: the journal.
  /// - Returns: the copy; `nil` when there is no journal.
  /// - Throws: `JobStoreError` when it cannot be copied or read.
  static func open(_ path: String) throws(JobStoreError) -> Connection? {
    guard let size = FileIO.status(path)?.size, size > 0 else { return nil }
    guard size <= limitBytes else {
      throw JobStoreError(.io, "it has \(size) bytes; at most \(limitBytes) are copied")
    }
    let directory = try makeDirectory()
    // The copy goes with its name; what SQLite has open lasts as long as it is.
    defer { try? FileIO.removeTree(directory) }
    let copy = "\(directory)/journal.db"
    do throws(FileError) {
      guard try take(path, to: copy) else {
        throw FileError(operation: "copy", path: path, code: EBUSY)
      }
    } catch {
      throw JobStoreError(.io, error.description)
    }
    let connection = try Connection(copy)
    try connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    if size <= Store.checkedBytes {
      let word = try connection.value("PRAGMA quick_check(1)").string ?? "no answer"
      guard word == "ok" else { throw JobStoreError(.corrupt, "it is damaged: \(word)") }
    }
    try Schema.check(connection)
    // Takes in the log and needs no further file.
    try connection.execute("PRAGMA journal_mode = MEMORY")
    try connection.execute("PRAGMA temp_store = MEMORY")
    try connection.execute("PRAGMA synchronous = OFF")
    try Schema.migrate(connection)
    try connection.transaction { () throws(JobStoreError) in
      try connection.execute(
        "DELETE FROM job WHERE is_live; DELETE FROM ended_session; DELETE FROM session_salt")
    }
    return connection
  }

  /// Copies database and log; false when they were never the same before and after.
  ///
  /// What is only appended to the log meanwhile does no harm: a frame that is not whole does not count.
  private static func take(_ path: String, to copy: String) throws(FileError) -> Bool {
    for _ in 0..<maximumAttempts {
      let before = Moment(path)
      if FileIO.exists("\(copy)-wal") { try FileIO.remove("\(copy)-wal") }
      try FileIO.copyFile(path, to: copy)
      if before.log != nil { try FileIO.copyFile("\(path)-wal", to: "\(copy)-wal") }
      if Moment(path) == before { return true }
    }
    return false
  }

  /// What changes when the log is taken into the database or begun anew
  /// (https://sqlite.org/walformat.html).
  private struct Moment: Equatable {
    var database: FileStatus?
    var log: [UInt8]?

    init(_ path: String) {
      database = FileIO.status(path)
      log = try? FileIO.read("\(path)-wal", offset: 0, count: 32)
    }
  }

  /// A directory that nobody else can look into.
  private static func makeDirectory() throws(JobStoreError) -> String {
    let named = ProcessEnvironment.current()["TMPDIR"] ?? ""
    let parent = named.isEmpty ? "/tmp" : named
    var template = Array("\(parent)/agentv-journal-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      let error = FileError(operation: "create directory", path: parent, code: errno)
      throw JobStoreError(.io, error.description)
    }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
