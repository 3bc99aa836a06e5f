import CSQLite
import Core
import EventLoop
import TestSupport
import Testing

@testable import JobStore

@LoopActor @Suite(.timeLimit(.minutes(2))) struct DamageTests {
  private let directory: TemporaryDirectory
  private var file: String { "\(directory.path)/studio.db" }

  init() throws { directory = try TemporaryDirectory() }

  private func names() -> [String] { (try? FileIO.list(directory.path).sorted()) ?? [] }

  private func fill(_ count: Int) async {
    let journal = await Journal.open(file)
    for number in 0..<count {
      journal.put(storedJob("job-\(number)", isLive: number.isMultiple(of: 2)))
    }
    await journal.written()
    await journal.close()
  }

  private func isSetAside(_ word: String, _ journal: Journal) async throws {
    #expect(journal.state.isKept && journal.state.isNew)
    let notice = try #require(journal.state.notices.first)
    #expect(notice.contains("is now \"\(file).\(word)-") && journal.state.notices.count == 1)
    #expect(names().contains { $0.hasPrefix("studio.db.\(word)-") })
    await journal.keep(storedJob("new"))
    #expect(await journal.page(JobQuery()).total == 1)
  }

  @Test(arguments: ["not a database, but long enough to look at", "SQLite format 3\0 and no more"])
  func `a file that is no database is set aside`(_ content: String) async throws {
    try directory.write("studio.db", String(repeating: content, count: 200))
    try await isSetAside("corrupt", await Journal.open(file))
  }

  @Test func `an empty file is a new journal`() async throws {
    try directory.write("studio.db", "")
    let journal = await Journal.open(file)
    #expect(journal.state == JournalState(isKept: true, isNew: true, isTaken: false, notices: []))
  }

  @Test func `a database of another program is set aside whole`() async throws {
    do {
      let other = try Connection(file)
      try other.execute("CREATE TABLE t (a); INSERT INTO t VALUES (42)")
    }
    try await isSetAside("foreign", await Journal.open(file))
    let aside = try #require(names().first { $0.hasPrefix("studio.db.foreign-") })
    let kept = try Connection("\(directory.path)/\(aside)")
    #expect(try kept.value("SELECT a FROM t") == .integer(42))
  }

  @Test func `a database of a later version is set aside`() async throws {
    await fill(3)
    do {
      let later = try Connection(file)
      try later.execute("PRAGMA user_version = \(Schema.version + 1)")
    }
    let journal = await Journal.open(file)
    try await isSetAside("newer", journal)
    #expect(journal.state.notices.first?.contains("a later version of agentv") == true)
  }

  @Test func `every step of the schema leads to the present one`() async throws {
    for version in 0..<Schema.version {
      let path = "\(directory.path)/v\(version).db"
      do {
        let old = try Connection(path)
        for step in Schema.steps.prefix(version) { try old.execute(step) }
        if version > 0 {
          try old.execute(
            "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(version)")
        }
      }
      let journal = await Journal.open(path)
      #expect(journal.state.isKept && journal.state.notices.isEmpty, "version \(version)")
      await journal.keep(storedJob("a"))
      #expect(await journal.job("a") == storedJob("a"))
    }
  }

  /// Cuts and overwrites at many places: the journal opens, with what it can read or with a new file.
  @Test func `whatever is cut off or overwritten, the journal opens and can be written`()
    async throws
  {
    await fill(200)
    let whole = try FileIO.read(file)
    var random = SystemRandomNumberGenerator()
    for round in 0..<60 {
      for name in names() { try FileIO.remove("\(directory.path)/\(name)") }
      var bytes = whole
      let place = Int.random(in: 0..<whole.count, using: &random)
      if round.isMultiple(of: 2) {
        bytes.removeSubrange(place...)
      } else {
        for index in place..<min(place + 300, bytes.count) { bytes[index] = .random(in: 0...255) }
      }
      try FileIO.write(file, bytes)
      let journal = await Journal.open(file)
      #expect(journal.state.isKept, "round \(round), place \(place)")
      await journal.keep(storedJob("after"))
      let found = await journal.job("after")
      #expect(found == storedJob("after"), "round \(round), place \(place)")
      #expect(await journal.page(JobQuery()).total <= 201)
      await journal.close()
    }
  }

  /// A log that was cut loses its last commits and nothing else.
  @Test func `a write-ahead log that is cut leaves a beginning of what was written`() async throws {
    let journal = await Journal.open(file)
    for number in 0..<40 { await journal.keep(storedJob("job-\(number)")) }
    let database = try FileIO.read(file)
    let log = try FileIO.read("\(file)-wal")
    await journal.close()
    var random = SystemRandomNumberGenerator()
    for round in 0..<40 {
      for name in names() { try FileIO.remove("\(directory.path)/\(name)") }
      try FileIO.write(file, database)
      try FileIO.write("\(file)-wal", Array(log.prefix(.random(in: 0...log.count, using: &random))))
      let cut = await Journal.open(file)
      #expect(cut.state.isKept && cut.state.notices.isEmpty, "round \(round)")
      var query = JobQuery()
      query.limit = 100
      let ids = Set(await cut.page(query).jobs.map(\.id))
      #expect(ids == Set((0..<ids.count).map { "job-\($0)" }), "round \(round)")
      await cut.close()
    }
  }
}
