// A tree of run directories: the project's own results, or the clone of a results repository.

import Core

/// Where runs are looked for.
public struct RunTree: Sendable, Hashable {
  /// Deeper directories hold no runs.
  static let maximumDepth = 8
  /// What the ids of runs from a results repository begin with.
  public static let remotePrefix = "remote::"

  /// Absolute path.
  public let root: String
  /// Whether the runs come from a results repository and can only be looked at.
  public let isRemote: Bool

  /// A tree at a path.
  public init(root: String, isRemote: Bool) {
    self.root = Path.normalize(root)
    self.isRemote = isRemote
  }

  /// The results of a project.
  public static func local(project: String) -> RunTree {
    RunTree(root: RunDirectory.runsRoot(project: project), isRemote: false)
  }

  /// A run directory of the tree, or anywhere else: then it is called by its directory's name.
  public func directory(_ path: String) -> RunDirectory { RunDirectory(path: path, tree: self) }

  /// The directory that a run id names, when it holds a run.
  ///
  /// `name` is looked for in `default` and directly in the tree, `experiment::name` in that
  /// experiment. An id that would lead out of the tree, also by a link, names nothing.
  public func locate(runID: String) -> RunDirectory? {
    var id = runID[...]
    if isRemote {
      guard id.hasPrefix(Self.remotePrefix) else { return nil }
      id = id.dropFirst(Self.remotePrefix.count)
    }
    let candidates: [String]
    if let separator = Self.lastSeparator(in: id) {
      candidates = ["\(id[..<separator.lowerBound])/\(id[separator.upperBound...])"]
    } else {
      candidates = ["default/\(id)", String(id)]
    }
    for candidate in candidates {
      let parts = candidate.split(separator: "/", omittingEmptySubsequences: false)
      if parts.contains(where: { $0.isEmpty || $0.hasPrefix(".") || $0.contains("\0") }) {
        continue
      }
      let path = Path.join(root, candidate)
      guard RunDirectory.holdsRun(path), let real = FileIO.realPath(path),
        let realRoot = FileIO.realPath(root), Path.isInside(real, realRoot)
      else { continue }
      return directory(path)
    }
    return nil
  }

  private static func lastSeparator(in id: Substring) -> Range<Substring.Index>? {
    var result: Range<Substring.Index>?
    var index = id.startIndex
    while index < id.endIndex {
      if id[index...].hasPrefix("::") { result = index..<id.index(index, offsetBy: 2) }
      index = id.index(after: index)
    }
    return result
  }

  /// A run directory with what the walk saw of it.
  struct Place: Sendable {
    var path: String
    var directory: FileStatus
    var index: FileStatus?

    /// Whether reading it takes as long as reading hundreds of usual ones.
    var isLong: Bool { (index?.size ?? 0) > 1 << 20 }
  }

  /// Every directory that holds a run; one that does is not looked into, and links are not followed.
  func places() -> [Place] {
    var found: [Place] = []
    collect(root, depth: 0, into: &found)
    return found
  }

  /// Directories that a first look looks into to see whether they are runs.
  static let lookLimit = 1000

  /// The run directories with the greatest names, which are the newest runs, found without a look
  /// at every one: a name that begins with a date is taken for a run's.
  func newest(_ count: Int) -> [String] {
    var found: [(name: String, path: String)] = []
    var looks = 0
    collectNewest(root, depth: 0, &looks, into: &found)
    found.sort { ($0.name, $0.path) > ($1.name, $1.path) }
    return found.prefix(count).map(\.path)
  }

  private func collectNewest(
    _ path: String, depth: Int, _ looks: inout Int, into found: inout [(name: String, path: String)]
  ) {
    guard depth < Self.maximumDepth, let names = try? FileIO.directories(path) else { return }
    for name in names where !name.hasPrefix(".") {
      let child = Path.join(path, name)
      if Self.beginsWithDate(name) {
        found.append((name, child))
        continue
      }
      looks += 1
      guard looks <= Self.lookLimit else { continue }
      if RunDirectory.holdsRun(child) {
        found.append((name, child))
      } else {
        collectNewest(child, depth: depth + 1, &looks, into: &found)
      }
    }
  }

  private static func beginsWithDate(_ name: String) -> Bool {
    let date = (name.hasPrefix("eval_") ? name.dropFirst(5) : name[...]).utf8.prefix(10)
    return date.count == 10
      && zip(date, "0000-00-00".utf8).allSatisfy { byte, form in
        form == UInt8(ascii: "-") ? byte == form : byte &- 0x30 < 10
      }
  }

  /// Number of runs; blocks.
  public func runCount() -> Int { places().count }

  private func collect(_ path: String, depth: Int, into found: inout [Place]) {
    guard depth < Self.maximumDepth, let names = try? FileIO.list(path) else { return }
    for name in names where !name.hasPrefix(".") {
      let child = Path.join(path, name)
      guard let status = FileIO.linkStatus(child), status.kind == .directory else { continue }
      let index = FileIO.status(Path.join(child, RunFile.index)).flatMap {
        $0.kind == .file ? $0 : nil
      }
      if index != nil || FileIO.isFile(Path.join(child, RunFile.record)) {
        found.append(Place(path: child, directory: status, index: index))
      } else {
        collect(child, depth: depth + 1, into: &found)
      }
    }
  }
}
