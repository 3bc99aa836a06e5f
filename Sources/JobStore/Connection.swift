// One connection to SQLite and its statements: as much of the C interface as the journal needs.
// Confined to whoever holds it.

import CSQLite

/// A value of a column or a parameter.
enum SQLValue: Hashable {
  case null
  case integer(Int)
  case text(String)
  case blob([UInt8])

  init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }

  var int: Int? { if case .integer(let value) = self { value } else { nil } }
  var string: String? { if case .text(let value) = self { value } else { nil } }
  var bytes: [UInt8]? { if case .blob(let value) = self { value } else { nil } }
}

final class Connection {
  private let handle: OpaquePointer
  private var statements: [String: OpaquePointer] = [:]

  /// Opens a database file, or one in memory with the path `:memory:`.
  init(_ path: String) throws(JobStoreError) {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let result = sqlite3_open_v2(path, &handle, flags, nil)
    guard result == SQLITE_OK, let handle else {
      let message = handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
      sqlite3_close_v2(handle)
      throw JobStoreError(result: result, message: message ?? "it cannot be opened")
    }
    self.handle = handle
    sqlite3_extended_result_codes(handle, 1)
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// How long a statement waits for another process's lock, milliseconds.
  func wait(milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

  /// Runs statements without parameters and results.
  func execute(_ sql: String) throws(JobStoreError) {
    let result = sqlite3_exec(handle, sql, nil, nil, nil)
    guard result == SQLITE_OK else { throw failure(result) }
  }

  /// Runs a statement and gives its rows, at most `limit`.
  @discardableResult
  func rows(
    _ sql: String, _ parameters: [SQLValue] = [], limit: Int = .max
  ) throws(JobStoreError) -> [[SQLValue]] {
    let statement = try prepared(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in parameters.enumerated() {
      let result = bind(value, to: statement, at: Int32(index + 1))
      guard result == SQLITE_OK else { throw failure(result) }
    }
    var rows: [[SQLValue]] = []
    while rows.count < limit {
      let result = sqlite3_step(statement)
      if result == SQLITE_DONE { break }
      guard result == SQLITE_ROW else { throw failure(result) }
      rows.append((0..<sqlite3_column_count(statement)).map { Self.value(of: statement, at: $0) })
    }
    return rows
  }

  /// The first column of the first row.
  func value(_ sql: String, _ parameters: [SQLValue] = []) throws(JobStoreError) -> SQLValue {
    try rows(sql, parameters, limit: 1).first?.first ?? .null
  }

  /// Runs a body in a transaction, which is rolled back when it throws.
  func transaction(_ body: () throws(JobStoreError) -> Void) throws(JobStoreError) {
    try execute("BEGIN IMMEDIATE")
    do throws(JobStoreError) {
      try body()
      try execute("COMMIT")
    } catch {
      // Some failures have rolled back by themselves already.
      try? execute("ROLLBACK")
      throw error
    }
  }

  /// A statement is compiled once; their number is that of the texts in this module.
  private func prepared(_ sql: String) throws(JobStoreError) -> OpaquePointer {
    if let statement = statements[sql] { return statement }
    var statement: OpaquePointer?
    let result = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    guard result == SQLITE_OK, let statement else { throw failure(result) }
    if statements.count >= Self.maximumStatements {
      for old in statements.values { sqlite3_finalize(old) }
      statements = [:]
    }
    statements[sql] = statement
    return statement
  }

  /// Compiled statements kept; the lists' differ by their filters.
  private static let maximumStatements = 64

  private func failure(_ result: Int32) -> JobStoreError {
    let message = sqlite3_errmsg(handle).map { String(cString: $0) }
    return JobStoreError(result: result, message: message ?? "unknown failure")
  }

  private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) -> Int32 {
    // SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
    let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .null: return sqlite3_bind_null(statement, index)
    case .integer(let number): return sqlite3_bind_int64(statement, index, Int64(number))
    case .text(var text):
      // An empty text must not become NULL for want of an address.
      if text.isEmpty { return sqlite3_bind_text(statement, index, "", 0, copied) }
      return text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), copied)
        }
      }
    case .blob(let bytes):
      guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
      return bytes.withUnsafeBytes {
        sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), copied)
      }
    }
  }

  private static func value(of statement: OpaquePointer, at index: Int32) -> SQLValue {
    let count = Int(sqlite3_column_bytes(statement, index))
    switch sqlite3_column_type(statement, index) {
    case SQLITE_INTEGER: return .integer(Int(sqlite3_column_int64(statement, index)))
    case SQLITE_TEXT:
      guard let text = sqlite3_column_text(statement, index) else { return .null }
      return .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
    case SQLITE_BLOB:
      guard let bytes = sqlite3_column_blob(statement, index) else { return .blob([]) }
      return .blob(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
    default: return .null
    }
  }
}
