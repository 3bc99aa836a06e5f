// How the workspaces of a run are to be made.

import Core
public import EvalFiles

/// What the command line and the project say about workspaces.
public struct WorkspaceSettings: Sendable {
  /// Most slots of a pool that one file and target takes when nothing is said.
  public static let defaultPoolSlots = 10

  /// Where workspaces live.
  public var home: WorkspaceHome
  /// What relative paths of static workspaces start from, absolute.
  public var workingDirectory: String
  /// Environment of hooks and of git.
  public var environment: [String: String]
  /// Where workspaces come from, in place of what eval files say.
  public var mode: WorkspaceSpec.Mode?
  /// A directory that every test works in, in place of what eval files say; absolute.
  public var path: String?
  /// Whether workspaces stay after the run.
  public var keepsAll = false
  /// Whether workspaces with repositories come from the pool.
  public var usesPool = true
  /// Most slots of a pool that one file and target takes.
  public var poolSlots = WorkspaceSettings.defaultPoolSlots
  /// Tells what is done.
  public var log: (@Sendable (String) -> Void)?
  /// Tells what goes wrong without stopping anything.
  public var warn: @Sendable (String) -> Void

  /// Settings of a plain run.
  public init(
    home: WorkspaceHome, workingDirectory: String, environment: [String: String],
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.home = home
    self.workingDirectory = workingDirectory
    self.environment = environment
    self.warn = warn
  }
}

/// Where a workspace comes from, once everything that has a say has been heard.
enum WorkspacePlan: Sendable, Hashable {
  /// There is none.
  case none
  /// A fresh one for every test.
  case perTest
  /// A fresh one for all.
  case shared
  /// Slots of a pool.
  case pooled
  /// A directory of the user's; filled when it is empty and the eval file names it.
  case fixed(path: String, isFilled: Bool)

  /// Decides.
  /// - Throws: `WorkspaceError` for wishes that do not go together.
  init(_ spec: WorkspaceSpec?, _ settings: WorkspaceSettings) throws(WorkspaceError) {
    if let path = settings.path {
      self = .fixed(path: path, isFilled: false)
      return
    }
    guard let spec else {
      self = .none
      return
    }
    let repos = spec.repos?.contains { $0.source != nil } ?? false
    var mode = settings.mode ?? spec.mode ?? (spec.path == nil ? .pooled : .static)
    if mode == .static, spec.path == nil {
      guard !repos else {
        throw WorkspaceError(
          .setup, "workspace.mode=static requires workspace.path or --workspace-path")
      }
      mode = .temp
    }
    if mode == .static, let path = spec.path {
      guard spec.isolation != .perTest else {
        throw WorkspaceError(
          .setup,
          "static workspace mode is incompatible with isolation: per_test. Use isolation: shared "
            + "(default).")
      }
      self = .fixed(
        path: Path.absolute(path, in: settings.workingDirectory), isFilled: true)
      return
    }
    guard spec.makesDirectory else {
      self = .none
      return
    }
    if spec.isolation == .perTest {
      self = .perTest
    } else if mode == .pooled, settings.usesPool, repos, spec.files.isEmpty {
      self = .pooled
    } else {
      self = .shared
    }
  }
}
