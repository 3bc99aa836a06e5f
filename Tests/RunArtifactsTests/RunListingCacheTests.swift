import Core
import RunArtifacts
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RunListingCacheTests {
  private let scratch: TemporaryDirectory
  private var cache: String { scratch.file("cache/index.jsonl") }

  init() throws { scratch = try TemporaryDirectory() }

  /// A run whose files are too old to be changing.
  private func run(_ name: String, _ rows: [ResultRow]) throws {
    let folder = ".agentv/results/runs/default/\(name)"
    try scratch.write(
      "\(folder)/index.jsonl", String(decoding: rows.flatMap(\.line), as: UTF8.self))
    try scratch.write("\(folder)/tags.json", #"{"tags":["t"]}"#)
  }

  private func settled() throws -> RunListing {
    var listing = RunListing(project: scratch.path)
    // Until the file system's clock has left the step in which the files were written.
    while true {
      _ = listing.scan()
      let count = listing.readCount
      _ = listing.scan()
      if listing.readCount == count { return listing }
    }
  }

  @Test func `a kept list is the list, and nothing is read again`() throws {
    var row = EffectiveRowsTests.row("a", score: 0.5)
    row.experiment = "ex"
    row.costUSD = 0.1
    var other = EffectiveRowsTests.row("other \"target\"\n")
    other.target = "second"
    try run("one", [row, EffectiveRowsTests.row("b"), other])
    try run("two", [])
    var first = try settled()
    let runs = first.scan()
    try first.save(cache)
    #expect(!first.isUnsaved)
    var second = RunListing(project: scratch.path)
    second.load(cache)
    #expect(second.scan() == runs)
    #expect(second.readCount == 0)
    try run("one", [row])
    #expect(second.scan().map(\.testCount) == [0, 1])
    #expect(second.readCount > 0)
  }

  @Test(arguments: [
    "", "{", "not json\n", "{\"agentv_index\":999,\"root\":\"/\"}\n",
    "{\"agentv_index\":2,\"root\":\"/somewhere/else\"}\n{\"path\":\"default/one\"}\n",
  ])
  func `a damaged or foreign file is built again`(_ text: String) throws {
    try run("one", [EffectiveRowsTests.row("a")])
    try scratch.write("cache/index.jsonl", text)
    var listing = RunListing(project: scratch.path)
    listing.load(cache)
    #expect(listing.scan().map(\.testCount) == [1])
    #expect(listing.readCount == 1)
  }

  @Test func `a damaged line costs that line only`() throws {
    try run("one", [EffectiveRowsTests.row("a")])
    try run("two", [EffectiveRowsTests.row("a")])
    var first = try settled()
    try first.save(cache)
    var lines = String(decoding: try FileIO.read(cache), as: UTF8.self).split(separator: "\n")
    lines[1] = lines[1].dropLast(5)
    try scratch.write("cache/index.jsonl", lines.joined(separator: "\n"))
    var second = RunListing(project: scratch.path)
    second.load(cache)
    #expect(second.scan().map(\.testCount) == [1, 1])
    #expect(second.readCount == 1)
  }

  @Test func `a walk gives each run once, in steps, newest first`() throws {
    for name in ["a", "b", "c"] { try run(name, [EffectiveRowsTests.row("a")]) }
    var listing = try settled()
    var fresh = RunListing(project: scratch.path)
    var walk = fresh.begin()
    #expect(fresh.step(&walk, count: 2))
    #expect(walk.found.map(\.displayName) == ["c", "b"])
    #expect(!fresh.step(&walk, count: 2))
    #expect(walk.found.map(\.displayName) == ["a"])
    try FileIO.removeTree(scratch.file(".agentv/results/runs/default/b"))
    _ = listing.scan()
    walk = fresh.begin()
    #expect(walk.gone.map { Path.name($0) } == ["b"])
    while fresh.step(&walk, count: 1) { #expect(walk.found.isEmpty) }
  }
}
