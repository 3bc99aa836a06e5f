// Files one after another, the targets of a file at the same time, each with its own limit of tests
// at the same time (reference: cli 2).

import Core
import EvalFiles
import RunArtifacts
import Synchronization

/// The tests of one file on one target, ready to run.
struct TargetRun: Sendable {
  let ready: ReadyTarget
  let workers: Int
  /// Environment of everything that the tests start.
  let environment: [String: String]
  let tests: [PlannedTest]
  /// The line that names the target.
  let announcement: String
}

/// Runs the tests of a run until all have a result or a stop was asked for.
struct Scheduler: Sendable {
  let executor: TestExecutor
  let writer: RunWriter
  let layout: ArtifactLayout
  /// Place of each execution in the plan that the layout was made from.
  let positions: [TestIdentity: Int]
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

  private func run(_ target: TargetRun) async {
    if isVerbose { for test in target.tests { reporter.pending(test, target.ready.target) } }
    let turns = Turns(count: target.tests.count)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<min(target.workers, target.tests.count) {
        group.addTask {
          var previous: TestIdentity?
          while !control.isStopping {
            guard let index = turns.next() else { return }
            await run(target.tests[index], target, after: previous)
            previous = target.tests[index].identity
          }
        }
      }
    }
  }

  /// Runs one test.
  ///
  /// Its row may still be on the way to the disk when this returns: the next test need not wait.
  private func run(
    _ test: PlannedTest, _ target: TargetRun, after previous: TestIdentity?
  ) async {
    let resolved = target.ready.target
    reporter.started(test, resolved, after: previous)
    writer.note(RunEvent(.started, test.identity, resolvedTarget: resolved.name, at: .now()))
    let outcome = await executor.run(
      test, on: target.ready, environment: target.environment)
    switch outcome {
    case .finished(var row, let artifacts):
      reporter.ended(test)
      do throws(FileError) {
        try artifacts.write(
          for: &row, at: layout.directory(positions[test.identity] ?? 0), in: writer.directory.path)
        try await writer.submit(row, line: row.line)
      } catch {
        control.fail(error)
      }
    case .dropped:
      writer.note(RunEvent(.dropped, test.identity, resolvedTarget: resolved.name, at: .now()))
      reporter.dropped(test)
    }
  }
}

/// Hands out the places in a list, each once, to several workers.
private final class Turns: Sendable {
  private let given = Mutex(0)
  private let count: Int

  init(count: Int) { self.count = count }

  func next() -> Int? {
    given.withLock { given in
      guard given < count else { return nil }
      defer { given += 1 }
      return given
    }
  }
}
