// Why a run cannot start, or what it said when there was nothing to do.

/// A reason to end before any test runs.
public struct EvalRunError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong and what to do; without the word `Error:`.
  public let description: String
  /// Exit code of the process.
  public let exitCode: Int32

  /// An error.
  public init(_ description: String, exitCode: Int32 = 1) {
    self.description = description
    self.exitCode = exitCode
  }
}
