// A git repository in a workspace.

/// One entry of `workspace.repos`.
public struct RepoSpec: Sendable, Hashable {
  /// Where it is cloned from.
  public enum Source: Sendable, Hashable {
    /// A URL that git understands.
    case git(url: String)
    /// A repository on this machine, absolute unless it was empty.
    case local(path: String)

    /// What git is given.
    public var location: String {
      switch self {
      case .git(let url): url
      case .local(let path): path
      }
    }
  }

  /// Directory in the workspace; empty for its root.
  public var path: String
  /// Where it is cloned from; `nil` for one that only lives in a container.
  public var source: Source?
  /// Branch, tag or commit; `nil` for the default branch.
  public var ref: String?
  /// Commit that goes before `ref`.
  public var baseCommit: String?
  /// Whether a branch is looked up in the clone instead of at its source.
  public var resolvesLocally: Bool
  /// How many commits before the reference; 0 for itself.
  public var ancestor: Int
  /// Commits of history that are fetched; `nil` for all.
  public var depth: Int?
  /// Partial clone filter, for example `blob:none`.
  public var filter: String?
  /// Directories that are checked out; empty for all.
  public var sparse: [String]

  /// A repository.
  public init(
    path: String, source: Source? = nil, ref: String? = nil, baseCommit: String? = nil,
    resolvesLocally: Bool = false, ancestor: Int = 0, depth: Int? = nil, filter: String? = nil,
    sparse: [String] = []
  ) {
    self.path = path
    self.source = source
    self.ref = ref
    self.baseCommit = baseCommit
    self.resolvesLocally = resolvesLocally
    self.ancestor = ancestor
    self.depth = depth
    self.filter = filter
    self.sparse = sparse
  }

  /// What is checked out; `HEAD` when nothing is said.
  public var checkoutRef: String { baseCommit ?? ref ?? "HEAD" }
}
