// How far a run is, kept up to date from rows of index.jsonl and lines of events.jsonl. Pure.

import Core
import RunArtifacts

/// A finished test as the `row` event tells it.
struct RowEvent: Sendable {
  let identity: TestIdentity
  let status: ExecutionStatus
  let costUSD: Double?
  /// The event's data, an object.
  let data: [UInt8]

  init(_ row: ResultRow) {
    identity = row.identity
    status = row.executionStatus
    costUSD = row.costUSD
    data = row.event.serialized()
  }
}

struct RunProgress: Sendable {
  /// A test that has started and has no row yet.
  struct InFlight: Sendable, Hashable {
    var identity: TestIdentity
    var startedAt: Timestamp
  }

  /// Tests × targets of the whole run; `nil` until the run has written it down.
  var planned: Int?
  /// When the run was started for the first time.
  var startedAt: Timestamp?
  /// What counts for each identity: its last row.
  ///
  /// Earlier attempts were replaced.
  private(set) var rows: [RowEvent] = []
  private(set) var inFlight: [InFlight] = []
  private var places: [TestIdentity: Int] = [:]
  private(set) var ok = 0
  private(set) var qualityFailures = 0
  private(set) var executionErrors = 0
  /// Sum over the rows that count; `nil` when none tells a cost.
  private(set) var costUSD: Double?

  var completed: Int { rows.count }

  /// A test has a row.
  mutating func add(_ row: RowEvent) {
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
  mutating func apply(_ event: RunEvent) {
    inFlight.removeAll { $0.identity == event.identity }
    if event.kind == .started {
      inFlight.append(InFlight(identity: event.identity, startedAt: event.at))
    }
  }

  /// The run has ended or was started anew: nothing is under way.
  mutating func clearInFlight() { inFlight = [] }

  /// The `progress` event.
  var json: JSON {
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
