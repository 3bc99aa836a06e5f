// Why a run directory cannot be written.

public import Core

/// A run directory that cannot be opened for writing, or not be written on.
public struct RunArtifactsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The reason.
  public enum Code: Hashable, Sendable {
    /// Another process writes this run.
    case busy(pid: Int32?)
    /// The directory holds a run already and neither a resume nor an overwrite was asked for.
    case exists
    /// The operating system refused.
    case file(FileError)
  }

  /// The reason.
  public let code: Code
  /// The run directory.
  public let path: String

  /// An error.
  public init(_ code: Code, path: String) {
    self.code = code
    self.path = path
  }

  /// What failed, on what, and the remedy.
  public var description: String {
    switch code {
    case .busy(let pid):
      let holder = pid.map { "process \($0)" } ?? "another process"
      return "the run in \"\(path)\" is being written by \(holder); "
        + "wait until it ends, or stop it, or choose another --output"
    case .exists:
      return "\"\(path)\" already holds a run; continue it with --resume or --rerun-failed, "
        + "replace it with --overwrite, or choose another --output"
    case .file(let error):
      return error.description
    }
  }
}
