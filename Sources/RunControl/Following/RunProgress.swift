// How far a run is, kept up to date from rows of index.jsonl and lines of events.jsonl. Pure.

public import Core
public import RunArtifacts

/// A finished test as the `row` event tells it.
public struct RowEvent: Sendable {
  /// Which execution.
  public let identity: TestIdentity
  /// Verdict.
  public let status: ExecutionStatus
  /// Cost that the target reported, US dollars.
  public let costUSD: Double?
  /// The event's data, an object.
  public let data: [UInt8]
  /// The row itself, for a reader that asked for it.
  public let row: ResultRow?
  /// Place in index.jsonl behind its line; 0 when it did not come from there.
  public let end: Int

  /// The event of a row, with the row itself when it is to be kept.
  public init(_ row: ResultRow, keepsRow: Bool = false, end: Int = 0) {
    self.row = keepsRow ? row : nil
    self.end = end
    identity = row.identity
    status = row.executionStatus
    costUSD = row.costUSD
    data = row.event.serialized()
  }
}

/// The numbers of a run.
public struct RunProgress: Sendable {
  /// A test that has started and has no row yet.
  public struct InFlight: Sendable, Hashable {
    /// Which execution.
    public var identity: TestIdentity
    /// When it started.
    public var startedAt: Timestamp
  }

  /// Tests × targets of the whole run; `nil` until the run has written it down.
  public var planned: Int?
  /// When the run was started for the first time.
  public var startedAt: Timestamp?
  /// What counts for each identity: its last row.
  ///
  /// Earlier attempts were replaced.
  public private(set) var rows: [RowEvent] = []
  /// Tests that run now, in the order of their starts.
  public private(set) var inFlight: [InFlight] = []
  private var places: [TestIdentity: Int] = [:]
  /// Tests whose last row is `ok`.
  public private(set) var ok = 0
  /// Tests whose last row is `quality_failure`.
  public private(set) var qualityFailures = 0
  /// Tests whose last row is `execution_error`.
  public private(set) var executionErrors = 0
  /// Sum over the rows that count; `nil` when none tells a cost.
  public private(set) var costUSD: Double?

  /// Nothing yet.
  public init() {}

  /// Tests with a row.
  public var completed: Int { rows.count }

  /// A test has a row.
  public mutating func add(_ row: RowEvent) {
    inFlight.removeAll { $0.identity.matches(row.identity) }
    if let place = places[row.identity] {
      count(rows[place], -1)
      rows[place] = row
    } else {
      places[row.identity] = rows.count
      rows.append(row)
    }
    count(row, 1)
  }

  /// A test started or was given back by a stop.
  public mutating func apply(_ event: RunEvent) {
    inFlight.removeAll { $0.identity == event.identity }
    if event.kind == .started {
      inFlight.append(InFlight(identity: event.identity, startedAt: event.at))
    }
  }

  /// The run has ended or was started anew: nothing is under way.
  public mutating func clearInFlight() { inFlight = [] }

  /// The `progress` event.
  public var json: JSON {
    [
      "planned": .optional(planned), "completed": .int(completed), "ok": .int(ok),
      "quality_failures": .int(qualityFailures), "execution_errors": .int(executionErrors),
      "in_flight": .array(
        inFlight.map {
          [
            "test_id": .string($0.identity.testID), "target": .string($0.identity.target),
            "eval_file": .optional($0.identity.evalFile),
            "started_at": .string($0.startedAt.description),
          ]
        }),
      "cost_usd": .optional(costUSD), "started_at": .optional(startedAt?.description),
    ]
  }

  private mutating func count(_ row: RowEvent, _ step: Int) {
    switch row.status {
    case .ok: ok += step
    case .qualityFailure: qualityFailures += step
    case .executionError: executionErrors += step
    }
    if let cost = row.costUSD { costUSD = (costUSD ?? 0) + Double(step) * cost }
  }
}

extension TestIdentity {
  /// Whether two records mean the same execution; one without a file matches by id and target.
  fileprivate func matches(_ other: TestIdentity) -> Bool {
    testID == other.testID && target == other.target
      && (evalFile == other.evalFile || evalFile == nil || other.evalFile == nil)
  }
}
