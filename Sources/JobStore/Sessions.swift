// What the journal knows of the sessions of browsers: enough that one that was ended stays ended, whatever
// happens to the server.

/// What is remembered of sessions.
public struct SessionRecords: Sendable, Hashable {
  /// Goes into the key that signs sessions: those of another journal mean nothing to this one, so a
  /// journal that was lost with its list of ended sessions brings none of them back.
  public var salt: [UInt8]
  /// Ids of sessions that were ended and would hold on otherwise.
  public var ended: Set<String>

  /// Records.
  /// - Parameters:
  ///   - salt: goes into the key that signs sessions.
  ///   - ended: ids of sessions that were ended.
  public init(salt: [UInt8] = SessionRecords.newSalt(), ended: Set<String> = []) {
    self.salt = salt
    self.ended = ended
  }

  /// A salt that nobody has used.
  public static func newSalt() -> [UInt8] { (0..<16).map { _ in UInt8.random(in: 0...255) } }
}

/// Something that happened to sessions.
public enum SessionChange: Sendable, Hashable {
  /// A session was ended; by itself it would have ended at a time, in seconds since 1970.
  case ended(id: String, holdsUntil: Int)
  /// All were ended: sessions are signed with another salt from now on.
  case endedAll(salt: [UInt8])
}

extension Store {
  /// What is remembered of sessions; those that have run out are forgotten.
  func sessions(at now: Int) throws(JobStoreError) -> SessionRecords {
    try rows("DELETE FROM ended_session WHERE holds_until <= ?", [.integer(now)])
    let ended = try rows("SELECT id FROM ended_session").compactMap { $0.first?.string }
    guard let salt = try rows("SELECT salt FROM session_salt").first?.first?.bytes else {
      let salt = SessionRecords.newSalt()
      try rows("INSERT INTO session_salt VALUES (?)", [.blob(salt)])
      return SessionRecords(salt: salt)
    }
    return SessionRecords(salt: salt, ended: Set(ended))
  }

  /// Writes a change, within the transaction of its batch.
  func write(_ change: SessionChange) throws(JobStoreError) {
    switch change {
    case .ended(let id, let time):
      try rows("INSERT OR IGNORE INTO ended_session VALUES (?, ?)", [.text(id), .integer(time)])
    case .endedAll(let salt):
      try rows("DELETE FROM ended_session")
      try rows("DELETE FROM session_salt")
      try rows("INSERT INTO session_salt VALUES (?)", [.blob(salt)])
    }
  }
}
