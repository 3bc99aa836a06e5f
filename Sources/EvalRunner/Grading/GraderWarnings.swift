// What graders have to say to people.

import Synchronization

/// Writes graders' warnings to stderr.
final class GraderWarnings: Sendable {
  /// Beginnings of lines that are about one test; any other is said once for all tests.
  private static let repeated = ["⚠ LLM grader ", "[tool-trajectory] "]

  private let console: Console
  private let said = Mutex<Set<String>>([])

  init(_ console: Console) { self.console = console }

  /// Says a line.
  func say(_ line: String) {
    let isRepeated = Self.repeated.contains { line.hasPrefix($0) }
    guard isRepeated || said.withLock({ $0.insert(line).inserted }) else { return }
    console.complain(line)
  }
}
