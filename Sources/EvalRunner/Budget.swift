// What stops the start of further tests: money spent, or an error where none is allowed.

import Core
import EvalFiles
import RunArtifacts
import Synchronization

/// An amount of money that may be spent.
final class Budget: Sendable {
  /// US dollars.
  let capUSD: Double
  private let spent: Mutex<Double>

  /// A budget of which a part may be spent already.
  init(capUSD: Double, spentUSD: Double = 0) {
    self.capUSD = capUSD
    spent = Mutex(spentUSD)
  }

  /// US dollars.
  var spentUSD: Double { spent.withLock { $0 } }
  /// Whether nothing more may be started.
  var isSpent: Bool { spentUSD >= capUSD }

  /// Adds what a test cost.
  func add(_ cost: Double) { spent.withLock { $0 += cost } }

  /// `$5.0123 / $5.0000`.
  var text: String { "$\(fixed(spentUSD, 4)) / $\(fixed(capUSD, 4))" }
}

/// Decides whether a further test of one file on one target starts.
final class DispatchGate: Sendable {
  private let run: Budget?
  private let suite: Budget?
  private let isStrict: Bool
  private let hasError = Mutex(false)

  /// A gate.
  /// - Parameters:
  ///   - run: the budget of the whole run.
  ///   - suite: the budget of this file on this target.
  ///   - failOnError: whether nothing starts after the first execution error.
  init(run: Budget? = nil, suite: Budget? = nil, failOnError: Bool = false) {
    self.run = run
    self.suite = suite
    isStrict = failOnError
  }

  /// Why the next test does not start; `nil` when it does.
  var refusal: TestFailure? {
    if let run, run.isSpent {
      return .setup("Run budget exceeded (\(run.text))", code: "budget_exceeded")
    }
    if let suite, suite.isSpent {
      return .setup("Suite budget exceeded (\(suite.text))", code: "budget_exceeded")
    }
    if isStrict, hasError.withLock({ $0 }) {
      return .setup(
        "Not run: an earlier test had an execution error (execution.fail_on_error)",
        code: "error_threshold_exceeded")
    }
    return nil
  }

  /// Takes note of a test that has ended.
  func note(_ row: ResultRow) {
    if let cost = row.costUSD {
      run?.add(cost)
      suite?.add(cost)
    }
    if isStrict, row.executionStatus == .executionError { hasError.withLock { $0 = true } }
  }
}
