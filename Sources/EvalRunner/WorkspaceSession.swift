// Workspaces of the tests of one file on one target: made before a test's call, looked at after it,
// put away after its graders.

import Core
import EvalFiles
import Providers
import RunArtifacts
import Synchronization
import Workspaces

/// The workspaces of one file on one target.
struct WorkspaceSession: Sendable {
  /// Score below which a workspace is kept for whoever looks into the failure.
  static let keptBelowScore = 0.5

  let set: WorkspaceSet
  /// Says once what no test of the file could be set up for.
  let complain: @Sendable (WorkspaceError) -> Void

  /// Opens the workspaces of a target's tests.
  /// - Returns: `nil` when none of them has one.
  static func open(
    _ target: TargetRun, _ settings: WorkspaceSettings?, _ console: Console
  ) -> WorkspaceSession? {
    guard var settings,
      WorkspaceSet.isNeeded(target.tests.lazy.map(\.facts.workspace), settings)
    else { return nil }
    settings.environment = target.environment
    let requested = target.ready.target.requested
    let hooks = target.suite.execution.targets.first { $0.name == requested }?.hooks
    let set = WorkspaceSet(
      workspaces: target.tests.lazy.map(\.facts.workspace), settings: settings, targetHooks: hooks,
      workers: target.workers)
    let said = Mutex(Set<String>())
    let path = target.suite.relativePath
    return WorkspaceSession(set: set) { error in
      guard said.withLock({ $0.insert(error.description).inserted }) else { return }
      console.complain("\n[ERROR] ⚠ Eval file failed: \(path) — \(error.description)\n")
    }
  }

  /// Runs a test once in its workspace.
  /// - Returns: its result; `nil` when a stop came first.
  func run(
    _ job: TestJob, _ attempt: (TestJob) async -> TestResult?
  ) async -> TestResult? {
    let lease: WorkspaceLease?
    do throws(WorkspaceError) {
      lease = try await set.begin(job.test)
    } catch {
      if error.isCancelled { return nil }
      if error.code != .script { complain(error) }
      return .failed(
        TestFailure(
          message: error.description, stage: error.stage, code: error.code.rawValue))
    }
    guard let lease else { return await attempt(job) }
    var job = job
    let active = ActiveWorkspace(set: set, lease: lease)
    job.workspacePath = lease.path
    job.activeWorkspace = active
    let attempted = await attempt(job)
    // A target that failed has changed its workspace all the same.
    guard var result = attempted, let outcome = await active.outcome() else {
      _ = await set.end(lease, failed: false)
      return nil
    }
    if result.fileChanges == nil { result.fileChanges = outcome.fileChanges }
    result.addOutputs(of: lease, outcome)
    let failed = result.status == .executionError || result.score < Self.keptBelowScore
    result.workspacePath = await set.end(lease, failed: failed)
    return Task.isCancelled ? nil : result
  }
}

/// The workspace of a test that runs now.
final class ActiveWorkspace: Sendable {
  private let set: WorkspaceSet
  private let lease: WorkspaceLease
  private let seen = Mutex<WorkspaceOutcome?>(nil)

  init(set: WorkspaceSet, lease: WorkspaceLease) {
    self.set = set
    self.lease = lease
  }

  /// The answer of the target with what it changed, the hooks after it run.
  func answered(_ response: ProviderResponse) async -> ProviderResponse {
    guard let outcome = await outcome() else { return response }
    var response = response
    response.fileChanges = response.fileChanges ?? outcome.fileChanges
    return response
  }

  /// What was seen after the call; looked at the first time only.
  ///
  /// One test asks from one task at a time.
  /// - Returns: `nil` when the run was stopped.
  func outcome() async -> WorkspaceOutcome? {
    if let known = seen.withLock({ $0 }) { return known }
    do throws(WorkspaceError) {
      let outcome = try await set.answered(lease)
      seen.withLock { $0 = outcome }
      return outcome
    } catch {
      return nil
    }
  }
}

extension TestResult {
  fileprivate mutating func addOutputs(of lease: WorkspaceLease, _ outcome: WorkspaceOutcome) {
    for (name, text) in [
      ("before_all_output", lease.beforeAllOutput), ("before_each_output", lease.beforeEachOutput),
      ("after_each_output", outcome.afterEachOutput),
    ] {
      if let text { extra[name] = .string(text) }
    }
  }
}

/// Workspaces that stay after the run, for its last lines.
final class PreservedWorkspaces: Sendable {
  private let kept = Mutex<[(name: String, path: String)]>([])

  func add(_ more: [(name: String, path: String)]) { kept.withLock { $0 += more } }

  /// What is said about them; empty when there are none.
  var text: String {
    let kept = kept.withLock { $0 }
    guard !kept.isEmpty else { return "" }
    let lines = kept.map { "  \($0.name) -> \($0.path)" }.joined(separator: "\n")
    return "\nPreserved workspaces:\n\(lines)\n"
      + "Use --keep-workspaces to preserve all workspaces for inspection."
  }
}
