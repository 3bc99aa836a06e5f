// Tells how a run goes on: plain lines always, a live line under them on a terminal.

import Core
import EvalFiles
import RunArtifacts
import Synchronization

/// Counts and shows the tests of one run.
final class ProgressReporter: Sendable {
  private struct Start {
    var testID: String
    var requested: String
    var resolved: String
  }

  private struct State {
    /// Tests whose row is on the way to the disk.
    var unannounced: Set<TestIdentity> = []
    /// Starts to be told after the end of the test that the same worker ran before.
    var successors: [TestIdentity: Start] = [:]
    var bar = ProgressBar()
    var running: [TestIdentity: (name: String, order: Int)] = [:]
    var order = 0
    var startedAt: ContinuousClock.Instant?
  }

  private let state: Mutex<State>
  private let console: Console
  private let lines: ProgressLine
  /// Width of the terminal for the live line; `nil` when there is none.
  private let columns: (@Sendable () -> Int)?

  /// A reporter.
  /// - Parameters:
  ///   - console: where it tells.
  ///   - total: tests to run in this invocation.
  ///   - isMatrix: whether there is more than one target.
  ///   - columns: width of the terminal, asked each time because it changes; `nil` for plain lines
  ///     only.
  init(console: Console, total: Int, isMatrix: Bool, columns: (@Sendable () -> Int)?) {
    self.console = console
    self.columns = columns
    lines = ProgressLine(isMatrix: isMatrix)
    var state = State()
    state.bar.total = total
    self.state = Mutex(state)
  }

  /// Tells that a test waits for its turn.
  func pending(_ test: PlannedTest, _ target: ResolvedTarget) {
    let bar = state.withLock { $0.bar }
    console.say(
      lines.open(
        "⏳", done: bar.done, total: bar.total, testID: test.identity.testID,
        requested: target.requested, resolved: target.name))
  }

  /// Tells that a test was started.
  ///
  /// A worker goes on while its last row is on the way to the disk; the two are told in the order
  /// in which a reader expects them, the end of the one before the start of the next.
  /// - Parameters:
  ///   - test: the test.
  ///   - target: what it runs on.
  ///   - previous: the test that the same worker ran before.
  func started(_ test: PlannedTest, _ target: ResolvedTarget, after previous: TestIdentity?) {
    let start = Start(
      testID: test.identity.testID, requested: target.requested, resolved: target.name)
    let bar = state.withLock { state -> ProgressBar? in
      state.startedAt = state.startedAt ?? .now
      let name = lines.isMatrix ? "\(start.testID)@\(start.requested)" : start.testID
      state.running[test.identity] = (name, state.order)
      state.order += 1
      if let previous, state.unannounced.contains(previous) {
        state.successors[previous] = start
        return nil
      }
      return state.bar
    }
    if let bar { console.say(line(start, bar), live: liveLine) } else { refresh() }
  }

  private func line(_ start: Start, _ bar: ProgressBar) -> String {
    lines.open(
      "🔄", done: bar.done, total: bar.total, testID: start.testID, requested: start.requested,
      resolved: start.resolved)
  }

  /// Tells that a test has its result, whose row goes to the disk now.
  func ended(_ test: PlannedTest) {
    state.withLock { state in
      state.running[test.identity] = nil
      state.unannounced.insert(test.identity)
    }
  }

  /// Forgets a test that a stop gave back.
  func dropped(_ test: PlannedTest) {
    state.withLock { _ = $0.running.removeValue(forKey: test.identity) }
    refresh()
  }

  /// Tells about rows that are on the disk now.
  func committed(_ rows: [ResultRow]) {
    var text: [String] = []
    for row in rows {
      let (bar, next) = state.withLock { state in
        state.unannounced.remove(row.identity)
        state.bar.done += 1
        if row.executionStatus == .ok { state.bar.ok += 1 }
        if let cost = row.costUSD { state.bar.costUSD = (state.bar.costUSD ?? 0) + cost }
        return (state.bar, state.successors.removeValue(forKey: row.identity))
      }
      text.append(lines.finished(row, done: bar.done, total: bar.total, console: console))
      if let next { text.append(line(next, bar)) }
    }
    console.say(text.joined(separator: "\n"), live: liveLine)
  }

  /// Says in the live line that the run is being stopped.
  func stopping() {
    state.withLock { $0.bar.isStopping = true }
    refresh()
  }

  /// Draws the live line anew, as its times go on.
  func refresh() {
    if let liveLine { console.show(liveLine) }
  }

  private var liveLine: String? {
    guard let columns else { return nil }
    let bar = state.withLock { state in
      var bar = state.bar
      bar.running = state.running.values.sorted { $0.order < $1.order }.map(\.name)
      if let startedAt = state.startedAt {
        let elapsed = startedAt.duration(to: .now).components
        bar.elapsedSeconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
      }
      return bar
    }
    return bar.line(columns: columns())
  }

  /// Takes the live line away.
  func end() {
    if columns != nil { console.show("") }
  }
}
