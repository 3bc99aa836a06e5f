// Experiments and targets over all runs (reference: studio-api 8), added up from the runs' groups.
// Pure.

import Core
import RunArtifacts

enum Overviews {
  private struct Tally {
    var name: String
    var runs = 0
    var others = Set<String>()
    var tests = 0
    var passed = 0
    var last: String?
    var lastRun: String?

    var passRate: Double { tests == 0 ? 0 : Double(passed) / Double(tests) }
  }

  /// `experiments` of the API.
  static func experiments(_ runs: [ListedRun]) -> [JSON] {
    tally(runs) { meta, group in
      experiment(meta, group)
    } other: { _, group in
      group.target
    }
    .map {
      [
        "name": .string($0.name), "run_count": .int($0.runs),
        "target_count": .int($0.others.count), "eval_count": .int($0.tests),
        "passed_count": .int($0.passed), "pass_rate": .double($0.passRate),
        "last_run": .optional($0.last),
      ]
    }
  }

  /// `targets` of the API.
  static func targets(_ runs: [ListedRun]) -> [JSON] {
    tally(runs) { _, group in
      target(group)
    } other: { meta, group in
      group.experiment ?? meta.experiment
    }.map {
      [
        "name": .string($0.name), "run_count": .int($0.runs),
        "experiment_count": .int($0.others.count), "eval_count": .int($0.tests),
        "passed_count": .int($0.passed), "pass_rate": .double($0.passRate),
        "last_run": .optional($0.last),
      ]
    }
  }

  /// `entries` of the API's index.
  static func index(_ runs: [ListedRun]) -> JSON {
    .array(
      runs.map {
        [
          "run_filename": .string($0.runID), "display_name": .string($0.displayName),
          "test_count": .int($0.testCount), "pass_rate": .double($0.meta.passRate),
          "avg_score": .optional($0.meta.averageScore),
          "total_cost_usd": .double($0.meta.costUSD ?? 0),
          "timestamp": .string($0.meta.timestamp),
        ]
      })
  }

  /// The experiment of rows: what they say, else what their run's record or directory says.
  static func experiment(_ meta: RunMeta, _ group: RunGroup) -> String {
    group.experiment ?? meta.experiment ?? "default"
  }

  /// The target of rows, by the name under which upstream counts those without one.
  static func target(_ group: RunGroup) -> String {
    group.target == "unknown" ? "default" : group.target
  }

  private static func tally(
    _ runs: [ListedRun], _ name: (RunMeta, RunGroup) -> String,
    other: (RunMeta, RunGroup) -> String?
  ) -> [Tally] {
    var tallies: [Tally] = []
    var places: [String: Int] = [:]
    for run in runs {
      for group in run.meta.groups {
        let name = name(run.meta, group)
        let place = places[name] ?? tallies.count
        if place == tallies.count {
          tallies.append(Tally(name: name))
          places[name] = place
        }
        if tallies[place].lastRun != run.path {
          tallies[place].lastRun = run.path
          tallies[place].runs += 1
        }
        tallies[place].tests += group.tests
        tallies[place].passed += group.passed
        if let other = other(run.meta, group) { tallies[place].others.insert(other) }
        if run.meta.timestamp != "unknown" {
          tallies[place].last = max(tallies[place].last ?? "", run.meta.timestamp)
        }
      }
    }
    return tallies
  }
}
