// A workspace while one test works in it.

import Core
import EvalFiles

/// A workspace that a test has.
public struct WorkspaceLease: Sendable {
  /// The directory, absolute.
  public let path: String
  /// What `before_all` said, for the first test that works in this workspace.
  public internal(set) var beforeAllOutput: String?
  /// What `before_each` said.
  public internal(set) var beforeEachOutput: String?

  let spec: WorkspaceSpec?
  let context: HookContext
  let isOwn: Bool
  let groupKey: Shared<WorkspaceSpec>?
  let slot: WorkspacePool.Slot?
  var changes: FileChanges?
  var store: String?
}

/// What was seen when a target had answered.
public struct WorkspaceOutcome: Sendable {
  /// Unified diff of what changed; `nil` for nothing.
  public var fileChanges: String?
  /// What `after_each` said.
  public var afterEachOutput: String?
}
