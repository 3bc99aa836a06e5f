// Experiments × targets, and run by run (reference: studio-api 8.3). Tests count once; a test passes
// by its status.

import Core
import RunArtifacts

struct Comparison: Sendable {
  /// Tests listed for each cell and run; the last ones.
  static let maximumTests = 100

  /// Scores of some rows, and the tests among them.
  struct Tally: Sendable {
    private(set) var count = 0
    private(set) var passed = 0
    private var scored = 0
    private var sum = 0.0
    private var tests: [String: Int] = [:]
    private var order: [(id: String, row: RowDigest)?] = []

    var average: Double { scored == 0 ? 0 : sum / Double(scored) }

    mutating func add(_ row: RowDigest) {
      count += 1
      if row.isPassed { passed += 1 }
      if let score = row.score {
        scored += 1
        sum += score
      }
      if let place = tests[row.testID] { order[place] = nil }
      tests[row.testID] = order.count
      order.append((row.testID, row))
    }

    var members: [(String, JSON)] {
      [
        ("eval_count", .int(count)), ("passed_count", .int(passed)),
        ("pass_rate", .double(count == 0 ? 0 : Double(passed) / Double(count))),
        ("avg_score", .double(average)), ("tests", testList),
      ]
    }

    private var testList: JSON {
      .array(
        order.compactMap(\.self).suffix(Comparison.maximumTests).map { entry in
          [
            "test_id": .string(entry.id), "score": .double(entry.row.score ?? 0),
            "passed": .bool(entry.row.isPassed),
            "execution_status": .string(entry.row.status.rawValue),
          ]
        })
    }
  }

  private struct Key: Hashable {
    var experiment: String
    var target: String
  }

  private var cells: [Key: Tally] = [:]
  private var order: [Key] = []
  private var runs: [(startedAt: String, json: JSON)] = []

  /// Adds a run with its rows; one without rows is left out.
  mutating func add(_ meta: RunMeta, _ rows: [RowDigest]) {
    guard let last = rows.last else { return }
    var all = Tally()
    var started = meta.timestamp == "unknown" ? nil : meta.timestamp
    for row in rows {
      all.add(row)
      let key = Self.key(meta, row)
      if cells[key] == nil { order.append(key) }
      cells[key, default: Tally()].add(row)
      if let time = row.timestamp { started = min(started ?? time, time) }
    }
    let key = Self.key(meta, last)
    var object: JSONObject = [
      "run_id": .string(meta.runID), "started_at": .string(started ?? "unknown"),
      "experiment": .string(key.experiment), "target": .string(key.target),
    ]
    if !meta.tags.isEmpty { object["tags"] = .array(meta.tags.map(JSON.string)) }
    object["source"] = .string(meta.isRemote ? "remote" : "local")
    for (name, value) in all.members { object.appendUnchecked(name, value) }
    runs.append((started ?? "", .object(object)))
  }

  private static func key(_ meta: RunMeta, _ row: RowDigest) -> Key {
    Key(
      experiment: row.experiment ?? meta.experiment ?? "default",
      target: row.target == "unknown" ? "default" : row.target)
  }

  /// The answer, with the gain over a target when one is named.
  /// - Throws: `unknown-baseline` when no row is of that target.
  func json(baseline: String?) throws(RequestError) -> JSON {
    if let baseline, !order.contains(where: { $0.target == baseline }) {
      throw .badRequest(
        "unknown-baseline", "Baseline target \"\(baseline)\" does not exist in the data",
        field: "baseline")
    }
    return [
      "experiments": .array(Set(order.map(\.experiment)).sorted().map(JSON.string)),
      "targets": .array(Set(order.map(\.target)).sorted().map(JSON.string)),
      "cells": .array(order.map { cell($0, baseline) }),
      "runs": .array(runs.sorted { $0.startedAt > $1.startedAt }.map(\.json)),
    ]
  }

  private func cell(_ key: Key, _ baseline: String?) -> JSON {
    let tally = cells[key] ?? Tally()
    var object: JSONObject = [
      "experiment": .string(key.experiment), "target": .string(key.target),
    ]
    for (name, value) in tally.members { object.appendUnchecked(name, value) }
    if let baseline, key.target != baseline,
      let base = cells[Key(experiment: key.experiment, target: baseline)]
    {
      let delta = tally.average - base.average
      object["delta"] = .double(Self.rounded(delta))
      object["normalized_gain"] =
        base.average >= 1 ? .null : .double(Self.rounded(delta / (1 - base.average)))
    }
    return .object(object)
  }

  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
