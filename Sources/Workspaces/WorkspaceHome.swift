// Where workspaces live.

import Core

/// Directories of workspaces: `AGENTV_HOME`, else `.agentv` in the user's home.
public struct WorkspaceHome: Sendable, Hashable {
  /// The directory, absolute.
  public let path: String

  /// The home that an environment names.
  /// - Parameters:
  ///   - environment: variables of the process.
  ///   - workingDirectory: what a relative `AGENTV_HOME` starts from.
  public init(environment: [String: String], workingDirectory: String) {
    if let home = environment["AGENTV_HOME"], !home.isEmpty {
      path = Path.absolute(home, in: workingDirectory)
    } else {
      path = Path.join(environment["HOME"] ?? "/", ".agentv")
    }
  }

  /// Workspaces of single runs.
  public var workspaces: String { "\(path)/workspaces" }
  /// Workspaces that are kept for later runs.
  public var pool: String { "\(path)/workspace-pool" }
}
