// Which row counts: the last one of each identity (design 9). Earlier ones are attempts.

public import Core

/// Rows by identity, the last one deciding; `EffectiveTable` has the rules.
public struct LastRows<Row: CountedRow>: Sendable {
  private var table = EffectiveTable<Row>()

  /// No rows yet.
  public init() {}

  /// Takes rows in file order.
  public init(_ rows: [Row]) {
    table.reserveCapacity(rows.count)
    for row in rows { add(row) }
  }

  /// The rows that count, in the order in which their identities first appeared.
  public var rows: [Row] { table.values }

  /// Number of rows that count.
  public var count: Int { table.count }

  /// Rows that a later one of the same identity replaced.
  public var replacedCount: Int { table.replacedCount }

  /// Adds the next row of the file.
  public mutating func add(_ row: Row) { table.add(row, row) }

  /// The row that counts for a planned execution.
  /// - Parameters:
  ///   - identity: eval file, id and requested target.
  ///   - suite: name of the suite, to tell equal ids of two files apart in rows of upstream.
  ///   - resolvedTarget: what the requested target stands for; rows of upstream carry this one.
  /// - Returns: the row; `nil` when the execution has none.
  public func row(
    for identity: TestIdentity, suite: String?, resolvedTarget: String
  ) -> Row? {
    table.value(for: identity, suite: suite, resolvedTarget: resolvedTarget)
  }
}

/// Whole rows by identity.
public typealias EffectiveRows = LastRows<ResultRow>
