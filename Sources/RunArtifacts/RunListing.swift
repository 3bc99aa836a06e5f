// The runs of a tree. Only those that changed since the last look are read again.

import Core

/// The runs of one tree, re-reading only those that changed.
///
/// A value for one owner; every call blocks, so it belongs to a file worker.
public struct RunListing: Sendable {
  /// What tells whether a run changed.
  ///
  /// Our writers replace run.json and benchmark.json, which
  /// changes the directory; rows and tags may also be written in place.
  struct Stamp: Hashable, Sendable {
    var directory: Int
    var inode: UInt64
    var indexSize: Int
    var index: Int
    var tags: Int

    /// A file system tells times in steps of some milliseconds: what changed again in the step in
    /// which it was read would look unchanged.
    static let stepNanoseconds = 100_000_000

    init(_ place: RunTree.Place) {
      directory = place.directory.modifiedNanoseconds
      inode = place.directory.inode
      indexSize = place.index?.size ?? -1
      index = place.index?.modifiedNanoseconds ?? 0
      tags = FileIO.status(Path.join(place.path, RunFile.tags))?.modifiedNanoseconds ?? 0
    }

    init(directory: Int, inode: UInt64, indexSize: Int, index: Int, tags: Int) {
      self.directory = directory
      self.inode = inode
      self.indexSize = indexSize
      self.index = index
      self.tags = tags
    }

    /// Whether everything had been left alone for long enough when it was read.
    func isSettled(at now: Timestamp) -> Bool {
      let limit = now.millisecondsSinceEpoch * 1_000_000 - Self.stepNanoseconds
      return max(directory, index, tags) < limit
    }
  }

  struct Entry: Sendable {
    var stamp: Stamp
    var meta: RunMeta
    /// Whether an equal stamp means an equal run.
    var isSettled: Bool
    /// Whether a walk has given it since it was read.
    var isTold = false
  }

  /// Where the runs are.
  public let tree: RunTree
  /// Runs that are kept for their pages, which are not read from their beginning.
  private let scans: KeptScans?
  var known: [String: Entry] = [:]
  /// Counts the runs that were read, for tests and metrics.
  public private(set) var readCount = 0
  /// Whether there is something that the cache file does not have.
  public internal(set) var isUnsaved = false

  /// A list that has read nothing yet.
  public init(tree: RunTree, scans: KeptScans? = nil) {
    self.tree = tree
    self.scans = scans
  }

  /// A list of a project's own runs that has read nothing yet.
  public init(project: String, scans: KeptScans? = nil) {
    self.init(tree: .local(project: project), scans: scans)
  }

  /// Number of runs.
  public var count: Int { known.count }
  /// Directories of all runs, in no order.
  public var paths: [String] { Array(known.keys) }

  /// The run directory of a project with the greatest name, which is the newest run; `nil` without
  /// one.
  public static func newestDirectory(project: String) -> RunDirectory? {
    let tree = RunTree.local(project: project)
    return tree.newest(64).first(where: RunDirectory.holdsRun).map { tree.directory($0) }
  }

  /// All runs, by directory name descending as upstream lists them.
  public mutating func scan() -> [RunMeta] {
    var walk = begin()
    while step(&walk, count: .max) {}
    return known.values.map(\.meta).sorted {
      ($0.displayName, $0.runID) > ($1.displayName, $1.runID)
    }
  }

  /// A scan on its way.
  public struct Walk: Sendable {
    var left: [RunTree.Place]
    /// Runs that were there before and are gone now, by directory.
    public let gone: [String]
    /// What the last step found that no walk had given before.
    public fileprivate(set) var found: [RunMeta] = []
    /// Whether every run has been looked at.
    public var isComplete: Bool { left.isEmpty }
  }

  /// The run directories of a project.
  public static func directories(project: String) -> [RunDirectory] {
    let tree = RunTree.local(project: project)
    return tree.places().map { tree.directory($0.path) }
  }

  /// Looks which runs there are, newest first, and forgets those that are gone.
  public mutating func begin() -> Walk {
    var places = tree.places()
    // Taken from the end: the newest first, and long ones, which keep the others waiting, last.
    places.sort { left, right in
      let (isLong, isOtherLong) = (left.isLong, right.isLong)
      return isLong == isOtherLong
        ? Path.name(left.path) < Path.name(right.path) : isLong
    }
    let present = Set(places.map(\.path))
    let gone = known.keys.filter { !present.contains($0) }
    for path in gone {
      known[path] = nil
      isUnsaved = true
    }
    return Walk(left: places, gone: gone)
  }

  /// Reads some more runs, as far as they changed.
  /// - Parameters:
  ///   - walk: where the scan is; `found` holds the runs of this step.
  ///   - count: most runs of this step.
  /// - Returns: whether there are more.
  public mutating func step(_ walk: inout Walk, count: Int) -> Bool {
    walk.found = []
    for _ in 0..<min(count, walk.left.count) {
      let place = walk.left.removeLast()
      guard let entry = entry(place), !entry.isTold else { continue }
      walk.found.append(entry.meta)
      known[place.path]?.isTold = true
    }
    return !walk.isComplete
  }

  /// The newest runs, read before anything else is looked at: what a list shows first.
  ///
  /// Long ones are left out, which would keep the others waiting.
  /// - Parameter count: most of them.
  /// - Returns: those that have not been read yet.
  public mutating func newest(_ count: Int) -> [RunMeta] {
    tree.newest(count).compactMap { path in
      guard known[path] == nil, RunDirectory.holdsRun(path), let status = FileIO.status(path)
      else { return nil }
      let index = FileIO.status(Path.join(path, RunFile.index))
      let place = RunTree.Place(path: path, directory: status, index: index)
      return place.isLong ? nil : entry(place)?.meta
    }
  }

  /// One run, fresh; `nil` when it is gone or cannot be read.
  public mutating func meta(_ directory: RunDirectory) -> RunMeta? {
    guard RunDirectory.holdsRun(directory.path), let status = FileIO.status(directory.path) else {
      if known.removeValue(forKey: directory.path) != nil { isUnsaved = true }
      return nil
    }
    let index = FileIO.status(directory.file(RunFile.index))
    known[directory.path]?.isSettled = false
    return entry(RunTree.Place(path: directory.path, directory: status, index: index))?.meta
  }

  private mutating func entry(_ place: RunTree.Place) -> Entry? {
    let stamp = Stamp(place)
    if let entry = known[place.path], entry.isSettled, entry.stamp == stamp, !entry.meta.isLive {
      return entry
    }
    let now = Timestamp.now()
    guard let meta = try? RunMeta(tree.directory(place.path), scans) else {
      known[place.path] = nil
      return nil
    }
    readCount += 1
    isUnsaved = true
    let old = known[place.path]
    let entry = Entry(
      stamp: stamp, meta: meta, isSettled: stamp.isSettled(at: now),
      isTold: old?.isTold == true && old?.meta == meta)
    known[place.path] = entry
    return entry
  }
}
