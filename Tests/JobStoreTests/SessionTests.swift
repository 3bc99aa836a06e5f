import Core
import EventLoop
import TestSupport
import Testing

@testable import JobStore

@LoopActor @Suite(.timeLimit(.minutes(1))) struct SessionTests {
  private let directory: TemporaryDirectory
  private var file: String { "\(directory.path)/.agentv/studio.db" }

  init() throws { directory = try TemporaryDirectory() }

  private func put(_ change: SessionChange, _ journal: Journal) async {
    await withCheckedContinuation { done in journal.put(change) { done.resume() } }
  }

  @Test func `a session that was ended is ended for the next journal until it would have run out`()
    async
  {
    let first = await Journal.open(file)
    let salt = await first.sessions(at: 0).salt
    await put(.ended(id: "a", holdsUntil: 100), first)
    await put(.ended(id: "b", holdsUntil: 200), first)
    await put(.ended(id: "b", holdsUntil: 200), first)
    await first.close()
    let second = await Journal.open(file)
    #expect(await second.sessions(at: 99) == SessionRecords(salt: salt, ended: ["a", "b"]))
    #expect(await second.sessions(at: 100).ended == ["b"])
    #expect(await second.sessions(at: 99).ended == ["b"])
  }

  @Test func `a journal that replaces another one knows none of its sessions`() async throws {
    let first = await Journal.open(file)
    let salt = await first.sessions(at: 0).salt
    #expect(salt.count == 16)
    await first.close()
    try FileIO.write(file, Array(String(repeating: "no database", count: 200).utf8))
    let second = await Journal.open(file)
    #expect(await second.sessions(at: 0).salt != salt)
    #expect(await Journal.open(nil).sessions(at: 0).salt != salt)
  }

  @Test func `ending all sessions forgets the single ones and changes the salt`() async {
    let first = await Journal.open(file)
    await put(.ended(id: "a", holdsUntil: 100), first)
    await put(.endedAll(salt: [1, 2, 3]), first)
    await first.close()
    let second = await Journal.open(file)
    #expect(await second.sessions(at: 0) == SessionRecords(salt: [1, 2, 3], ended: []))
  }
}

@LoopActor @Suite(.timeLimit(.minutes(1))) struct JournalCopyTests {
  private let directory: TemporaryDirectory
  private var file: String { "\(directory.path)/studio.db" }

  init() throws { directory = try TemporaryDirectory() }

  private func state() -> [FileStatus?] {
    ["", "-wal", "-shm", "-journal"].map { FileIO.status(file + $0) }
  }

  @Test func `a copy tells of the jobs that have ended, also beside the server that writes them`()
    async
  {
    let owner = await Journal.open(file)
    await owner.keep(storedJob("live", isLive: true))
    await owner.keep(storedJob("done"))
    await owner.written()
    let before = state()
    let copy = await Journal.openCopy(of: file)
    #expect(
      copy.state == JournalState(isKept: false, isNew: false, isTaken: true, notices: []))
    #expect(await copy.page(JobQuery()).jobs.map(\.id) == ["done"])
    #expect(await copy.job("done") == storedJob("done"))
    #expect(await copy.live().isEmpty)
    #expect(state() == before)
    // And it goes on writing, which the copy does not see.
    await owner.keep(storedJob("later"))
    #expect(await owner.page(JobQuery()).total == 3)
    #expect(await copy.page(JobQuery()).total == 1)
  }

  @Test func `a copy has sessions of its own`() async {
    let owner = await Journal.open(file)
    let salt = await owner.sessions(at: 0).salt
    let copy = await Journal.openCopy(of: file)
    #expect(await copy.sessions(at: 0).salt != salt)
    #expect(await owner.sessions(at: 0).salt == salt)
  }

  @Test func `without a journal a copy is empty and makes none`() async {
    let copy = await Journal.openCopy(of: file)
    #expect(copy.state.notices.isEmpty)
    #expect(await copy.page(JobQuery()).total == 0)
    #expect(!FileIO.exists(file))
  }

  @Test func `a journal that cannot be read is told and left as it is`() async throws {
    let bytes = Array(String(repeating: "no database", count: 200).utf8)
    try FileIO.write(file, bytes)
    let copy = await Journal.openCopy(of: file)
    #expect(copy.state.notices.first?.contains("earlier jobs are not shown") == true)
    #expect(await copy.page(JobQuery()).total == 0)
    #expect(try FileIO.read(file) == bytes)
    #expect(try FileIO.list(directory.path) == ["studio.db"])
  }
}
