// Experiments × targets, and run by run (reference: studio-api 8.3), from what the index of runs
// knows. Tests count once; a test passes by its status. Pure.

import Core
import RunArtifacts

struct Comparison: Sendable {
  /// Numbers of the rows of some groups.
  private struct Tally {
    var count = 0
    var passed = 0
    var scored = 0
    var sum = 0.0
    /// The last tests, the last one first.
    var tests: [TestMarks.Mark] = []
    var seen = Set<ArraySlice<UInt8>>()

    var average: Double { scored == 0 ? 0 : sum / Double(scored) }

    mutating func add(_ group: RunGroup) {
      count += group.tests
      passed += group.passed
      scored += group.scored
      sum += group.scoreSum
    }

    var members: [(name: String, value: [UInt8])] {
      [
        ("eval_count", JSON.int(count).serialized()),
        ("passed_count", JSON.int(passed).serialized()),
        (
          "pass_rate",
          JSON.double(count == 0 ? 0 : Double(passed) / Double(count)).serialized()
        ),
        ("avg_score", JSON.double(average).serialized()),
      ]
    }
  }

  private struct Key: Hashable {
    var experiment: String
    var target: String

    var members: [(name: String, value: [UInt8])] {
      [
        ("experiment", JSON.string(experiment).serialized()),
        ("target", JSON.string(target).serialized()),
      ]
    }
  }

  private var cells: [Key: Tally] = [:]
  private var order: [Key] = []
  private var runs: [(startedAt: String, json: [UInt8])] = []

  /// Compares runs; those without rows are left out.
  init(_ listed: [ListedRun]) {
    let counted = listed.filter { $0.testCount > 0 && !$0.meta.groups.isEmpty }
    for run in counted {
      for group in run.meta.groups {
        let key = Self.key(run.meta, group)
        if cells[key] == nil { order.append(key) }
        cells[key, default: Tally()].add(group)
      }
      runs.append(Self.run(run.meta))
    }
    // From the last row on: a cell lists its last tests only, and most runs need no look.
    for run in counted.reversed() {
      for group in run.meta.groups.reversed() {
        Self.list(group.marks, in: &cells[Self.key(run.meta, group), default: Tally()])
      }
    }
  }

  private static func list(_ marks: TestMarks, in tally: inout Tally) {
    guard tally.tests.count < TestMarks.maximumCount else { return }
    for mark in marks.marks.reversed() where tally.seen.insert(mark.id).inserted {
      tally.tests.append(mark)
      if tally.tests.count == TestMarks.maximumCount { return }
    }
  }

  private static func run(_ meta: RunMeta) -> (startedAt: String, json: [UInt8]) {
    var all = Tally()
    for group in meta.groups { all.add(group) }
    var started = meta.timestamp == "unknown" ? nil : meta.timestamp
    if let first = meta.firstRowAt { started = min(started ?? first, first) }
    var members = [("run_id", JSON.string(meta.runID).serialized())]
    members.append(("started_at", JSON.string(started ?? "unknown").serialized()))
    members += key(meta, meta.groups[meta.lastGroup]).members
    if !meta.tags.isEmpty {
      members.append(("tags", JSON.array(meta.tags.map(JSON.string)).serialized()))
    }
    members.append(("source", JSON.string(meta.isRemote ? "remote" : "local").serialized()))
    members += all.members
    members.append(("tests", tests(meta.marks.marks)))
    return (started ?? "", RawJSON.object(members))
  }

  private static func key(_ meta: RunMeta, _ group: RunGroup) -> Key {
    Key(
      experiment: Overviews.experiment(meta, group), target: Overviews.target(group))
  }

  private static func tests(_ marks: some Sequence<TestMarks.Mark>) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    for mark in marks {
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      bytes += #"{"test_id":"#.utf8
      bytes += mark.id
      bytes += #","score":"#.utf8
      bytes += mark.score
      bytes += (mark.status == .ok ? #","passed":true"# : #","passed":false"#).utf8
      bytes += #","execution_status":""#.utf8
      bytes += mark.status.rawValue.utf8
      bytes += #""}"#.utf8
    }
    bytes.append(UInt8(ascii: "]"))
    return bytes
  }

  /// The members of the answer, with the gain over a target when one is named.
  /// - Throws: `unknown-baseline` when no row is of that target.
  func members(
    baseline: String?
  ) throws(RequestError) -> [(name: String, value: [UInt8])] {
    if let baseline, !order.contains(where: { $0.target == baseline }) {
      throw .badRequest(
        "unknown-baseline", "Baseline target \"\(baseline)\" does not exist in the data",
        field: "baseline")
    }
    let experiments = Set(order.map(\.experiment)).sorted().map(JSON.string)
    let targets = Set(order.map(\.target)).sorted().map(JSON.string)
    return [
      ("experiments", JSON.array(experiments).serialized()),
      ("targets", JSON.array(targets).serialized()),
      ("cells", RawJSON.array(order.map { cell($0, baseline) })),
      ("runs", RawJSON.array(runs.sorted { $0.startedAt > $1.startedAt }.lazy.map(\.json))),
    ]
  }

  private func cell(_ key: Key, _ baseline: String?) -> [UInt8] {
    let tally = cells[key] ?? Tally()
    var members = key.members + tally.members
    members.append(("tests", Self.tests(tally.tests.reversed())))
    if let baseline, key.target != baseline,
      let base = cells[Key(experiment: key.experiment, target: baseline)]
    {
      let delta = tally.average - base.average
      members.append(("delta", JSON.double(Self.rounded(delta)).serialized()))
      let gain: JSON =
        base.average >= 1 ? .null : .double(Self.rounded(delta / (1 - base.average)))
      members.append(("normalized_gain", gain.serialized()))
    }
    return RawJSON.object(members)
  }

  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
