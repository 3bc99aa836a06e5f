// The rows of a run that count, in about a hundred bytes each: a run of a hundred thousand tests
// keeps its rows on the disk and this in memory.

public import Core

/// What is known of the rows that count: the last one of each identity, by the rules of
/// `EffectiveTable`.
public struct RowLedger: Sendable {
  /// What only rows of tests that failed have.
  struct Failure: Sendable {
    var error: String?
    var stage: String?
    var code: String?
  }

  private struct Mark {
    var key: UInt32
    var score: Double
  }

  /// One row; numbers of names instead of names, and values outside of their range for `nil`.
  private struct Entry {
    static let none = UInt32.max

    var id: UInt32
    var file: UInt32
    var suite: UInt32
    var target: UInt32
    var requested: UInt32
    /// Its number among all rows of the file.
    var row: UInt32
    /// Its place among the counts of tokens.
    var tokens: UInt32
    var firstMark: UInt32
    var markCount: UInt16
    var status: ExecutionStatus
    /// Whether another row has come to stand for it.
    var isGone = false
    var hasFailure: Bool
    var score: Double
    var costUSD: Double
    var durationMS: Int
    var time: Int
  }

  private struct ForeignKey: Hashable {
    var id: UInt32
    var suite: UInt32
    var target: UInt32
  }

  private var ids = TextTable()
  private var names: [String] = []
  private var numbers: [String: UInt32] = [:]
  private var entries: [Entry] = []
  private var tokens: [TokenCount] = []
  private var marks: [Mark] = []
  private var failures: [UInt32: Failure] = [:]
  private var own = PlaceTable()
  private var foreign: [ForeignKey: UInt32] = [:]
  private var goneCount = 0
  private var rowCount = 0
  /// Rows that a later one of the same identity replaced.
  public private(set) var replacedCount = 0

  /// No rows yet.
  public init() {}

  /// Takes rows in file order.
  public init(_ rows: some Sequence<ResultRow>) {
    for row in rows { add(row) }
  }

  /// Number of rows that count.
  public var count: Int { entries.count - goneCount }

  // MARK: - Adding

  /// Adds the next row of the file.
  public mutating func add(_ row: ResultRow) {
    defer { rowCount += 1 }
    let id = UInt32(ids.insert(row.testID).place)
    let target = number(row.target)
    let suite = row.suite.map { number($0) } ?? Entry.none
    guard let file = row.evalFile else {
      let key = ForeignKey(id: id, suite: suite, target: target)
      let entry = entry(row, id, file: Entry.none, suite, target)
      foreign[key] = put(entry, row, at: foreign[key].map(Int.init))
      return
    }
    if !foreign.isEmpty { dropForeign(row, id, suite) }
    let entry = entry(row, id, file: number(file), suite, target)
    let known = place(file: entry.file, id: id, requested: entry.requested)
    let place = put(entry, row, at: known)
    if known == nil {
      let entries = entries
      own.insert(Int(place)) { Self.hash(entries[$0]) }
    }
  }

  private mutating func number(_ name: String) -> UInt32 {
    if let number = numbers[name] { return number }
    names.append(name)
    numbers[name] = UInt32(names.count - 1)
    return UInt32(names.count - 1)
  }

  private mutating func entry(
    _ row: ResultRow, _ id: UInt32, file: UInt32, _ suite: UInt32, _ target: UInt32
  ) -> Entry {
    var place = Entry.none
    if let count = row.tokenUsage {
      place = UInt32(tokens.count)
      tokens.append(count)
    }
    let firstMark = UInt32(marks.count)
    for mark in row.graderMarks.prefix(Int(UInt16.max)) {
      marks.append(Mark(key: number(mark.key), score: mark.score))
    }
    return Entry(
      id: id, file: file, suite: suite, target: target,
      requested: file == Entry.none
        ? row.requestedTarget.map { number($0) } ?? Entry.none
        : number(row.requestedTarget ?? row.target),
      row: UInt32(rowCount), tokens: place, firstMark: firstMark,
      markCount: UInt16(marks.count - Int(firstMark)), status: row.executionStatus,
      hasFailure: row.error != nil || row.failureStage != nil || row.failureReasonCode != nil,
      score: row.score ?? .nan, costUSD: row.costUSD ?? .nan,
      durationMS: row.durationMS ?? .min,
      time: row.timestamp.flatMap(Timestamp.init)?.millisecondsSinceEpoch ?? .min)
  }

  /// Puts an entry into its place, or into a new one, and returns the place.
  private mutating func put(_ entry: Entry, _ row: ResultRow, at place: Int?) -> UInt32 {
    let index = place ?? entries.count
    if place == nil {
      entries.append(entry)
    } else {
      entries[index] = entry
      replacedCount += 1
    }
    failures[UInt32(index)] =
      entry.hasFailure
      ? Failure(error: row.error, stage: row.failureStage, code: row.failureReasonCode) : nil
    return UInt32(index)
  }

  private mutating func dropForeign(_ row: ResultRow, _ id: UInt32, _ suite: UInt32) {
    for target in Set([row.target, row.requestedTarget ?? row.target]) {
      guard let target = numbers[target] else { continue }
      for suite in Set([suite, Entry.none]) {
        let key = ForeignKey(id: id, suite: suite, target: target)
        guard let place = foreign.removeValue(forKey: key) else { continue }
        entries[Int(place)].isGone = true
        goneCount += 1
        replacedCount += 1
      }
    }
  }

  // MARK: - Looking up

  private static func hash(_ entry: Entry) -> UInt64 {
    hash(file: entry.file, id: entry.id, requested: entry.requested)
  }

  private static func hash(file: UInt32, id: UInt32, requested: UInt32) -> UInt64 {
    var value = UInt64(id) &* 0x9e37_79b9_7f4a_7c15
    value = (value ^ UInt64(file)) &* 0x100_0000_01b3
    return (value ^ UInt64(requested)) &* 0x100_0000_01b3
  }

  private func place(file: UInt32, id: UInt32, requested: UInt32) -> Int? {
    own.find(Self.hash(file: file, id: id, requested: requested)) { place in
      let entry = entries[place]
      return entry.id == id && entry.file == file && entry.requested == requested
    }
  }

  private func place(
    of identity: TestIdentity, suite: String?, resolvedTarget: String
  ) -> Int? {
    guard let id = ids.place(of: identity.testID).map(UInt32.init) else { return nil }
    if let file = identity.evalFile.flatMap({ numbers[$0] }),
      let requested = numbers[identity.target],
      let place = place(file: file, id: id, requested: requested)
    {
      return place
    }
    if foreign.isEmpty { return nil }
    for target in [identity.target, resolvedTarget] {
      guard let target = numbers[target] else { continue }
      for suite in [suite.flatMap { numbers[$0] }, suite == nil ? nil : Entry.none] {
        let key = ForeignKey(id: id, suite: suite ?? Entry.none, target: target)
        if let place = foreign[key] { return Int(place) }
      }
    }
    return nil
  }

  /// What is known of the row that counts for a planned execution.
  /// - Parameters:
  ///   - identity: eval file, id and requested target.
  ///   - suite: name of the suite, to tell equal ids of two files apart in rows of upstream.
  ///   - resolvedTarget: what the requested target stands for; rows of upstream carry this one.
  /// - Returns: the row; `nil` when the execution has none.
  public func row(
    for identity: TestIdentity, suite: String?, resolvedTarget: String
  ) -> SummaryRow? {
    place(of: identity, suite: suite, resolvedTarget: resolvedTarget).map { row(at: $0) }
  }

  /// The verdict of the row that counts for a planned execution; `nil` when it has none.
  public func status(
    for identity: TestIdentity, suite: String?, resolvedTarget: String
  ) -> ExecutionStatus? {
    place(of: identity, suite: suite, resolvedTarget: resolvedTarget).map { entries[$0].status }
  }

  /// Numbers of the rows that count and have a verdict that is wanted, ascending; the first row of
  /// the file has the number 0.
  public func rowNumbers(where isWanted: (ExecutionStatus) -> Bool) -> [Int] {
    var numbers: [Int] = []
    for entry in entries where !entry.isGone && isWanted(entry.status) {
      numbers.append(Int(entry.row))
    }
    return numbers.sorted()
  }

  // MARK: - Reading

  private func row(at place: Int) -> SummaryRow {
    let entry = entries[place]
    func name(_ number: UInt32) -> String? { number == Entry.none ? nil : names[Int(number)] }
    let first = Int(entry.firstMark)
    return SummaryRow(
      evalFile: name(entry.file), suite: name(entry.suite), testID: ids[Int(entry.id)],
      target: names[Int(entry.target)], requestedTarget: name(entry.requested),
      score: entry.score.isNaN ? nil : entry.score, executionStatus: entry.status,
      durationMS: entry.durationMS == .min ? nil : entry.durationMS,
      tokenUsage: entry.tokens == Entry.none ? nil : tokens[Int(entry.tokens)],
      costUSD: entry.costUSD.isNaN ? nil : entry.costUSD,
      graderMarks: entry.markCount == 0
        ? []
        : marks[first..<(first + Int(entry.markCount))].map {
          GraderMark(key: names[Int($0.key)], score: $0.score)
        },
      time: entry.time == .min ? nil : Timestamp(millisecondsSinceEpoch: entry.time),
      failure: entry.hasFailure ? failures[UInt32(place)] : nil)
  }

  /// The rows that count, in the order in which their identities first appeared.
  public var rows: Rows {
    Rows(
      ledger: self,
      places: goneCount == 0 ? nil : entries.indices.filter { !entries[$0].isGone })
  }

  /// Rows, each made when it is asked for.
  public struct Rows: RandomAccessCollection, Sendable {
    fileprivate let ledger: RowLedger
    fileprivate let places: [Int]?

    /// 0.
    public var startIndex: Int { 0 }
    /// Number of rows.
    public var endIndex: Int { places?.count ?? ledger.entries.count }

    /// The row at a place.
    public subscript(index: Int) -> SummaryRow { ledger.row(at: places?[index] ?? index) }
  }
}
