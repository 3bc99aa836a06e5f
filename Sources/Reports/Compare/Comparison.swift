// Two lists of results side by side (reference: cli 9).

public import Core

/// One test in two lists.
public struct ComparedTest: Sendable, Hashable {
  /// How the candidate did against the baseline.
  public enum Outcome: String, Sendable, Hashable { case win, loss, tie }

  /// The test, as both lists name it.
  public var key: TestKey
  /// Score of the baseline.
  public var score1: Double
  /// Score of the candidate.
  public var score2: Double
  /// Outcome by the threshold.
  public var outcome: Outcome

  /// Candidate less baseline.
  public var delta: Double { score2 - score1 }

  /// Share of what the baseline left to gain (Hake 1998); `nil` when it left nothing.
  public var normalizedGain: Double? {
    score1 >= 1 ? nil : (score2 - score1) / (1 - score1)
  }
}

/// What tells tests of two lists apart: the id, and more where the id is not enough.
public struct TestKey: Sendable, Hashable {
  /// Test id.
  public var testID: String
  /// Target, when one list has a test on more than one.
  public var target: String?
  /// Eval file, else suite, when one list has an id in more than one.
  public var scope: String?

  /// The key in one text.
  public var text: String {
    testID + (target.map { "@\($0)" } ?? "") + (scope.map { " (\($0))" } ?? "")
  }
}

/// A comparison of two lists of results.
public struct Comparison: Sendable {
  /// Tests that both have, in the baseline's order.
  public var matched: [ComparedTest]
  /// Tests that only the baseline has.
  public var unmatched1: Int
  /// Tests that only the candidate has.
  public var unmatched2: Int
  /// Name of the baseline.
  public var baseline: String
  /// Name of the candidate.
  public var candidate: String

  /// Compares two lists.
  /// - Parameters:
  ///   - first: the baseline.
  ///   - second: the candidate.
  ///   - threshold: least difference that is a win or a loss.
  ///   - baseline: its name.
  ///   - candidate: its name.
  public init(
    _ first: [ResultDigest], _ second: [ResultDigest], threshold: Double, baseline: String,
    candidate: String
  ) {
    let detail = KeyDetail(first, second)
    var candidates: [TestKey: Double] = [:]
    for digest in second { candidates[detail.key(digest)] = digest.score }
    var seen = Set<TestKey>()
    matched = []
    unmatched1 = 0
    for digest in first {
      let key = detail.key(digest)
      guard seen.insert(key).inserted else { continue }
      guard let score2 = candidates[key] else {
        unmatched1 += 1
        continue
      }
      let delta = score2 - digest.score
      // A hair of tolerance: 0.9 - 0.8 is less than 0.1 in binary.
      let outcome: ComparedTest.Outcome =
        delta >= threshold - 1e-9 && delta > 0
        ? .win : delta <= -threshold + 1e-9 && delta < 0 ? .loss : .tie
      matched.append(
        ComparedTest(key: key, score1: digest.score, score2: score2, outcome: outcome))
    }
    unmatched2 = candidates.keys.count { !seen.contains($0) }
    self.baseline = baseline
    self.candidate = candidate
  }

  /// Number of tests with an outcome.
  public func count(_ outcome: ComparedTest.Outcome) -> Int {
    matched.count { $0.outcome == outcome }
  }

  /// Mean difference, three decimals; 0 of nothing.
  public var meanDelta: Double {
    (Statistics.mean(matched.map(\.delta)) ?? 0).rounded(decimals: 3)
  }

  /// Mean normalized gain, three decimals; `nil` when no baseline score left anything.
  public var meanNormalizedGain: Double? {
    Statistics.mean(matched.compactMap(\.normalizedGain))?.rounded(decimals: 3)
  }

  /// Upstream's document.
  public var json: JSON {
    [
      "matched": .array(
        matched.map { test in
          var object: JSONObject = ["test_id": .string(test.key.testID)]
          if let target = test.key.target { object["target"] = .string(target) }
          if let scope = test.key.scope { object["eval_file"] = .string(scope) }
          object["score1"] = .double(test.score1)
          object["score2"] = .double(test.score2)
          object["delta"] = .double(test.delta.rounded(decimals: 6))
          object["normalized_gain"] = .optional(test.normalizedGain?.rounded(decimals: 6))
          object["outcome"] = .string(test.outcome.rawValue)
          return .object(object)
        }),
      "unmatched": ["file1": .int(unmatched1), "file2": .int(unmatched2)],
      "summary": [
        "total": .int(matched.count * 2 + unmatched1 + unmatched2), "matched": .int(matched.count),
        "wins": .int(count(.win)), "losses": .int(count(.loss)), "ties": .int(count(.tie)),
        "mean_delta": .double(meanDelta), "mean_normalized_gain": .optional(meanNormalizedGain),
      ],
      "baseline": .string(baseline), "candidate": .string(candidate),
    ]
  }
}

/// How much it takes to tell the tests of two lists apart.
private struct KeyDetail {
  private var hasTarget = false
  private var hasScope = false

  init(_ first: [ResultDigest], _ second: [ResultDigest]) {
    let lists = [first, second]
    func isUnique() -> Bool { lists.allSatisfy { Set($0.map(key)).count == $0.count } }
    if isUnique() { return }
    // The same tests on several targets in both lists: then a target has to meet itself.
    let targets = lists.map { Set($0.map(\.target)) }
    hasTarget = targets.contains { $0.count > 1 } && !targets[0].isDisjoint(with: targets[1])
    if isUnique() { return }
    hasScope = true
  }

  func key(_ digest: ResultDigest) -> TestKey {
    TestKey(
      testID: digest.testID, target: hasTarget ? digest.target : nil,
      scope: hasScope ? digest.evalFile ?? digest.suite : nil)
  }
}
