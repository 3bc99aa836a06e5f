// What is added up over the rows of a run. Pure.

import Core

/// Sums over rows, which are added in their order.
struct RunTotals: Sendable {
  /// Number of rows.
  private(set) var count = 0
  private(set) var okCount = 0
  private(set) var qualityFailureCount = 0
  private(set) var executionErrorCount = 0
  /// Earliest time that a row tells.
  private(set) var firstRowAt: String?
  /// By experiment and target, without their last tests.
  private(set) var groups: [RunGroup] = []
  /// Place of the group of the last row; 0 when there is none.
  private(set) var lastGroup = 0
  private var scored = 0
  private var scoreSum = 0.0
  private var hasCost = false
  private var costSum = 0.0

  init() {}

  init(_ rows: [RowDigest]) { add(rows) }

  /// Mean of the scores; `nil` when no row has one.
  var averageScore: Double? { scored == 0 ? nil : scoreSum / Double(scored) }
  /// Cost, US dollars; `nil` when no row tells one.
  var costUSD: Double? { hasCost ? costSum : nil }

  /// Adds the rows that came since: those from `count` on.
  mutating func add(_ rows: [RowDigest]) {
    for index in count..<max(count, rows.count) { add(rows[index]) }
    count = rows.count
  }

  private mutating func add(_ row: RowDigest) {
    switch row.status {
    case .ok: okCount += 1
    case .qualityFailure: qualityFailureCount += 1
    case .executionError: executionErrorCount += 1
    }
    if let score = row.score {
      scored += 1
      scoreSum += score
    }
    if let cost = row.costUSD {
      hasCost = true
      costSum += cost
    }
    if let time = row.timestamp, firstRowAt.map({ time < $0 }) ?? true { firstRowAt = time }
    RunGroup.add(row, to: &groups, last: &lastGroup)
  }
}
