// Which row counts: the last one of each identity (design 9). Earlier ones are attempts.

public import Core

/// What a row of upstream is told by.
private struct ForeignKey: Hashable {
  var suite: String?
  var testID: String
  var target: String
}

/// Rows by identity, the last one deciding.
///
/// Rows of upstream carry no eval file and the resolved target: they stand for every execution of
/// that suite, id and target until a row of ours replaces them.
public struct LastRows<Row: CountedRow>: Sendable {
  private var slots: [Row?] = []
  private var own: [TestIdentity: Int] = [:]
  private var foreign: [ForeignKey: Int] = [:]
  /// Rows that a later one of the same identity replaced.
  public private(set) var replacedCount = 0

  /// No rows yet.
  public init() {}

  /// Takes rows in file order.
  public init(_ rows: [Row]) {
    slots.reserveCapacity(rows.count)
    for row in rows { add(row) }
  }

  /// The rows that count, in the order in which their identities first appeared.
  public var rows: [Row] { slots.compactMap(\.self) }

  /// Number of rows that count.
  public var count: Int { own.count + foreign.count }

  /// Adds the next row of the file.
  public mutating func add(_ row: Row) {
    guard row.evalFile != nil else {
      let key = ForeignKey(suite: row.suite, testID: row.testID, target: row.target)
      foreign[key] = put(row, at: foreign[key])
      return
    }
    for target in Set([row.target, row.requestedTarget ?? row.target]) {
      for suite in [row.suite, nil] {
        let key = ForeignKey(suite: suite, testID: row.testID, target: target)
        if let slot = foreign.removeValue(forKey: key) {
          slots[slot] = nil
          replacedCount += 1
        }
      }
    }
    own[row.identity] = put(row, at: own[row.identity])
  }

  /// Puts a row into its slot, or into a new one, and returns the slot.
  private mutating func put(_ row: Row, at slot: Int?) -> Int {
    guard let slot else {
      slots.append(row)
      return slots.count - 1
    }
    slots[slot] = row
    replacedCount += 1
    return slot
  }

  /// The row that counts for a planned execution.
  /// - Parameters:
  ///   - identity: eval file, id and requested target.
  ///   - suite: name of the suite, to tell equal ids of two files apart in rows of upstream.
  ///   - resolvedTarget: what the requested target stands for; rows of upstream carry this one.
  /// - Returns: the row; `nil` when the execution has none.
  public func row(
    for identity: TestIdentity, suite: String?, resolvedTarget: String
  ) -> Row? {
    if let slot = own[identity] { return slots[slot] }
    if foreign.isEmpty { return nil }
    for target in [identity.target, resolvedTarget] {
      for suite in [suite, nil] {
        let key = ForeignKey(suite: suite, testID: identity.testID, target: target)
        if let slot = foreign[key] { return slots[slot] }
      }
    }
    return nil
  }
}

/// Whole rows by identity.
public typealias EffectiveRows = LastRows<ResultRow>
