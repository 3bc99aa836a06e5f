// The runs of a project as they were last read, kept in the form in which they are sent.

import Core
import RunArtifacts

/// A run in the list.
struct ListedRun: Sendable {
  let path: String
  let runID: String
  let displayName: String
  let isLive: Bool
  let testCount: Int
  /// The RunMeta object.
  let data: [UInt8]

  /// A run as the list shows it, with the target of the job that writes it while it has no rows.
  init(_ meta: RunMeta, jobTarget: String?) {
    var meta = meta
    if meta.targets.isEmpty, let jobTarget { meta.targets = [jobTarget] }
    path = meta.directory
    runID = meta.runID
    displayName = meta.displayName
    isLive = meta.isLive
    testCount = meta.testCount
    data = meta.json.serialized()
  }
}

/// What became of a run.
enum RunChange: String, Sendable, Hashable {
  case appeared, changed, vanished
}

/// The list and its changes; pure.
struct RunCatalog: Sendable {
  private var runs: [String: ListedRun] = [:]
  private var order: [String]?
  /// Counts the changes.
  private(set) var revision = 0

  subscript(path: String) -> ListedRun? { runs[path] }

  /// Paths of all runs, in no order.
  var paths: [String] { Array(runs.keys) }

  /// All runs by directory name, newest first, as upstream lists them.
  mutating func sorted() -> [ListedRun] {
    let paths =
      order
      ?? runs.values.sorted { ($0.displayName, $0.runID) > ($1.displayName, $1.runID) }.map(\.path)
    order = paths
    return paths.compactMap { runs[$0] }
  }

  /// Takes what was read of a run, `nil` when it is gone, and tells what that changes.
  mutating func update(_ path: String, _ run: ListedRun?) -> RunChange? {
    let old = runs[path]
    if old?.data == run?.data { return nil }
    runs[path] = run
    revision += 1
    guard let run else {
      order = nil
      return .vanished
    }
    if old == nil || old?.displayName != run.displayName { order = nil }
    return old == nil ? .appeared : .changed
  }

  /// Paths of the runs in a directory and of the directory itself.
  func paths(under directory: String) -> [String] {
    runs.keys.filter { Path.isInside($0, directory) }
  }
}
