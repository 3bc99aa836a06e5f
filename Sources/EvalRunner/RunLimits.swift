// What limits the tests of a run: money, errors, kept answers; the command line's word and each
// file's own put together.

import Core
import EvalFiles
import RunArtifacts

/// The limits of a run.
struct RunLimits: Sendable {
  let options: EvalOptions
  /// Money of the whole run.
  let budget: Budget?
  /// Rows of the run so far, attempts included: what was spent is spent.
  let earlier: EarlierRows
  let workingDirectory: String
  /// Files that run now, in order.
  let suites: [EvalSuite]

  /// The gate for the tests of one file on one target.
  func gate(_ suite: EvalSuite, _ requested: String) -> DispatchGate {
    let own = suite.execution.budgetUSD.map {
      Budget(
        capUSD: $0,
        spentUSD: earlier.spentUSD(evalFile: suite.relativePath, requested: requested))
    }
    return DispatchGate(run: budget, suite: own, failOnError: suite.execution.failOnError)
  }

  /// The kept answers for a file; `nil` when it uses none.
  func cache(_ suite: EvalSuite) -> ResponseCache? {
    guard isCaching(suite) else { return nil }
    return ResponseCache(
      directory: Path.absolute(cachePath ?? ResponseCache.defaultPath, in: workingDirectory))
  }

  private func isCaching(_ suite: EvalSuite) -> Bool {
    !options.dryRun && (options.cache ?? suite.execution.cache ?? false)
  }

  /// The directory that the first file to say so names.
  private var cachePath: String? { suites.lazy.compactMap(\.execution.cachePath).first }

  /// What is said about kept answers: a path, an empty text for the usual place; `nil` when none are
  /// used.
  var cachePathToShow: String? { suites.contains(where: isCaching) ? cachePath ?? "" : nil }
}
