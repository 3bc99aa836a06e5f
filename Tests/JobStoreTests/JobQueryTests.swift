import Core
import EventLoop
import TestSupport
import Testing

@testable import JobStore

@LoopActor @Suite(.timeLimit(.minutes(1))) struct JobQueryTests {
  private func filled() async -> Journal {
    let journal = await Journal.open(nil)
    for number in 0..<60 {
      journal.put(
        storedJob(
          "job-\(number / 10)\(number % 10)",
          status: number.isMultiple(of: 3) ? "failed" : "finished",
          target: number.isMultiple(of: 4) ? nil : number.isMultiple(of: 5) ? "a,b" : "b,c%",
          startedAt: "2026-01-01T00:00:0\(number % 7).000Z",
          finishedAt: number.isMultiple(of: 2) ? "2026-01-02T00:00:0\(number % 5).000Z" : nil,
          project: number < 40 ? "/p" : "/q", text: "job \(number) ärger"))
    }
    await journal.written()
    return journal
  }

  private func walk(_ journal: Journal, _ query: JobQuery) async -> [String] {
    var query = query
    var ids: [String] = []
    while true {
      let page = await journal.page(query)
      #expect(page.jobs.count <= query.limit)
      ids += page.jobs.map(\.id)
      guard let next = page.next else { return ids }
      query.after = next
    }
  }

  @Test(arguments: JobQuery.Sort.allCases, [true, false])
  func `pages of any order hold every job once`(_ sort: JobQuery.Sort, isDescending: Bool) async {
    let journal = await filled()
    var query = JobQuery()
    query.sort = sort
    query.isDescending = isDescending
    query.limit = 1000
    let whole = await walk(journal, query)
    #expect(whole.count == 60 && Set(whole).count == 60)
    for limit in [1, 7, 59, 60, 61] {
      query.limit = limit
      #expect(await walk(journal, query) == whole, "limit \(limit)")
    }
  }

  @Test func `what is missing comes last in both directions`() async {
    let journal = await filled()
    for isDescending in [true, false] {
      var query = JobQuery()
      query.sort = .finishedAt
      query.isDescending = isDescending
      query.limit = 7
      let numbers = await walk(journal, query).compactMap { Int($0.dropFirst(4)) }
      #expect(numbers.prefix(30).allSatisfy { $0.isMultiple(of: 2) })
      #expect(numbers.suffix(30).allSatisfy { !$0.isMultiple(of: 2) })
    }
  }

  @Test func `filters are joined by and, their values by or`() async {
    let journal = await filled()
    var query = JobQuery()
    query.limit = 100
    query.statuses = ["failed"]
    #expect(await journal.page(query).total == 20)
    query.statuses = ["failed", "finished"]
    #expect(await journal.page(query).total == 60)
    query.project = "/q"
    #expect(await journal.page(query).total == 20)
    query.project = nil
    query.targets = ["a"]
    #expect(await journal.page(query).total == 9)
    query.targets = ["c%", "a"]
    #expect(await journal.page(query).total == 45)
    query.targets = ["%"]
    #expect(await journal.page(query).total == 0)
    query.targets = nil
    query.text = "job 5"
    #expect(await journal.page(query).total == 11)
    query.text = "ärger"
    #expect(await journal.page(query).total == 60)
    query.text = "' OR 1 --"
    #expect(await journal.page(query).total == 0)
  }
}
