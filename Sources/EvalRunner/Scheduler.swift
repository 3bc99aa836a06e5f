// Files one after another, the targets of a file at the same time, each with its own number of
// workers (reference: cli 2).

import Core
import EvalFiles
import Providers
import RunArtifacts
import Workspaces

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
  /// Decides whether a further test starts.
  let gate: DispatchGate
  /// Kept answers; `nil` when they are not used.
  let cache: ResponseCache?
  /// The line that names the target.
  let announcement: String

  /// How often each test is tried; a recording says the same each time.
  var trials: Trials? {
    ready.target.provider == "transcript" ? nil : suite.execution.trials
  }
}

/// Runs the tests of a run until all have a result or a stop was asked for.
struct Scheduler: Sendable {
  let executor: TestExecutor
  let recorder: TestRecorder
  let control: RunControl
  let reporter: ProgressReporter
  let console: Console
  let isVerbose: Bool
  /// Money of the whole run; `nil` when there is no limit.
  var budget: Budget?
  /// How workspaces are made; `nil` for a run that makes none.
  var workspaces: WorkspaceSettings?
  /// Those that stay after the run.
  let preserved = PreservedWorkspaces()

  /// Runs files in order; returns when nothing runs any more.
  func run(_ files: [[TargetRun]]) async {
    for targets in files {
      if control.isStopping { return }
      if let budget, budget.isSpent, let file = targets.first?.suite.relativePath {
        console.say("\n⚠ Run budget exceeded (\(budget.text)) — skipping \(file)")
      } else {
        for target in targets { console.say(target.announcement) }
      }
      await withTaskGroup(of: Void.self) { group in
        for target in targets { group.addTask { await run(target) } }
      }
    }
  }

  /// Runs the tests of one file on one target.
  private func run(_ target: TargetRun) async {
    if isVerbose { for test in target.tests { reporter.pending(test, target.ready.target) } }
    if let problem = DependencyGraph.problem(target.suite.catalog) {
      return await fail(target, .setup(problem))
    }
    let answers = await BatchCall(caller: executor.caller, console: console).answers(target)
    let queue = TestQueue(target.tests, target.graph)
    let session = WorkspaceSession.open(target, workspaces, console)
    await withTaskCancellationHandler {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<min(target.workers, target.tests.count) {
          group.addTask { await work(queue, target, answers, session) }
        }
      }
    } onCancel: {
      queue.close()
    }
    if let session {
      await session.set.close()
      preserved.add(await session.set.preserved)
    }
  }

  /// One worker: takes turns until there are none.
  private func work(
    _ queue: TestQueue, _ target: TargetRun,
    _ answers: [String: Result<ProviderResponse, ProviderError>]?, _ session: WorkspaceSession?
  ) async {
    var previous: TestIdentity?
    while !control.isStopping, let turn = await queue.next() {
      // It may have waited for long.
      if control.isStopping { break }
      let test = target.tests[turn.place]
      if let failure = refusal(turn, test, target) {
        let outcome = executor.notRun(test, on: target.ready, failure)
        queue.ended(turn.place, await record(test, outcome, target))
      } else {
        let answer = answers?[test.id]
        let status = await run(test, target, after: previous, answer: answer, session)
        previous = test.identity
        queue.ended(turn.place, status)
      }
      if let session { await session.set.finished(test.facts.workspace) }
    }
    // Others may wait for tests that nobody runs any more.
    if control.isStopping { queue.close() }
  }

  /// Why a test gets its row without being run; `nil` when it is run.
  private func refusal(
    _ turn: TestQueue.Turn, _ test: PlannedTest, _ target: TargetRun
  ) -> TestFailure? {
    switch turn {
    case .skip(_, let failed): .dependency(failed, of: test)
    case .run: target.gate.refusal
    }
  }

  /// Runs one test.
  ///
  /// Its row may still be on the way to the disk when this returns: the next test need not wait.
  /// - Returns: its status; `nil` when a stop gave it back.
  private func run(
    _ test: PlannedTest, _ target: TargetRun, after previous: TestIdentity?,
    answer: Result<ProviderResponse, ProviderError>?, _ session: WorkspaceSession?
  ) async -> ExecutionStatus? {
    reporter.started(test, target.ready.target, after: previous)
    recorder.started(test, target.ready.target)
    let outcome = await executor.run(
      test, on: target.ready, environment: target.environment,
      trials: target.trials, cache: target.cache, batchAnswer: answer,
      workspaces: session)
    return await record(test, outcome, target)
  }

  /// Keeps what became of a test.
  @discardableResult
  private func record(
    _ test: PlannedTest, _ outcome: TestOutcome, _ target: TargetRun
  ) async -> ExecutionStatus? {
    switch outcome {
    case .finished(let row, let artifacts, let warnings):
      for warning in warnings {
        let text = "Warning: \(test.id) (\(target.ready.target.name)): \(warning)"
        console.complain(console.paint(text, .yellow))
      }
      target.gate.note(row)
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
    let word = test.facts.dependencies.onFailure == .fail ? "Failed" : "Skipped"
    return .setup(
      "\(word): dependency failed (\(failed.joined(separator: ", ")))", code: "dependency_failed")
  }
}
