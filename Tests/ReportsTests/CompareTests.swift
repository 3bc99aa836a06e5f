import Core
import RunArtifacts
import TestSupport
import Testing

@testable import Reports

@Suite struct CompareTests {
  private let fixture: RunFixture

  init() throws { fixture = try RunFixture() }

  private func digests(_ results: [RunFixture.Result]) throws -> [ResultDigest] {
    try fixture.run(shape: "raw", results).digests().values
  }

  private func comparison(
    _ first: [RunFixture.Result], _ second: [RunFixture.Result], threshold: Double = 0.1
  ) throws -> Comparison {
    Comparison(
      try digests(first), try digests(second), threshold: threshold, baseline: "a", candidate: "b")
  }

  @Test(
    arguments: [
      (0.5, 0.6, 0.1, "win"), (0.8, 0.9, 0.1, "win"), (0.6, 0.5, 0.1, "loss"),
      (0.5, 0.59, 0.1, "tie"), (0.5, 0.5, 0, "tie"), (0.5, 0.51, 0, "win"), (1, 1, 0.1, "tie"),
    ] as [(Double, Double, Double, String)])
  func `a difference of the threshold or more decides`(
    _ score1: Double, _ score2: Double, _ threshold: Double, _ outcome: String
  ) throws {
    let comparison = try comparison(
      [.init(score: score1)], [.init(score: score2)], threshold: threshold)
    #expect(comparison.matched.map(\.outcome.rawValue) == [outcome])
  }

  @Test(arguments: [(0.5, 0.75, 0.5), (0, 1, 1), (0.5, 0.25, -0.5)] as [(Double, Double, Double)])
  func `the normalized gain is the share of what was left to gain`(
    _ score1: Double, _ score2: Double, _ gain: Double
  ) throws {
    let comparison = try comparison([.init(score: score1)], [.init(score: score2)])
    #expect(comparison.matched[0].normalizedGain == gain)
    #expect(comparison.meanNormalizedGain == gain)
  }

  @Test func `a perfect baseline leaves nothing to gain`() throws {
    let comparison = try comparison([.init(score: 1)], [.init(score: 0.5)])
    #expect(comparison.json["matched"]?[0]?["normalized_gain"] == .null)
    #expect(comparison.json["summary"]?["mean_normalized_gain"] == .null)
  }

  @Test func `the document has upstream's members`() throws {
    let comparison = try comparison(
      [.init(id: "x", score: 0.5), .init(id: "y", score: 1), .init(id: "only1")],
      [.init(id: "y", score: 0.5), .init(id: "x", score: 1), .init(id: "z"), .init(id: "w")])
    let json = comparison.json
    #expect(json["matched"]?.array?.compactMap { $0["test_id"]?.string } == ["x", "y"])
    #expect(json["unmatched"] == ["file1": 1, "file2": 2])
    #expect(json["summary"]?["total"] == 7)
    #expect(json["summary"]?["wins"] == 1)
    #expect(json["summary"]?["losses"] == 1)
    #expect(json["summary"]?["ties"] == 0)
    #expect(json["summary"]?["mean_delta"]?.double == 0)
  }

  @Test func `targets differ freely, until one id ran on several`() throws {
    let plain = try comparison([.init(target: "old")], [.init(target: "new")])
    #expect(plain.matched.count == 1)
    #expect(plain.matched[0].key.target == nil)
    let matrix: [RunFixture.Result] = [
      .init(target: "x", score: 1), .init(target: "y", score: 0),
    ]
    let both = try comparison(matrix, matrix)
    #expect(both.matched.count == 2)
    #expect(both.matched.allSatisfy { $0.delta == 0 })
  }

  @Test func `equal ids of two files do not meet each other`() throws {
    let runs: [RunFixture.Result] = [
      .init(id: "a", suite: "one", score: 1), .init(id: "a", suite: "two", score: 0),
    ]
    let comparison = try comparison(runs, runs)
    #expect(comparison.matched.map(\.delta) == [0, 0])
    #expect(comparison.matched.map(\.key.scope) == ["one", "two"])
  }

  @Test func `a matrix has a row for each test and a comparison for each pair`() throws {
    let digests = try digests([
      .init(id: "b", target: "x", score: 0.5), .init(id: "a", target: "x", score: 1),
      .init(id: "a", target: "y", score: 0.5), .init(id: "a", target: "z", score: 1),
    ])
    let matrix = ScoreMatrix(ScoreMatrix.groups(digests), threshold: 0.1)
    #expect(matrix.json["targets"] == ["x", "y", "z"])
    #expect(
      matrix.json["matrix"]?.text
        == #"[{"test_id":"a","scores":{"x":1,"y":0.5,"z":1}},{"test_id":"b","scores":{"x":0.5}}]"#)
    #expect(matrix.pairs.map { "\($0.baseline)-\($0.candidate)" } == ["x-y", "x-z", "y-z"])
    #expect(matrix.hasRegression(against: "x"))
    #expect(!matrix.hasRegression(against: "y"))
    #expect(matrix.hasRegression(against: "z"))
    #expect(matrix.text(TextStyle(hasColor: false), baseline: nil).contains("0.50"))
  }

  @Test func `two names that led to one target stay two columns`() throws {
    let source = try fixture.run([])
    let rows = ["one", "two"].map { name in
      #"{"test_id":"a","target":"real","requested_target":"\#(name)","eval_file":"e","score":1}"#
    }
    try FileIO.write(source.path, Array(rows.joined(separator: "\n").utf8))
    #expect(ScoreMatrix.groups(try source.digests().values).keys.sorted() == ["one", "two"])
  }

  @Test func `the table for people names what was compared`() throws {
    let comparison = try comparison([.init(score: 0.5)], [.init(score: 1)])
    let text = comparison.text(TextStyle(hasColor: false))
    #expect(text.contains("Comparing: a → b"))
    #expect(text.contains("a            0.50       1.00  +0.50  ✓ win"))
    #expect(text.contains("Summary: 1 win, 0 losses, 0 ties | Mean Δ: +0.500 | g: +1.000"))
    #expect(text.contains("Status: improved"))
    #expect(comparison.text(TextStyle(hasColor: true)).contains("\u{1B}[32m✓ win\u{1B}[0m"))
  }
}

@Suite struct TrendTests {
  private let fixture: RunFixture

  init() throws { fixture = try RunFixture() }

  private func runs(_ scores: [Double], id: String = "a") throws -> [ResultSource] {
    try scores.enumerated().map { index, score in
      try fixture.run(
        name: "2026-05-0\(index + 1)T00-00-00-000Z", shape: "raw",
        [.init(id: id, score: score, time: "2026-05-0\(index + 1)T01:00:00.000Z")])
    }
  }

  @Test(
    arguments: [
      ([0.9, 0.8, 0.7], 0.01, "degrading"), ([0.7, 0.8, 0.9], 0.01, "improving"),
      ([0.8, 0.8, 0.8], 0.01, "stable"), ([0.8, 0.799], 0.01, "stable"), ([0.5, 0.5], 0, "stable"),
      ([0.8, 0.7], 0.2, "stable"),
    ] as [([Double], Double, String)])
  func `the slope decides by the threshold`(
    _ scores: [Double], _ threshold: Double, _ direction: String
  ) throws {
    let trend = try Trend(
      try runs(scores), .init(slopeThreshold: threshold, failsOnDegrading: true))
    #expect(trend.direction.rawValue == direction)
    #expect(trend.isTriggered == (direction == "degrading"))
    #expect(trend.json["summary"]?["direction"]?.string == direction)
  }

  @Test func `runs are ordered by time, however they are named`() throws {
    let runs = try runs([0.1, 0.2, 0.3])
    let trend = try Trend(runs.reversed(), .init())
    #expect(trend.points.map(\.meanScore) == [0.1, 0.2, 0.3])
    #expect(trend.json["summary"]?["date_range"]?["start"] == "2026-05-01T01:00:00.000Z")
  }

  @Test func `only tests that all runs have are counted, unless told otherwise`() throws {
    let one = try fixture.run(name: "2026-05-01T00-00-00-000Z", [.init(id: "a", score: 1)])
    let two = try fixture.run(
      name: "2026-05-02T00-00-00-000Z", [.init(id: "a", score: 1), .init(id: "b", score: 0)])
    let matched = try Trend([one, two], .init())
    #expect(matched.points.map(\.meanScore) == [1, 1])
    #expect(matched.matchedTestCount == 1)
    let all = try Trend([one, two], .init(allowsMissingTests: true))
    #expect(all.points.map(\.meanScore) == [1, 0.5])
  }

  @Test func `suite and target filter, the target by either of its names`() throws {
    let sources = try (1...2).map { day in
      try fixture.run(
        name: "2026-05-0\(day)T00-00-00-000Z",
        [
          .init(id: "a", suite: "x", target: "t", score: 1),
          .init(id: "b", suite: "y", target: "u", score: 0),
        ])
    }
    #expect(try Trend(sources, .init(suite: "y")).points[0].meanScore == 0)
    #expect(try Trend(sources, .init(target: "t")).points[0].meanScore == 1)
  }

  @Test func `what cannot be looked at is refused with the reason`() throws {
    func message(_ sources: [ResultSource], _ settings: Trend.Settings = .init()) -> String {
      do { _ = try Trend(sources, settings) } catch { return "\(error)" }
      return ""
    }
    let one = try runs([1])
    let other = try fixture.run(name: "2026-06-01T00-00-00-000Z", [.init(id: "z")])
    #expect(message(one).contains("at least 2 runs, got 1"))
    #expect(message(one + [other]).contains("No shared test IDs"))
    #expect(message(one + [other], .init(suite: "none")).contains("filtering by suite=none"))
    #expect(message(one + [other], .init(slopeThreshold: -1)).contains("0 or more, got: -1"))
  }

  @Test func `the table for people shows runs, filters and the gate`() throws {
    let text = try Trend(try runs([0.92, 0.86, 0.8]), .init(failsOnDegrading: true))
      .text(TextStyle(hasColor: false))
    #expect(text.contains("Matched Tests: 1 | Verdict: degrading"))
    #expect(text.contains("2026-05-01T01:00:00.000Z      1       0.920"))
    #expect(text.contains("Summary: slope=-0.060 intercept=0.920 r²=1.000"))
    #expect(text.contains("threshold=0.010 fail_on_degrading=true triggered=true"))
  }
}
