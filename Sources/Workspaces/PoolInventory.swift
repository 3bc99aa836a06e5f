// What is in the pool of workspaces.

import Core

/// Looks through the pool; blocks.
public struct PoolInventory: Sendable {
  /// One set of repositories with its slots.
  public struct Pool: Sendable, Hashable {
    /// Its name, which its repositories decide.
    public var fingerprint: String
    /// Its directory, absolute.
    public var path: String
    /// Workspaces in it.
    public var slots: Int
    /// Those that a living run uses.
    public var slotsInUse: Int
    /// Bytes of all its files.
    public var sizeBytes: Int
    /// The template that was copied in.
    public var template: String?
    /// Where its repositories come from.
    public var repos: [String]
    /// When it was made, ISO 8601.
    public var createdAt: String?
  }

  /// Directory of all pools, absolute.
  public let root: String

  /// The pools of a home.
  public init(home: WorkspaceHome) { root = home.pool }

  /// All pools by name.
  public func pools() -> [Pool] {
    let names = (try? FileIO.list(root)) ?? []
    return names.filter { FileIO.isDirectory("\(root)/\($0)") }.map { pool($0) }
  }

  private func pool(_ name: String) -> Pool {
    let path = "\(root)/\(name)"
    let slots = ((try? FileIO.list(path)) ?? []).filter {
      $0.hasPrefix("slot-") && FileIO.isDirectory("\(path)/\($0)")
    }
    let metadata = (try? FileIO.read("\(path)/metadata.json", limitBytes: 1 << 20))
      .flatMap { try? JSON.parse($0) }
    return Pool(
      fingerprint: name, path: path, slots: slots.count,
      slotsInUse: slots.count { PoolLock(path: "\(path)/\($0).lock").isHeld },
      sizeBytes: FileIO.treeSize(path), template: metadata?["templatePath"]?.string,
      repos: (metadata?["repos"]?.array ?? []).compactMap {
        $0["source"]?["url"]?.string ?? $0["source"]?["path"]?.string
      },
      createdAt: metadata?["createdAt"]?.string)
  }
}
