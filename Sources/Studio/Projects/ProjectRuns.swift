// The runs of a project on disk: its own and those of its results repository. A value that lives on a
// worker; every call blocks.

import Core
import RunArtifacts

struct ProjectRuns: Sendable {
  /// Fewer runs are read faster than a file about them.
  static let minimumCached = 100

  let project: String
  let home: String
  /// Where the list is kept from one server to the next; `nil` when nothing may be written.
  let cacheFile: String?
  private let scans: KeptScans
  private var local: RunListing
  private var remote: RunListing?
  private var isLoaded = false

  var readCount: Int { local.readCount + (remote?.readCount ?? 0) }

  init(project: String, home: String, cacheFile: String?, scans: KeptScans) {
    self.scans = scans
    self.project = project
    self.home = home
    self.cacheFile = cacheFile
    local = RunListing(project: project, scans: scans)
  }

  /// A look at all runs on its way.
  struct Walk: Sendable {
    fileprivate var local: RunListing.Walk
    fileprivate var remote: RunListing.Walk?
    /// Runs that are gone, by directory.
    var gone: [String]
    /// What the last step read, as far as it changed.
    var found: [RunMeta] = []
  }

  /// Where the runs of the results repository are; `nil` when none is configured.
  func remoteRoot() -> String? { remoteTree()?.root }

  private func remoteTree() -> RunTree? {
    RemoteSettings(project: project, home: home).map {
      RunTree(root: $0.runsRoot, isRemote: true)
    }
  }

  /// The project's newest runs, before anything else is known.
  mutating func newest(_ count: Int) -> [RunMeta] { local.newest(count) }

  /// Looks which runs there are.
  mutating func begin() -> Walk {
    if !isLoaded, let cacheFile { local.load(cacheFile) }
    isLoaded = true
    let tree = remoteTree()
    var gone: [String] = []
    if remote?.tree != tree {
      gone = remote?.paths ?? []
      remote = tree.map { RunListing(tree: $0, scans: scans) }
    }
    let walk = local.begin()
    let remoteWalk = remote?.begin()
    gone += walk.gone + (remoteWalk?.gone ?? [])
    return Walk(local: walk, remote: remoteWalk, gone: gone)
  }

  /// Reads some more runs, as far as they changed.
  /// - Returns: whether there are more.
  mutating func step(_ walk: inout Walk, count: Int) -> Bool {
    let isMore = local.step(&walk.local, count: count)
    walk.found = walk.local.found
    if !isMore, var rest = walk.remote {
      let isMoreRemote = remote?.step(&rest, count: count) ?? false
      walk.found += rest.found
      walk.remote = rest
      if isMoreRemote { return true }
    }
    return isMore
  }

  /// One run, fresh; `nil` when it is gone.
  mutating func meta(_ path: String) -> RunMeta? {
    if let tree = remote?.tree, Path.isInside(path, tree.root) {
      return remote?.meta(tree.directory(path))
    }
    // The clone of a repository that is configured no longer is still watched.
    guard Path.isInside(path, Path.join(project, ".agentv/results")) else { return nil }
    return local.meta(local.tree.directory(path))
  }

  /// Keeps the list for the next server; what cannot be kept is read again then.
  mutating func save() {
    guard let cacheFile, local.isUnsaved, local.count >= Self.minimumCached else { return }
    try? local.save(cacheFile)
  }
}
