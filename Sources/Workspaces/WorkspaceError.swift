// Why a workspace could not be made.

/// A workspace that could not be made, or a hook that failed.
public struct WorkspaceError: Error, Sendable, Hashable, CustomStringConvertible {
  /// `failure_reason_code` of rows.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The template is missing or cannot be copied.
    case template = "template_error"
    /// A hook failed.
    case script = "script_error"
    /// A file of the test cannot be copied.
    case fileCopy = "file_copy_error"
    /// A local source of a repository is not there.
    case localPathNotFound = "local_path_not_found"
    /// A repository cannot be cloned or checked out.
    case clone = "clone_error"
    /// Anything else that has to be there first.
    case setup = "setup_error"
    /// The run was stopped.
    case cancelled
  }

  /// Why.
  public var code: Code
  /// The text shown to people and kept in rows.
  public var description: String

  /// An error.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// `failure_stage` of rows.
  public var stage: String {
    switch code {
    case .localPathNotFound, .clone: "repo_setup"
    default: "setup"
    }
  }

  /// Whether the run was stopped.
  public var isCancelled: Bool { code == .cancelled }

  static let cancelled = WorkspaceError(.cancelled, "stopped")
}
