// What the command line and the project's settings say about workspaces.

import Core
import EvalFiles
import RunArtifacts
import Workspaces

/// `--workspace-mode`, `--workspace-path`, `--keep-workspaces`.
public struct WorkspaceOptions: Sendable {
  /// Where workspaces come from: `pooled`, `temp` or `static`.
  public var mode: String?
  /// A directory that every test works in.
  public var path: String?
  /// Whether workspaces stay after the run.
  public var keeps = false
  /// Whether workspaces with repositories come from the pool; `nil` means yes.
  var usesPool: Bool?
  /// Most slots of a pool.
  var poolSlots: Int?

  /// Options of which none was given.
  public init() {}

  /// Refuses what does not go together.
  func validate(workingDirectory: String) throws(EvalRunError) {
    if let mode, WorkspaceSpec.Mode(rawValue: mode) == nil {
      throw EvalRunError(
        "--workspace-mode must be pooled, temp or static, got: \(mode)")
    }
    guard let path else { return }
    if let mode, mode != WorkspaceSpec.Mode.static.rawValue {
      throw EvalRunError(
        "--workspace-path requires --workspace-mode static when both are provided, got: \(mode)")
    }
    guard FileIO.isDirectory(Path.absolute(path, in: workingDirectory)) else {
      throw EvalRunError("--workspace-path \(path) is no directory that exists")
    }
  }

  /// The options with the project's settings wherever nothing was given.
  func completed(by settings: ProjectConfig.Execution) -> WorkspaceOptions {
    var options = self
    if mode == nil, path == nil {
      options.mode = settings.workspaceMode?.rawValue
      options.path = settings.workspacePath
    }
    options.keeps = keeps || settings.keepWorkspaces == true
    options.usesPool = usesPool ?? settings.poolWorkspaces
    options.poolSlots = poolSlots ?? settings.poolSlots
    return options
  }

  /// The options with those of a stored launch wherever nothing was given.
  func merged(with launch: RunLaunch) -> WorkspaceOptions {
    var options = self
    if mode == nil, path == nil {
      options.mode = launch.workspaceMode
      options.path = launch.workspacePath
    }
    options.keeps = keeps || launch.keepsWorkspaces
    return options
  }

  /// How workspaces are made with these options.
  func settings(
    environment: [String: String], workingDirectory: String, console: Console, isVerbose: Bool
  ) -> WorkspaceSettings {
    var settings = WorkspaceSettings(
      home: WorkspaceHome(environment: environment, workingDirectory: workingDirectory),
      workingDirectory: workingDirectory, environment: environment,
      warn: { console.complain(console.paint($0, .yellow)) })
    settings.mode = mode.flatMap(WorkspaceSpec.Mode.init)
    settings.path = path.map { Path.absolute($0, in: workingDirectory) }
    settings.keepsAll = keeps
    settings.usesPool = usesPool ?? true
    settings.poolSlots = poolSlots ?? WorkspaceSettings.defaultPoolSlots
    if isVerbose || environment["AGENTV_SETUP_DEBUG"] == "1" {
      settings.log = { console.say($0) }
    }
    return settings
  }
}
