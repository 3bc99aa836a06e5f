import Core
import EventLoop
import TestSupport
import Testing

@testable import JobStore

/// A job with what a test cares about.
func storedJob(
  _ id: String, isLive: Bool = false, status: String = "finished", target: String? = nil,
  startedAt: String = "2026-01-01T00:00:00.000Z", finishedAt: String? = nil,
  project: String = "/p", text: String = ""
) -> StoredJob {
  StoredJob(
    id: id, project: project, runDirectory: "/p/\(id)", isLive: isLive, status: status,
    outcome: isLive ? nil : "completed", target: target, startedAt: startedAt,
    finishedAt: finishedAt, text: text, object: Array(#"{"id":"\#(id)"}"#.utf8), record: [])
}

extension Journal {
  func keep(_ job: StoredJob) async {
    await withCheckedContinuation { done in put(job) { done.resume() } }
  }

  func page(_ query: JobQuery) async -> JobPage {
    await withCheckedContinuation { done in page(query) { done.resume(returning: $0) } }
  }

  func job(_ id: String) async -> StoredJob? {
    await withCheckedContinuation { done in job(id) { done.resume(returning: $0) } }
  }

  /// Waits for everything, so that the file can be looked at.
  func written() async {
    await withCheckedContinuation { done in whenWritten { done.resume() } }
  }
}

@LoopActor @Suite(.timeLimit(.minutes(1))) struct JournalTests {
  private let directory: TemporaryDirectory
  private var file: String { "\(directory.path)/.agentv/studio.db" }

  init() throws { directory = try TemporaryDirectory() }

  @Test func `what was written is there for the next journal`() async {
    let first = await Journal.open(file)
    #expect(first.state == JournalState(isKept: true, isNew: true, isTaken: false, notices: []))
    await first.keep(storedJob("a", isLive: true))
    await first.keep(storedJob("b"))
    await first.keep(storedJob("c", isLive: true))
    await first.close()
    let second = await Journal.open(file)
    #expect(second.state == JournalState(isKept: true, isNew: false, isTaken: false, notices: []))
    #expect(await second.live().map(\.id) == ["a", "c"])
    #expect(await second.job("b") == storedJob("b"))
    #expect(await second.job("x") == nil)
  }

  @Test func `the last state of a job counts, and its place is that of the first`() async {
    let journal = await Journal.open(file)
    await journal.keep(storedJob("a", isLive: true, status: "starting"))
    await journal.keep(storedJob("b", isLive: true))
    for word in ["running", "running", "stopping"] {
      journal.put(storedJob("a", isLive: true, status: word))
    }
    await journal.written()
    #expect(await journal.live().map { [$0.id, $0.status] }.first == ["a", "stopping"])
  }

  @Test func `what comes in during a commit is written together`() async {
    let journal = await Journal.open(file)
    for number in 0..<5000 { journal.put(storedJob("job-\(number)")) }
    await journal.written()
    let page = await journal.page(JobQuery())
    #expect(page.total == 5000 && journal.commits <= 3)
  }

  @Test func `without a file jobs are kept in memory`() async {
    let journal = await Journal.open(nil)
    #expect(journal.state == JournalState(isKept: false, isNew: true, isTaken: false, notices: []))
    await journal.keep(storedJob("a"))
    #expect(await journal.job("a") != nil)
  }

  @Test func `a second journal on the same file says so and keeps to memory`() async {
    let first = await Journal.open(file)
    await first.keep(storedJob("a", isLive: true))
    let second = await Journal.open(file)
    #expect(!second.state.isKept && second.state.notices.count == 1)
    #expect(second.state.notices.first?.contains("another Studio has it open") == true)
    #expect(await second.live().isEmpty)
  }

  @Test func `a directory that cannot be written is no reason to fail`() async throws {
    // A file where the directory should be: it fails for root as well.
    try directory.write(".agentv", "")
    let journal = await Journal.open(file)
    #expect(!journal.state.isKept)
    #expect(journal.state.notices.first?.contains("kept in memory only") == true)
    await journal.keep(storedJob("a"))
    #expect(await journal.job("a") != nil)
  }
}
