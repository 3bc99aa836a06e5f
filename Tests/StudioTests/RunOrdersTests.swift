import Core
import HTTPServer
import RunArtifacts
import TestSupport
import Testing

@testable import Studio

@Suite struct RunOrdersTests {
  private let project: TemporaryDirectory

  init() throws { project = try TemporaryDirectory() }

  private func run(_ name: String, tests: Int) throws -> ListedRun {
    let path = ".agentv/results/runs/default/\(name)"
    let rows = (0..<tests).map { #"{"test_id":"t\#($0)","target":"Model","score":1}"# + "\n" }
    try project.write("\(path)/index.jsonl", rows.joined())
    let directory = RunDirectory(path: project.file(path), project: project.path)
    return ListedRun(try RunMeta(directory), jobTarget: nil)
  }

  private func query(_ text: String) throws -> ListQuery {
    let request = try #require(HTTPRequest(method: .get, target: "/x?\(text)"))
    return try ListQuery(request, StudioServer.runFields)
  }

  private func list(_ catalog: RunCatalog) -> RunIndex.List {
    RunIndex.List(
      runs: catalog.sorted, isComplete: true, revision: catalog.revision,
      version: catalog.version)
  }

  /// What the pages of a query hold together.
  private func all(
    _ orders: inout RunOrders, _ catalog: RunCatalog, _ text: String
  ) throws -> [String] {
    var found: [String] = []
    var cursor = ""
    repeat {
      let page = orders.page(list(catalog), try query("limit=3&\(text)&cursor=\(cursor)"))
      found += page.elements.map { "\($0.runID) \($0.testCount)" }
      cursor = page.next ?? ""
    } while !cursor.isEmpty
    return found
  }

  @Test(arguments: ["sort=test_count", "sort=-test_count", "sort=filename", "sort=-timestamp"])
  func `a page is that of a fresh sort whatever changed, and nothing is sorted twice`(
    _ sort: String
  ) throws {
    var catalog = RunCatalog()
    var orders = RunOrders()
    for number in 0..<10 {
      let run = try run("run-\(number)", tests: number * 7 % 5)
      _ = catalog.update(run.path, run)
    }
    var fresh = RunOrders()
    let (kept, sorted) = (
      try all(&orders, catalog, sort), try all(&fresh, catalog, sort)
    )
    #expect(kept == sorted)
    let changed = try run("run-3", tests: 9)
    let new = try run("run-55", tests: 2)
    let gone = try run("run-7", tests: 0)
    _ = catalog.update(changed.path, changed)
    _ = catalog.update(new.path, new)
    _ = catalog.update(gone.path, nil)
    fresh = RunOrders()
    let (pages, again) = (
      try all(&orders, catalog, sort), try all(&fresh, catalog, sort)
    )
    #expect(pages.count == 10 && pages == again)
    #expect(orders.sortCount == 1)
  }

  @Test func `filters and searches look at all runs`() throws {
    var catalog = RunCatalog()
    var orders = RunOrders()
    for number in 0..<10 {
      let run = try run("run-\(number)", tests: number)
      _ = catalog.update(run.path, run)
    }
    var found = try all(&orders, catalog, "q=RUN-4")
    #expect(found == ["run-4 4"])
    found = try all(&orders, catalog, "q=model&sort=test_count")
    #expect(found.first == "run-1 1")
    found = try all(&orders, catalog, "target=Model")
    #expect(found.count == 9)
    found = try all(&orders, catalog, "target=other")
    #expect(found.isEmpty)
    let page = orders.page(list(catalog), try query("q=run"))
    #expect(page.elements.count == 10 && page.next == nil, "a list without pages is whole")
  }

  @Test func `a comparison lists the last tests of each cell once`() throws {
    let old = try run("a", tests: 3)
    let new = try run("b", tests: 120)
    let members = try Comparison([new, old]).members(baseline: nil)
    let answer = try JSON.parse(RawJSON.object(members))
    let cell = try #require(answer["cells"]?.array?.first)
    #expect(cell["eval_count"] == 123 && cell["passed_count"] == 123 && cell["avg_score"] == 1)
    let tests = (cell["tests"]?.array ?? []).compactMap { $0["test_id"]?.string }
    #expect(tests.count == 100 && Set(tests).count == 100)
    #expect(tests.suffix(4) == ["t119", "t0", "t1", "t2"])
    #expect(answer["runs"]?.array?.compactMap { $0["eval_count"]?.int }.sorted() == [3, 120])
  }
}
