// `.env` files around an eval file.

import Core

/// Reading of `.env` files.
public enum DotEnv {
  /// What the `.env` files of an eval file add to the environment.
  public struct Loaded: Sendable {
    /// Variables that the environment does not have, nearest file first.
    public var variables: [String: String]
    /// Files that were read, nearest first.
    public var files: [String]
  }
}
