// The tables of the journal and how an older journal becomes one of today. A step that has shipped
// never changes; a change is a step of its own.

enum Schema {
  /// Marks the file as ours (https://sqlite.org/pragma.html#pragma_application_id): "AgtV".
  static let applicationID = 0x4167_7456

  /// Step n makes version n + 1.
  static let steps: [String] = [
    """
    CREATE TABLE job (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      project TEXT NOT NULL,
      run_dir TEXT NOT NULL,
      is_live INTEGER NOT NULL,
      status TEXT NOT NULL,
      outcome TEXT,
      target TEXT,
      started_at TEXT NOT NULL,
      finished_at TEXT,
      text TEXT NOT NULL,
      object BLOB NOT NULL,
      record BLOB NOT NULL
    ) STRICT;
    CREATE INDEX job_live ON job (number) WHERE is_live;
    CREATE INDEX job_started ON job (started_at, id);
    CREATE INDEX job_outcome ON job (outcome);
    """,
    // Lists filter and sort without reading the documents.
    """
    CREATE INDEX job_list ON job (project, status, target, started_at, finished_at, id);
    """,
    // A session that was ended stays it; the salt is made when it is asked for first.
    """
    CREATE TABLE session_salt (salt BLOB NOT NULL) STRICT;
    CREATE TABLE ended_session (
      id TEXT NOT NULL PRIMARY KEY,
      holds_until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
  ]

  static var version: Int { steps.count }

  /// Looks whether a database is one of ours that we understand; changes nothing.
  static func check(_ connection: Connection) throws(JobStoreError) {
    let found = try connection.value("PRAGMA user_version").int ?? 0
    let application = try connection.value("PRAGMA application_id").int ?? 0
    let tables = try connection.value("SELECT count(*) FROM sqlite_schema").int ?? 0
    guard application == applicationID || (application == 0 && found == 0 && tables == 0) else {
      throw JobStoreError(.foreign, "it is a database of another program")
    }
    guard found <= version else {
      throw JobStoreError(
        .newer, "a later version of agentv wrote it (schema \(found); this one knows \(version))")
    }
  }

  /// Brings a database to the present version, each step in a transaction of its own.
  static func migrate(_ connection: Connection) throws(JobStoreError) {
    let found = try connection.value("PRAGMA user_version").int ?? 0
    guard found < version else { return }
    for step in found..<version {
      try connection.transaction { () throws(JobStoreError) in
        try connection.execute(steps[step])
        try connection.execute("PRAGMA application_id = \(applicationID)")
        try connection.execute("PRAGMA user_version = \(step + 1)")
      }
    }
  }
}
