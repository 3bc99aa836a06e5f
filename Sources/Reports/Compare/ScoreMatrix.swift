// All targets of one run side by side (reference: cli 9).

public import Core

/// Scores of tests × targets, and every pair of targets compared.
public struct ScoreMatrix: Sendable {
  /// Names of the targets, sorted.
  public var targets: [String]
  /// Tests, sorted by id, with the score on each target that has one.
  public var rows: [(testID: String, scores: [String: Double])]
  /// Every pair of targets, in the order of their names.
  public var pairs: [Comparison]

  /// The matrix of groups of results.
  /// - Parameters:
  ///   - groups: results by target.
  ///   - threshold: least difference that is a win or a loss.
  public init(_ groups: [String: [ResultDigest]], threshold: Double) {
    targets = groups.keys.sorted()
    var scores: [String: [String: Double]] = [:]
    for (target, digests) in groups {
      for digest in digests { scores[digest.testID, default: [:]][target] = digest.score }
    }
    rows = scores.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    pairs = []
    for (index, first) in targets.enumerated() {
      for second in targets[(index + 1)...] {
        pairs.append(
          Comparison(
            groups[first] ?? [], groups[second] ?? [], threshold: threshold, baseline: first,
            candidate: second))
      }
    }
  }

  /// The results of a run by target.
  ///
  /// The target that ran names the group, or the one that was asked for where two of those led to
  /// the same.
  public static func groups(_ digests: [ResultDigest]) -> [String: [ResultDigest]] {
    let resolved = Set(digests.map(\.target))
    let requested = Set(digests.map { $0.requestedTarget ?? $0.target })
    let usesRequested = requested.count > resolved.count
    return Dictionary(grouping: digests) {
      usesRequested ? $0.requestedTarget ?? $0.target : $0.target
    }
  }

  /// Whether a target does worse on average than the baseline, on the tests that both have.
  public func hasRegression(against baseline: String) -> Bool {
    pairs.contains { pair in
      pair.baseline == baseline && pair.meanDelta < 0
        || pair.candidate == baseline && pair.meanDelta > 0
    }
  }

  /// Upstream's document.
  public var json: JSON {
    [
      "matrix": .array(
        rows.map { row in
          [
            "test_id": .string(row.testID),
            "scores": .object(
              JSONObject(
                targets.compactMap { target in
                  row.scores[target].map { (target, JSON.double($0)) }
                })),
          ]
        }),
      "pairwise": .array(pairs.map(\.json)), "targets": .array(targets.map(JSON.string)),
    ]
  }

  /// The matrix for people.
  /// - Parameters:
  ///   - style: colours or none.
  ///   - baseline: the target whose regressions count; `nil` for none.
  /// - Returns: the lines.
  public func text(_ style: TextStyle, baseline: String?) -> String {
    var lines = ["", style.bold("Score Matrix"), ""]
    var table = TextTable([.left("Test ID", limit: 60)] + targets.map { .right($0) })
    for row in rows {
      table.add([row.testID] + targets.map { row.scores[$0]?.fixed(2) ?? "-" })
    }
    lines.append(table.text(style))
    if !pairs.isEmpty {
      lines += ["", style.bold("Pairwise Summary:")]
      for pair in pairs {
        let gain = pair.meanNormalizedGain.map { ", g \(Comparison.signed($0, 3))" } ?? ""
        lines.append(
          "  \(pair.baseline) → \(pair.candidate):  \(pair.counts)  "
            + "(Δ \(Comparison.signed(pair.meanDelta, 3))\(gain))")
      }
    }
    if let baseline {
      let verdict =
        hasRegression(against: baseline)
        ? style.paint("a target regresses against \(baseline)", .red)
        : style.paint("no target regresses against \(baseline)", .green)
      lines += ["", "Baseline: \(verdict)"]
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
