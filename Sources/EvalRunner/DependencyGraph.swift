// Which tests of a file wait for which others on one target (reference: eval-files 4.4).

import Core
import EvalFiles

/// The dependencies among the tests that run now.
struct DependencyGraph: Sendable {
  /// Places of the tests that wait for a test.
  private(set) var dependents: [[Int]] = []
  /// Number of tests that a test waits for.
  private(set) var openCounts: [Int] = []
  /// Dependencies of a test that failed before this run and are not run again.
  private(set) var failedBefore: [[String]] = []
  /// Whether any test waits for another.
  private(set) var isEmpty = true

  /// Puts the graph together.
  ///
  /// A dependency that is not run now, because a filter left it out or because it has its result
  /// already, counts by its earlier row; without one it does not hold anybody up.
  /// - Parameters:
  ///   - tests: what runs now, in order.
  ///   - earlier: status of the earlier row of a test that is not run now.
  init(_ tests: [PlannedTest], earlier: (String) -> ExecutionStatus?) {
    guard tests.contains(where: { !$0.facts.dependencies.ids.isEmpty }) else { return }
    isEmpty = false
    let places = Dictionary(
      tests.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { $1 })
    dependents = Array(repeating: [], count: tests.count)
    openCounts = Array(repeating: 0, count: tests.count)
    failedBefore = Array(repeating: [], count: tests.count)
    for (place, planned) in tests.enumerated() {
      for id in planned.facts.dependencies.ids {
        if let other = places[id] {
          dependents[other].append(place)
          openCounts[place] += 1
        } else if earlier(id) == .executionError {
          failedBefore[place].append(id)
        }
      }
    }
  }

  /// What is wrong with the dependencies of a file; `nil` when nothing is.
  ///
  /// All tests of the file are looked at, so that a filter changes nothing.
  static func problem(_ tests: TestCatalog) -> String? {
    guard tests.hasDependencies else { return nil }
    let places = Dictionary(
      tests.indices.map { (tests.id($0), $0) }, uniquingKeysWith: { first, _ in first })
    for place in tests.indices {
      let id = tests.id(place)
      for other in tests.facts(place).dependencies.ids {
        if other == id { return "Test '\(id)' depends on itself" }
        if places[other] == nil {
          return "Test '\(id)' depends on '\(other)', which is not a test of this file"
        }
      }
    }
    return cycle(tests, places).map {
      "Circular dependency detected: \($0.joined(separator: " → "))"
    }
  }

  /// What is wrong with the dependencies of some tests; `nil` when nothing is.
  static func problem(_ tests: [EvalTest]) -> String? { problem(TestCatalog(tests)) }

  /// A circle of ids, the first one repeated at its end.
  private static func cycle(_ tests: TestCatalog, _ places: [String: Int]) -> [String]? {
    var done = Set<String>()
    for place in tests.indices {
      let start = tests.id(place)
      if done.contains(start) { continue }
      // Depth first, with a stack of our own: a chain may be as long as the file.
      var path: [(id: String, next: Int)] = [(start, 0)]
      var onPath: Set<String> = [start]
      while let (id, next) = path.last {
        let ids = places[id].map { tests.facts($0).dependencies.ids } ?? []
        guard next < ids.count else {
          path.removeLast()
          onPath.remove(id)
          done.insert(id)
          continue
        }
        path[path.count - 1].next += 1
        let child = ids[next]
        if onPath.contains(child) {
          let from = path.firstIndex { $0.id == child } ?? 0
          return path[from...].map(\.id) + [child]
        }
        if !done.contains(child) {
          path.append((child, 0))
          onPath.insert(child)
        }
      }
    }
    return nil
  }
}
