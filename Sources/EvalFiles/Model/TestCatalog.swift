// The tests of an eval file, without being held: of each its id, where it stands, and what a plan
// must know; the rest is read when it is needed.

import Core

/// What a plan must know of a test before it runs.
public struct TestFacts: Sendable, Hashable {
  /// The only targets it runs on, if it says so.
  public var targets: [String]?
  /// Tests that must have ended before it starts.
  public var dependencies = TestDependencies()
  /// The workspace it asks for.
  public var workspace: Shared<WorkspaceSpec>?
  /// Whether it has several turns.
  public var isConversation = false

  init(_ test: EvalTest) {
    targets = test.targets
    dependencies = test.dependencies
    workspace = test.workspace
    isConversation = test.conversation != nil
  }

  init() {}
}

/// A test that is no longer in its file as it was planned.
public struct TestChange: Error, Sendable, CustomStringConvertible {
  /// What happened and what to do.
  public let description: String
}

/// The tests of one eval file, in its order.
///
/// The tests of a small file are kept. Of a large one a test takes some fifty bytes and is read
/// again each time it is asked for, from where it stands; a file that has changed meanwhile is
/// noticed.
public final class TestCatalog: Sendable {
  /// A test that is not kept, or the place of one that is.
  struct Entry: Sendable {
    var source: UInt32
    /// Place in the file; of a test that is kept, its number among these.
    var offset: UInt32
    /// 0 for a test that is kept.
    var length: UInt32
    var line: UInt32
    var fingerprint: UInt32
    /// Whether a file that it refers to was missing from the start.
    var lacksFile: Bool
  }

  private let ids: TextTable
  private let entries: [Entry]
  private let kept: [EvalTest]
  private let facts: [UInt32: TestFacts]
  private let common: TestFacts
  private let rereader: TestRereader?
  private let suite: (name: String, category: String?)

  /// Tests that are all kept.
  public init(_ tests: [EvalTest]) {
    ids = TextTable()
    entries = []
    kept = tests
    facts = [:]
    common = TestFacts()
    rereader = nil
    suite = (tests.first?.suite ?? "", tests.first?.category)
  }

  init(
    ids: TextTable, entries: [Entry], kept: [EvalTest], facts: [UInt32: TestFacts],
    common: TestFacts, rereader: TestRereader, suite: (name: String, category: String?)
  ) {
    self.ids = ids
    self.entries = entries
    self.kept = kept
    self.facts = facts
    self.common = common
    self.rereader = rereader
    self.suite = suite
  }

  private var isKept: Bool { rereader == nil }

  /// Number of tests.
  public var count: Int { isKept ? kept.count : entries.count }

  /// Places of the tests.
  public var indices: Range<Int> { 0..<count }

  /// The id of a test.
  public func id(_ place: Int) -> String { isKept ? kept[place].id : ids[place] }

  /// What is known of a test without reading it.
  public func facts(_ place: Int) -> TestFacts {
    isKept ? TestFacts(kept[place]) : facts[UInt32(place)] ?? common
  }

  /// Whether any test waits for another.
  public var hasDependencies: Bool {
    isKept
      ? kept.contains { !$0.dependencies.ids.isEmpty }
      : facts.values.contains { !$0.dependencies.ids.isEmpty }
  }

  /// Reads a test; blocks for a small read.
  /// - Throws: `TestChange` when it is no longer there as it was.
  public func test(_ place: Int) throws(TestChange) -> EvalTest {
    guard let rereader else { return kept[place] }
    let entry = entries[place]
    if entry.length == 0 { return kept[Int(entry.offset)] }
    var test = try rereader.test(entry, id: ids[place])
    // The one that other tests have as well, so that it is known as the same.
    test.workspace = facts(place).workspace
    test.line = Int(entry.line)
    return test
  }

  /// What a result says of a test that cannot be read any more.
  public func outline(_ place: Int) -> EvalTest {
    if isKept { return kept[place] }
    let entry = entries[place]
    if entry.length == 0 { return kept[Int(entry.offset)] }
    return EvalTest(
      id: ids[place], suite: suite.name, category: suite.category, input: [],
      line: Int(entry.line))
  }

  /// Every test that can be read, all of them in memory.
  public func all() -> [EvalTest] {
    if isKept { return kept }
    return indices.compactMap { place in try? test(place) }
  }
}
