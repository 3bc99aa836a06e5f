// Which row counts: the last one of each identity (design 9). Generic over what is kept of a row,
// so that 100,000 rows can be summed up without holding them.

public import Core

/// Values by the identity of their rows, the last row deciding.
///
/// Rows of upstream carry no eval file and the resolved target: they stand for every execution of
/// that suite, id and target until a row of ours replaces them.
public struct EffectiveTable<Value> {
  private struct ForeignKey: Hashable {
    var suite: String?
    var testID: String
    var target: String
  }

  private var slots: [Value?] = []
  private var own: [TestIdentity: Int] = [:]
  private var foreign: [ForeignKey: Int] = [:]
  /// Rows that a later one of the same identity replaced.
  public private(set) var replacedCount = 0

  /// An empty table.
  public init() {}

  /// What is kept of the rows that count, in the order in which their identities first appeared.
  public var values: [Value] { slots.compactMap(\.self) }

  /// Number of rows that count.
  public var count: Int { own.count + foreign.count }

  /// Makes room for as many rows.
  public mutating func reserveCapacity(_ count: Int) { slots.reserveCapacity(count) }

  /// Takes the next row of the file.
  /// - Parameters:
  ///   - row: tells the identity.
  ///   - value: what is kept of it.
  public mutating func add(_ row: some CountedRow, _ value: Value) {
    guard row.evalFile != nil else {
      let key = ForeignKey(suite: row.suite, testID: row.testID, target: row.target)
      foreign[key] = put(value, at: foreign[key])
      return
    }
    if !foreign.isEmpty { dropForeign(row) }
    let identity = row.identity
    own[identity] = put(value, at: own[identity])
  }

  private mutating func dropForeign(_ row: some CountedRow) {
    for target in Set([row.target, row.requestedTarget ?? row.target]) {
      for suite in [row.suite, nil] {
        let key = ForeignKey(suite: suite, testID: row.testID, target: target)
        if let slot = foreign.removeValue(forKey: key) {
          slots[slot] = nil
          replacedCount += 1
        }
      }
    }
  }

  /// Puts a value into its slot, or into a new one, and returns the slot.
  private mutating func put(_ value: Value, at slot: Int?) -> Int {
    guard let slot else {
      slots.append(value)
      return slots.count - 1
    }
    slots[slot] = value
    replacedCount += 1
    return slot
  }

  /// What is kept of the row that counts for a planned execution.
  /// - Parameters:
  ///   - identity: eval file, id and requested target.
  ///   - suite: name of the suite, to tell equal ids of two files apart in rows of upstream.
  ///   - resolvedTarget: what the requested target stands for; rows of upstream carry this one.
  /// - Returns: the value; `nil` when the execution has no row.
  public func value(
    for identity: TestIdentity, suite: String?, resolvedTarget: String
  ) -> Value? {
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

extension EffectiveTable: Sendable where Value: Sendable {}
