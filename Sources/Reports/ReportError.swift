// Why a document cannot be made.

/// What is wrong and what to do; without the word `Error:`.
public struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Names the thing, the value, the limit, the remedy.
  public let description: String

  /// An error.
  public init(_ description: String) { self.description = description }
}
