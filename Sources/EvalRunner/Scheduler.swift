// Files one after another, the targets of a file at the same time, each with its own limit of tests
// at the same time (reference: cli 2).

import Core
import EvalFiles
import RunArtifacts

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
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      for test in target.tests {
        if running == target.workers {
          await group.next()
          running -= 1
        }
        if control.isStopping { break }
        group.addTask { await run(test, target) }
        running += 1
      }
    }
  }

  private func run(_ test: PlannedTest, _ target: TargetRun) async {
    let resolved = target.ready.target
    reporter.started(test, resolved)
    writer.note(RunEvent(.started, test.identity, resolvedTarget: resolved.name, at: .now()))
    let outcome = await executor.run(
      test, on: target.ready, environment: target.environment)
    switch outcome {
    case .finished(var row, let artifacts):
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
