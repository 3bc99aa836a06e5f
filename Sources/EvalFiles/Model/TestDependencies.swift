// What a test waits for.

/// Tests of the same file that must have ended before a test starts.
public struct TestDependencies: Sendable, Hashable {
  /// What happens to a test when one of its dependencies could not be run or judged.
  public enum OnFailure: String, Sendable, Hashable, CaseIterable {
    /// It gets a row that says that it was skipped.
    case skip
    /// It gets a row that says that it failed.
    case fail
    /// It runs all the same.
    case run
  }

  /// Ids of the tests, in the order of the file.
  public var ids: [String]
  /// What happens when one of them failed.
  public var onFailure: OnFailure

  /// Dependencies; none by default.
  public init(ids: [String] = [], onFailure: OnFailure = .skip) {
    self.ids = ids
    self.onFailure = onFailure
  }
}
