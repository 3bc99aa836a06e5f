// Totals over rows: of a run, a target, a suite. One rule: a test passes when its status is `ok`.

import Core
import RunArtifacts

/// Counts and sums over rows.
public struct RunTotals: Sendable, Hashable {
  /// Tests.
  public var total = 0
  /// Tests whose status is `ok`.
  public var passed = 0
  /// Tests that were judged and are not `ok`.
  public var qualityFailures = 0
  /// Tests that could not be run or graded.
  public var executionErrors = 0
  /// Sum of the scores of the tests that were judged.
  public var scoreSum = 0.0
  /// Time the targets took, milliseconds; not wall time.
  public var durationMS = 0
  /// Tokens read.
  public var inputTokens = 0
  /// Tokens written.
  public var outputTokens = 0
  /// Reported cost, US dollars; `nil` when no row tells one.
  public var costUSD: Double?

  /// Nothing yet.
  public init() {}

  /// Totals of rows.
  public init(_ digests: some Sequence<ResultDigest>) {
    for digest in digests { add(digest) }
  }

  /// Adds a row.
  public mutating func add(_ digest: ResultDigest) {
    total += 1
    switch digest.status {
    case .ok: passed += 1
    case .qualityFailure: qualityFailures += 1
    case .executionError: executionErrors += 1
    }
    if digest.status != .executionError { scoreSum += digest.score }
    durationMS += digest.durationMS ?? 0
    inputTokens += digest.tokens?.input ?? 0
    outputTokens += digest.tokens?.output ?? 0
    if let cost = digest.costUSD { costUSD = (costUSD ?? 0) + cost }
  }

  /// Tests that are not `ok`.
  public var failed: Int { total - passed }
  /// Share of the tests whose status is `ok`, 0…1.
  public var passRate: Double { total == 0 ? 0 : Double(passed) / Double(total) }
  /// Tests that were judged.
  public var judged: Int { passed + qualityFailures }
  /// Mean score of the judged tests; `nil` when there is none.
  public var meanScore: Double? { judged == 0 ? nil : scoreSum / Double(judged) }
  /// Tokens in all.
  public var tokens: Int { inputTokens + outputTokens }
}

/// Totals of rows that have something in common.
public struct TotalsGroup: Sendable, Hashable {
  /// What they have in common.
  public var name: String
  /// Their totals.
  public var totals: RunTotals

  /// Groups rows, in the order of first appearance.
  public static func groups(
    _ digests: [ResultDigest], by name: (ResultDigest) -> String
  ) -> [TotalsGroup] {
    var groups: [TotalsGroup] = []
    var places: [String: Int] = [:]
    for digest in digests {
      let name = name(digest)
      if let place = places[name] {
        groups[place].totals.add(digest)
      } else {
        places[name] = groups.count
        groups.append(TotalsGroup(name: name, totals: RunTotals([digest])))
      }
    }
    return groups
  }
}

/// How one grader judged.
public struct GraderTotals: Sendable, Hashable {
  /// Name of the grader.
  public var name: String
  /// Type of the grader.
  public var type: String
  /// Rows that it judged.
  public var count: Int
  /// Rows in which its verdict is `pass`, or its score 0.8 or more where there is no verdict.
  public var passed: Int
  /// Mean score.
  public var meanScore: Double

  /// All graders of rows, in the order of first appearance.
  public static func all(_ digests: [ResultDigest]) -> [GraderTotals] {
    struct Key: Hashable { let name, type: String }
    var all: [GraderTotals] = []
    var places: [Key: Int] = [:]
    for grader in digests.lazy.flatMap(\.graders) where grader.verdict != "skip" {
      let key = Key(name: grader.name, type: grader.type)
      let isPassed = grader.verdict.map { $0 == "pass" } ?? (grader.score >= 0.8)
      let place = places[key] ?? all.count
      if place == all.count {
        places[key] = place
        all.append(
          GraderTotals(name: key.name, type: key.type, count: 0, passed: 0, meanScore: 0))
      }
      // The sum until the end, then the mean.
      all[place].count += 1
      all[place].passed += isPassed ? 1 : 0
      all[place].meanScore += grader.score
    }
    for place in all.indices { all[place].meanScore /= Double(max(1, all[place].count)) }
    return all
  }
}
