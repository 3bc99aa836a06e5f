// One run by suites and categories (reference: studio-api 6.3). A test counts once and passes by its
// status. Pure.

import Core
import RunArtifacts

enum RunBreakdown {
  private struct Tally {
    var name: String
    var total = 0
    var passed = 0
    var scored = 0
    var sum = 0.0
    var suites = Set<String>()

    mutating func add(_ row: RowDigest) {
      total += 1
      if row.isPassed { passed += 1 }
      if let score = row.score {
        scored += 1
        sum += score
      }
      suites.insert(RunBreakdown.suite(row))
    }

    func json(countsSuites: Bool) -> JSON {
      var object: JSONObject = [
        "name": .string(name), "total": .int(total), "passed": .int(passed),
        "failed": .int(total - passed),
        "avg_score": .double(scored == 0 ? 0 : sum / Double(scored)),
      ]
      if countsSuites { object["suite_count"] = .int(suites.count) }
      return .object(object)
    }
  }

  static func suite(_ row: RowDigest) -> String {
    row.suite ?? (row.target == "unknown" ? "default" : row.target)
  }

  static func category(_ row: RowDigest) -> String { row.category ?? "Uncategorized" }

  /// Suites in order of appearance; only those of one category when one is named.
  static func suites(_ rows: [RowDigest], category: String? = nil) -> JSON {
    tally(rows.filter { category == nil || self.category($0) == category }, suite, false)
  }

  /// Categories in order of appearance.
  static func categories(_ rows: [RowDigest]) -> JSON { tally(rows, category, true) }

  private static func tally(
    _ rows: [RowDigest], _ name: (RowDigest) -> String, _ countsSuites: Bool
  ) -> JSON {
    var tallies: [Tally] = []
    var places: [String: Int] = [:]
    for row in rows {
      let name = name(row)
      let place = places[name] ?? tallies.count
      if place == tallies.count {
        tallies.append(Tally(name: name))
        places[name] = place
      }
      tallies[place].add(row)
    }
    return .array(tallies.map { $0.json(countsSuites: countsSuites) })
  }
}
