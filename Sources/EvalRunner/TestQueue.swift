// Hands the tests of one file and target out to its workers, each once, in the order of the file;
// a test with dependencies as soon as these are done.

import Core
import EvalFiles
import Synchronization

/// The tests that wait for a worker.
final class TestQueue: Sendable {
  /// What a worker is to do next.
  enum Turn: Sendable, Equatable {
    /// Run the test at this place.
    case run(Int)
    /// Give the test at this place its row without running it: these dependencies failed.
    case skip(Int, failed: [String])

    /// Place of the test.
    var place: Int {
      switch self {
      case .run(let place), .skip(let place, _): place
      }
    }
  }

  fileprivate struct State {
    /// Next place to hand out, when nothing depends on anything.
    var given = 0
    /// Places that may be handed out, ascending.
    var ready: [Int] = []
    /// Dependencies of each test that are not done.
    var open: [Int] = []
    /// Dependencies of each test that failed.
    var failed: [[String]] = []
    /// Tests without an end.
    var unfinished: Int
    var isClosed = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let tests: [PlannedTest]
  private let graph: DependencyGraph
  private let state: Mutex<State>

  /// A queue.
  /// - Parameters:
  ///   - tests: what runs now, in order.
  ///   - graph: their dependencies.
  init(_ tests: [PlannedTest], _ graph: DependencyGraph) {
    self.tests = tests
    self.graph = graph
    var state = State(unfinished: tests.count)
    if !graph.isEmpty {
      state.open = graph.openCounts
      state.failed = graph.failedBefore
      state.ready = tests.indices.filter { state.open[$0] == 0 }
    }
    self.state = Mutex(state)
  }

  /// The next turn; waits while all that is left depends on tests that run.
  /// - Returns: the turn; `nil` when there is nothing left, or the queue was closed.
  func next() async -> Turn? {
    while true {
      let (turn, mustWait) = state.withLock { take(&$0) }
      if !mustWait { return turn }
      await withCheckedContinuation { continuation in
        let isLate = state.withLock { state in
          if state.isClosed || !state.ready.isEmpty || state.unfinished == 0 { return true }
          state.waiting.append(continuation)
          return false
        }
        if isLate { continuation.resume() }
      }
    }
  }

  private func take(_ state: inout State) -> (turn: Turn?, mustWait: Bool) {
    if state.isClosed { return (nil, false) }
    if graph.isEmpty {
      guard state.given < tests.count else { return (nil, false) }
      state.given += 1
      return (.run(state.given - 1), false)
    }
    guard let place = state.ready.first else { return (nil, state.unfinished > 0) }
    state.ready.removeFirst()
    let failed = state.failed[place]
    if failed.isEmpty || tests[place].facts.dependencies.onFailure == .run {
      return (.run(place), false)
    }
    return (.skip(place, failed: failed), false)
  }

  /// Tells how a test ended.
  /// - Parameters:
  ///   - place: its place.
  ///   - status: its status; `nil` when it was given back. That comes from a stop, and what depends
  ///     on the test can never run: nothing more is handed out.
  func ended(_ place: Int, _ status: ExecutionStatus?) {
    if graph.isEmpty { return }
    let waiting = state.withLock { state in
      state.unfinished -= 1
      guard let status else {
        state.isClosed = true
        return state.takeWaiting()
      }
      for dependent in graph.dependents[place] {
        // Only a test that could not be run or judged stops others; a low score does not.
        if status == .executionError { state.failed[dependent].append(tests[place].id) }
        state.open[dependent] -= 1
        guard state.open[dependent] == 0 else { continue }
        let slot = state.ready.firstIndex { $0 > dependent } ?? state.ready.endIndex
        state.ready.insert(dependent, at: slot)
      }
      return state.takeWaiting()
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Hands nothing more out.
  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      return state.takeWaiting()
    }
    for continuation in waiting { continuation.resume() }
  }
}

extension TestQueue.State {
  fileprivate mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
    defer { waiting = [] }
    return waiting
  }
}
