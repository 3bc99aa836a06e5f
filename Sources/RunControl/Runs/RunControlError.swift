// Why a run cannot be controlled.

/// A run that cannot be found or not be controlled.
public struct RunControlError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The reason.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// No run is called that.
    case unknown = "run-not-found"
    /// Several runs may be meant.
    case ambiguous = "run-ambiguous"
    /// Nothing to act on.
    case nothing = "no-run"
    /// A process writes it that cannot be identified from here, or not be signalled.
    case unreachable = "run-unreachable"
    /// It is live, and that is in the way.
    case live = "run-is-live"
    /// There is no output on disk.
    case noOutput = "no-output"
    /// A file could not be read or written.
    case file = "file"
  }

  /// The reason.
  public let code: Code
  /// What was named.
  public let name: String
  /// The cause and what to do.
  public let detail: String

  /// An error.
  public init(_ code: Code, _ name: String, _ detail: String) {
    self.code = code
    self.name = name
    self.detail = detail
  }

  /// What was named, the cause, what to do.
  public var description: String { name.isEmpty ? detail : "run \"\(name)\": \(detail)" }
}
