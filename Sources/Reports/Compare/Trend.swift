// A straight line through the mean scores of several runs (reference: cli 1, trend).

public import Core
import RunArtifacts

/// How mean scores move over runs.
public struct Trend: Sendable {
  /// What is looked at and what counts as a movement.
  public struct Settings: Sendable, Hashable {
    /// Only this suite.
    public var suite: String?
    /// Only this target.
    public var target: String?
    /// Whether each run counts with all its tests instead of those that all runs have.
    public var allowsMissingTests: Bool
    /// Least slope, score a run, that is a movement; 0 or more.
    public var slopeThreshold: Double
    /// Whether a degrading trend is a failure.
    public var failsOnDegrading: Bool

    /// Settings.
    public init(
      suite: String? = nil, target: String? = nil, allowsMissingTests: Bool = false,
      slopeThreshold: Double = 0.01, failsOnDegrading: Bool = false
    ) {
      self.suite = suite
      self.target = target
      self.allowsMissingTests = allowsMissingTests
      self.slopeThreshold = slopeThreshold
      self.failsOnDegrading = failsOnDegrading
    }
  }

  /// Which way scores move.
  public enum Direction: String, Sendable, Hashable { case improving, degrading, stable }

  /// One run.
  public struct Point: Sendable, Hashable {
    /// Time of its first result, else the name of its directory.
    public var label: String
    /// Its index.
    public var path: String
    /// Time of its first result.
    public var timestamp: String?
    /// Tests that count.
    public var testCount: Int
    /// Mean score of these; an execution error counts as its score, 0.
    public var meanScore: Double
    /// Tests among them that could not be judged.
    public var executionErrors: Int
  }

  /// What was asked for.
  public let settings: Settings
  /// The runs, oldest first.
  public let points: [Point]
  /// Tests that all runs have; the fewest of a run when each counts with all its own.
  public let matchedTestCount: Int
  /// The line through the mean scores.
  public let line: Statistics.Line

  /// Looks at runs.
  /// - Parameters:
  ///   - sources: two or more runs.
  ///   - settings: what is looked at.
  /// - Throws: `ReportError` when a run has nothing to look at; `FileError`.
  public init(_ sources: [ResultSource], _ settings: Settings) throws {
    guard settings.slopeThreshold >= 0, settings.slopeThreshold.isFinite else {
      throw ReportError(
        "--slope-threshold must be 0 or more, got: \(settings.slopeThreshold)")
    }
    guard sources.count >= 2 else {
      throw ReportError("Trend analysis requires at least 2 runs, got \(sources.count)")
    }
    var runs = try sources.map { try Run($0, settings) }
    runs.sort { ($0.sortKey, $0.source.path) < ($1.sortKey, $1.source.path) }
    var shared: Set<String>?
    if !settings.allowsMissingTests {
      let ids = runs.map { Set($0.tests.map(\.id)) }
      let common = ids.dropFirst().reduce(ids[0]) { $0.intersection($1) }
      guard !common.isEmpty else {
        throw ReportError(
          "No shared test IDs remain across the selected runs after filtering; "
            + "--allow-missing-tests compares them all the same")
      }
      shared = common
    }
    points = runs.map { run in
      let tests = run.tests.filter { shared?.contains($0.id) ?? true }
      return Point(
        label: run.timestamp ?? Path.name(run.source.directory.path), path: run.source.path,
        timestamp: run.timestamp, testCount: tests.count,
        meanScore: (Statistics.mean(tests.map(\.score)) ?? 0).rounded(decimals: 6),
        executionErrors: tests.count { $0.isError })
    }
    self.settings = settings
    matchedTestCount = shared?.count ?? points.map(\.testCount).min() ?? 0
    line = Statistics.line(points.map(\.meanScore))
  }

  private struct Run {
    var source: ResultSource
    var timestamp: String?
    var tests: [(id: String, score: Double, isError: Bool)]
    var sortKey: String { timestamp ?? Path.name(source.directory.path) }

    init(_ source: ResultSource, _ settings: Settings) throws {
      self.source = source
      let scan = try source.scan { row, _ in
        (
          id: row.testID, score: row.score ?? 0, isError: row.executionStatus == .executionError,
          suite: row.suite, targets: [row.target, row.requestedTarget ?? row.target],
          timestamp: row.timestamp
        )
      }
      let rows = scan.values.filter { row in
        (settings.suite.map { $0 == row.suite } ?? true)
          && (settings.target.map { row.targets.contains($0) } ?? true)
      }
      guard !rows.isEmpty else {
        let filters = [
          settings.suite.map { "suite=\($0)" }, settings.target.map { "target=\($0)" },
        ].compactMap(\.self).joined(separator: ", ")
        throw ReportError(
          "Run has no matching records\(filters.isEmpty ? "" : " after filtering by \(filters)"): "
            + source.path)
      }
      timestamp = rows.compactMap(\.timestamp).min()
      tests = rows.map { ($0.id, $0.score, $0.isError) }
    }
  }

  /// Which way scores move.
  public var direction: Direction {
    // A slope of exactly 0 is no movement, also with a threshold of 0.
    if line.slope < 0, line.slope <= -settings.slopeThreshold { return .degrading }
    if line.slope > 0, line.slope >= settings.slopeThreshold { return .improving }
    return .stable
  }

  /// Whether this is a failure.
  public var isTriggered: Bool { settings.failsOnDegrading && direction == .degrading }
}

extension Trend {
  /// Upstream's document.
  public var json: JSON {
    [
      "runs": .array(
        points.map { point in
          [
            "label": .string(point.label), "path": .string(point.path),
            "timestamp": .optional(point.timestamp), "matched_test_count": .int(point.testCount),
            "mean_score": .double(point.meanScore),
            "execution_errors": .int(point.executionErrors),
          ]
        }),
      "filters": [
        "suite": .optional(settings.suite), "target": .optional(settings.target),
        "allow_missing_tests": .bool(settings.allowsMissingTests),
      ],
      "summary": [
        "run_count": .int(points.count), "matched_test_count": .int(matchedTestCount),
        "date_range": [
          "start": .optional(points.first?.timestamp), "end": .optional(points.last?.timestamp),
        ],
        "slope": .double(line.slope.rounded(decimals: 6)),
        "intercept": .double(line.intercept.rounded(decimals: 6)),
        "r_squared": .double(line.rSquared.rounded(decimals: 6)),
        "direction": .string(direction.rawValue),
      ],
      "regression": [
        "slope_threshold": .double(settings.slopeThreshold),
        "fail_on_degrading": .bool(settings.failsOnDegrading), "triggered": .bool(isTriggered),
      ],
    ]
  }

  /// The table for people.
  public func text(_ style: TextStyle) -> String {
    let color: TextStyle.Color =
      switch direction {
      case .improving: .green
      case .degrading: .red
      case .stable: .gray
      }
    var table = TextTable([.left("Run"), .right("Tests"), .right("Mean Score")])
    for point in points {
      table.add([point.label, String(point.testCount), point.meanScore.fixed(3)])
    }
    return [
      "", style.bold("Trend Analysis"), "",
      "\(style.bold("Runs:")) \(points.count) | \(style.bold("Range:")) "
        + "\(points.first?.timestamp ?? "unknown") → \(points.last?.timestamp ?? "unknown")",
      "\(style.bold("Filters:")) suite=\(settings.suite ?? "*") target=\(settings.target ?? "*") "
        + "mode=\(settings.allowsMissingTests ? "independent" : "matched-tests")",
      "\(style.bold("Matched Tests:")) \(matchedTestCount) | \(style.bold("Verdict:")) "
        + style.paint(direction.rawValue, color), "", table.text(style), "",
      "\(style.bold("Summary:")) slope=\(Comparison.signed(line.slope, 3)) "
        + "intercept=\(line.intercept.fixed(3)) r²=\(line.rSquared.fixed(3))",
      "\(style.bold("Regression Gate:")) threshold=\(settings.slopeThreshold.fixed(3)) "
        + "fail_on_degrading=\(settings.failsOnDegrading) triggered=\(isTriggered)", "",
    ].joined(separator: "\n")
  }
}
