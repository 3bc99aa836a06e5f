// The catalog of a suite while its tests are being read.

import Core

/// Keeps of each test what its catalog needs.
struct CatalogBuilder {
  private var ids = TextTable()
  private var entries: [TestCatalog.Entry] = []
  private var kept: [EvalTest] = []
  private var facts: [UInt32: TestFacts] = [:]
  private var common: TestFacts?
  private var sources: [TestRereader.Source] = []
  private var numbers: [TestRereader.Source: Int] = [:]

  /// Adds a test.
  /// - Returns: where the first test with this id stands, if there is one already.
  mutating func add(
    _ test: EvalTest, _ raw: RawTest, lacksFile: Bool
  ) -> (file: String, line: Int)? {
    if let place = ids.place(of: test.id) {
      let entry = entries[place]
      return (sources[Int(entry.source)].display, Int(entry.line))
    }
    ids.insert(test.id)
    var entry = TestCatalog.Entry(
      source: source(raw), offset: UInt32(kept.count), length: 0,
      line: UInt32(clamping: raw.node.position.line), fingerprint: 0, lacksFile: lacksFile)
    if let span = raw.span {
      entry.offset = UInt32(span.offset)
      entry.length = UInt32(span.length)
      entry.fingerprint = UInt32(truncatingIfNeeded: span.fingerprint)
    } else {
      kept.append(test)
    }
    let own = TestFacts(test)
    if common == nil { common = own }
    if own != common { facts[UInt32(entries.count)] = own }
    entries.append(entry)
    return nil
  }

  private mutating func source(_ raw: RawTest) -> UInt32 {
    let source = TestRereader.Source(
      path: raw.file.path, display: raw.file.display, form: raw.span?.form ?? .jsonLine)
    if let last = sources.last, last == source { return UInt32(sources.count - 1) }
    if let number = numbers[source] { return UInt32(number) }
    sources.append(source)
    numbers[source] = sources.count - 1
    return UInt32(sources.count - 1)
  }

  /// The catalog of all tests that were added.
  func catalog(_ recipe: @autoclosure () -> TestRereader.Recipe) -> TestCatalog {
    if kept.count == entries.count { return TestCatalog(kept) }
    let recipe = recipe()
    return TestCatalog(
      ids: ids, entries: entries, kept: kept, facts: facts, common: common ?? TestFacts(),
      rereader: TestRereader(recipe, sources), suite: (recipe.name, recipe.category))
  }
}
