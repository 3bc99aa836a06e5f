// The database file: opening it whatever is found there, group commits, questions. Blocking.

import CSQLite
import Core
import Dispatch

// Sendable: everything is only touched on `queue`, which is serial; each entry checks it.
final class Store: @unchecked Sendable {
  /// Larger databases are not read through at the start.
  static let checkedBytes = 8 << 20
  /// How long a start waits for the process before it to let go of the file.
  static let lockWaitMilliseconds: Int32 = 250

  private let queue: DispatchQueue
  private var connection: Connection
  /// Whether it is a file, and whether it was there before.
  let state: JournalState

  /// Opens the journal, or one in memory when there can be no file.
  init(path: String?, on queue: DispatchQueue, at time: Timestamp) {
    self.queue = queue
    dispatchPrecondition(condition: .onQueue(queue))
    guard let path else {
      connection = Self.inMemory()
      state = JournalState(isKept: false, isNew: true, isTaken: false, notices: [])
      return
    }
    var notices: [String] = []
    do throws(JobStoreError) {
      let found = try Self.open(path, at: time, &notices)
      connection = found.connection
      state = JournalState(
        isKept: true, isNew: found.isNew, isTaken: false, notices: notices)
    } catch {
      let cause =
        error.code == .busy
        ? "another Studio has it open" : error.description
      notices.append(
        "jobs are kept in memory only and end with this server's memory: \"\(path)\": \(cause)")
      connection = Self.inMemory()
      state = JournalState(
        isKept: false, isNew: true, isTaken: error.code == .busy, notices: notices)
    }
  }

  /// Opens a copy of a journal that only tells of the jobs that have ended.
  init(copyOf path: String, on queue: DispatchQueue) {
    self.queue = queue
    dispatchPrecondition(condition: .onQueue(queue))
    var notices: [String] = []
    do throws(JobStoreError) {
      connection = try JournalCopy.open(path) ?? Self.inMemory()
    } catch {
      notices.append("earlier jobs are not shown: \"\(path)\": \(error.description)")
      connection = Self.inMemory()
    }
    state = JournalState(isKept: false, isNew: false, isTaken: true, notices: notices)
  }

  private static func inMemory() -> Connection {
    do {
      let connection = try Connection(":memory:")
      try Schema.migrate(connection)
      return connection
    } catch {
      // Only without memory, where nothing else would go on either.
      preconditionFailure("SQLite cannot make a database in memory: \(error)")
    }
  }

  private static func open(
    _ path: String, at time: Timestamp, _ notices: inout [String]
  ) throws(JobStoreError) -> (connection: Connection, isNew: Bool) {
    do throws(FileError) {
      try FileIO.createDirectories(Path.directory(path))
    } catch {
      throw JobStoreError(.readOnly, error.description)
    }
    let isThere = (FileIO.status(path)?.size ?? 0) > 0
    do throws(JobStoreError) {
      return (try connect(path), !isThere)
    } catch {
      guard error.isOfTheFile else { throw error }
      let aside = try setAside(path, error.code, at: time)
      notices.append(
        "\"\(path)\" cannot be used: \(error.description); it is now \"\(aside)\", and a new one "
          + "was begun")
      return (try connect(path), true)
    }
  }

  private static func connect(_ path: String) throws(JobStoreError) -> Connection {
    let connection = try Connection(path)
    connection.wait(milliseconds: lockWaitMilliseconds)
    // One process keeps the journal. Without sharing, the index of the log is in memory and not in
    // a mapped file, which a full disk could take away under our feet.
    try connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    try connection.execute("PRAGMA cache_size = -512")
    if (FileIO.status(path)?.size ?? 0) <= checkedBytes {
      let word = try connection.value("PRAGMA quick_check(1)").string ?? "no answer"
      guard word == "ok" else { throw JobStoreError(.corrupt, "it is damaged: \(word)") }
    }
    // Before anything is changed in a file that may be another program's.
    try Schema.check(connection)
    try connection.execute("PRAGMA journal_mode = WAL")
    // A commit survives every process; only a crash of the machine may take the last ones.
    try connection.execute("PRAGMA synchronous = NORMAL")
    try Schema.migrate(connection)
    // Takes the lock for good, and finds out whether the file can be written.
    try connection.transaction { () throws(JobStoreError) in
      try connection.execute("PRAGMA user_version = \(Schema.version)")
    }
    return connection
  }

  /// Renames the database with what belongs to it.
  private static func setAside(
    _ path: String, _ code: JobStoreError.Code, at time: Timestamp
  ) throws(JobStoreError) -> String {
    let aside = "\(path).\(code.rawValue)-\(time.directoryName)"
    for suffix in ["", "-wal", "-shm", "-journal"] where FileIO.exists(path + suffix) {
      do throws(FileError) {
        try FileIO.rename(path + suffix, to: aside + suffix)
      } catch {
        throw JobStoreError(.io, error.description)
      }
    }
    return aside
  }

  /// Lets go of the file.
  func close() {
    dispatchPrecondition(condition: .onQueue(queue))
    connection = Self.inMemory()
  }

  // MARK: - Work

  /// Writes all of them, or none.
  func write(_ jobs: [StoredJob], _ sessions: [SessionChange] = []) throws(JobStoreError) {
    dispatchPrecondition(condition: .onQueue(queue))
    try connection.transaction { () throws(JobStoreError) in
      for job in jobs {
        try connection.rows(Self.upsert, job.row)
      }
      for change in sessions { try write(change) }
    }
  }

  /// Runs a statement.
  @discardableResult
  func rows(_ sql: String, _ parameters: [SQLValue] = []) throws(JobStoreError) -> [[SQLValue]] {
    dispatchPrecondition(condition: .onQueue(queue))
    return try connection.rows(sql, parameters)
  }

  private static let upsert: String = {
    let names = StoredJob.columns.split(separator: ", ")
    let places = names.map { _ in "?" }.joined(separator: ", ")
    let changes = names.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    return
      "INSERT INTO job (\(StoredJob.columns)) VALUES (\(places)) ON CONFLICT (id) DO UPDATE SET "
      + changes
  }()

  /// The jobs that have not ended, oldest first.
  func live() throws(JobStoreError) -> [StoredJob] {
    dispatchPrecondition(condition: .onQueue(queue))
    return try connection.rows(
      "SELECT \(StoredJob.columns) FROM job WHERE is_live ORDER BY number"
    ).compactMap(StoredJob.init(row:))
  }

  /// The last jobs that have ended, newest first.
  func ended(limit: Int) throws(JobStoreError) -> [StoredJob] {
    dispatchPrecondition(condition: .onQueue(queue))
    return try connection.rows(
      "SELECT \(StoredJob.columns) FROM job WHERE NOT is_live ORDER BY number DESC LIMIT ?",
      [.integer(limit)]
    ).compactMap(StoredJob.init(row:))
  }

  func job(_ id: String) throws(JobStoreError) -> StoredJob? {
    dispatchPrecondition(condition: .onQueue(queue))
    return try connection.rows(
      "SELECT \(StoredJob.columns) FROM job WHERE id = ?", [.text(id)]
    ).first.flatMap(StoredJob.init(row:))
  }

  func page(_ query: JobQuery) throws(JobStoreError) -> JobPage {
    dispatchPrecondition(condition: .onQueue(queue))
    let filter = query.filter
    let total =
      try connection.value("SELECT count(*) FROM job WHERE \(filter.sql)", filter.parameters).int
    let select = query.select
    let rows = try connection.rows(select.sql, select.parameters)
    let page = rows.prefix(query.limit)
    let jobs = page.compactMap { row in
      row[0].string.map { (id: $0, object: row[2].bytes ?? []) }
    }
    let next = rows.count > query.limit ? page.last : nil
    return JobPage(
      jobs: jobs, total: total ?? 0,
      next: next.flatMap { row in
        row[0].string.map { JobQuery.Place(key: row[1].string, id: $0) }
      })
  }

  /// Jobs that have ended, by outcome.
  func outcomes() throws(JobStoreError) -> [String: Int] {
    dispatchPrecondition(condition: .onQueue(queue))
    let rows = try connection.rows(
      "SELECT outcome, count(*) FROM job WHERE outcome IS NOT NULL GROUP BY outcome")
    var counts: [String: Int] = [:]
    for row in rows { if let outcome = row[0].string { counts[outcome] = row[1].int } }
    return counts
  }
}
