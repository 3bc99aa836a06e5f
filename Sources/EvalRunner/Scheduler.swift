// Files one after another, the targets of a file at the same time, each with its own number of
// workers (reference: cli 2).

import Core
import EvalFiles
import RunArtifacts

/// The tests of one file on one target, ready to run.
struct TargetRun: Sendable {
  let ready: ReadyTarget
  let suite: EvalSuite
  let workers: Int
  /// Environment of everything that the tests start.
  let environment: [String: String]
  let tests: [PlannedTest]
  /// Who waits for whom among the tests.
  let graph: DependencyGraph
  /// The line that names the target.
  let announcement: String
}

/// Runs the tests of a run until all have a result or a stop was asked for.
struct Scheduler: Sendable {
  let executor: TestExecutor
  let recorder: TestRecorder
  let control: RunControl
  let reporter: ProgressReporter
  let console: Console
  let isVerbose: Bool

  /// Runs files in order; returns when nothing runs any more.
  func run(_ files: [[TargetRun]]) async {
    for targets in files {
      if control.isStopping { return }
      for target in targets { console.say(target.announcement) }
      await withTaskGroup(of: Void.self) { group in
        for target in targets { group.addTask { await run(target) } }
      }
    }
  }

  /// Runs the tests of one file on one target.
  private func run(_ target: TargetRun) async {
    if isVerbose { for test in target.tests { reporter.pending(test, target.ready.target) } }
    if let problem = DependencyGraph.problem(target.suite.tests) {
      return await fail(target, .setup(problem))
    }
    let queue = TestQueue(target.tests, target.graph)
    await withTaskCancellationHandler {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<min(target.workers, target.tests.count) {
          group.addTask { await work(queue, target) }
        }
      }
    } onCancel: {
      queue.close()
    }
  }

  /// One worker: takes turns until there are none.
  private func work(_ queue: TestQueue, _ target: TargetRun) async {
    var previous: TestIdentity?
    while !control.isStopping, let turn = await queue.next() {
      switch turn {
      case .run(let place):
        let test = target.tests[place]
        let status = await run(test, target, after: previous)
        previous = test.identity
        queue.ended(place, status)
      case .skip(let place, let failed):
        let test = target.tests[place]
        await record(
          test, executor.notRun(test, on: target.ready, .dependency(failed, of: test)), target)
        queue.ended(place, .executionError)
      }
    }
  }

  /// Runs one test.
  ///
  /// Its row may still be on the way to the disk when this returns: the next test need not wait.
  /// - Returns: its status; `nil` when a stop gave it back.
  private func run(
    _ test: PlannedTest, _ target: TargetRun, after previous: TestIdentity?
  ) async -> ExecutionStatus? {
    reporter.started(test, target.ready.target, after: previous)
    recorder.started(test, target.ready.target)
    let outcome = await executor.run(
      test, on: target.ready, environment: target.environment)
    return await record(test, outcome, target)
  }

  /// Keeps what became of a test.
  @discardableResult
  private func record(
    _ test: PlannedTest, _ outcome: TestOutcome, _ target: TargetRun
  ) async -> ExecutionStatus? {
    switch outcome {
    case .finished(let row, let artifacts):
      reporter.ended(test)
      do throws(FileError) {
        try await recorder.keep(row, artifacts, of: test)
      } catch {
        control.fail(error)
      }
      return row.executionStatus
    case .dropped:
      recorder.dropped(test, target.ready.target)
      reporter.dropped(test)
      return nil
    }
  }

  /// Gives every test of a file and target that could not be set up its row.
  private func fail(_ target: TargetRun, _ failure: TestFailure) async {
    console.complain(
      "\n[ERROR] ⚠ Eval file failed: \(target.suite.relativePath) — \(failure.message)\n")
    for test in target.tests where !control.isStopping {
      await record(test, executor.notRun(test, on: target.ready, failure), target)
    }
  }
}

extension TestFailure {
  /// The test was not run because others failed.
  static func dependency(_ failed: [String], of test: PlannedTest) -> TestFailure {
    let word = test.test.dependencies.onFailure == .fail ? "Failed" : "Skipped"
    return .setup(
      "\(word): dependency failed (\(failed.joined(separator: ", ")))", code: "dependency_failed")
  }
}
