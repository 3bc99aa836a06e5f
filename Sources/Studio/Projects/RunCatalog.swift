// The runs of a project as they were last read, kept sorted and in the form in which they are sent.

import Core
import RunArtifacts

/// A run in the list; a reference, so that lists of 10,000 of them are passed around for nothing.
final class ListedRun: Sendable {
  let meta: RunMeta
  /// The RunMeta object.
  let data: [UInt8]
  /// What searches look into, in lower case, with line feeds in between.
  let searched: String

  var path: String { meta.directory }
  var runID: String { meta.runID }
  var displayName: String { meta.displayName }
  var isLive: Bool { meta.isLive }
  var testCount: Int { meta.testCount }

  /// A run as the list shows it, with the target of the job that writes it while it has no rows.
  init(_ meta: RunMeta, jobTarget: String?) {
    var meta = meta
    if meta.targets.isEmpty, let jobTarget { meta.targets = [jobTarget] }
    self.meta = meta
    data = meta.json.serialized()
    let names = [meta.runID, meta.experiment, meta.suiteFilter, meta.jobID].compactMap(\.self)
    searched = (names + meta.targets + meta.tags).joined(separator: "\n").lowercased()
  }
}

extension ListedRun {
  /// Whether overviews tell the same of both.
  fileprivate func isSummedUpLike(_ other: ListedRun) -> Bool {
    meta.groups == other.meta.groups && meta.marks == other.meta.marks
      && meta.firstRowAt == other.meta.firstRowAt && meta.lastGroup == other.meta.lastGroup
  }
}

/// What became of a run.
enum RunChange: String, Sendable, Hashable {
  case appeared, changed, vanished
}

/// The list and its changes; pure.
struct RunCatalog: Sendable {
  private var runs: [String: ListedRun] = [:]
  private var order: [ListedRun] = []
  private var remoteCount = 0
  /// Counts the changes.
  private(set) var revision = 0
  /// Counts what was put in, also what lists do not show and overviews add up.
  private(set) var version = 0

  subscript(path: String) -> ListedRun? { runs[path] }

  /// Paths of all runs, in no order.
  var paths: [String] { Array(runs.keys) }
  var count: Int { order.count }

  /// All runs, as upstream lists them: by directory name, newest first; with runs of a results
  /// repository among them, by time.
  var sorted: [ListedRun] { order }

  /// Takes what was read of a run, `nil` when it is gone, and tells what that changes.
  mutating func update(_ path: String, _ run: ListedRun?) -> RunChange? {
    let old = runs[path]
    if old?.data == run?.data {
      // What overviews add up is not in the data.
      if let old, let run, !old.isSummedUpLike(run) { replace(old, by: run) }
      return nil
    }
    revision += 1
    version += 1
    let hadRemotes = remoteCount > 0
    if let old, let run, !precedes(old, run), !precedes(run, old) {
      replace(old, by: run)
      return .changed
    }
    if let old {
      let place = place(of: old)
      order.remove(at: place)
      if old.meta.isRemote { remoteCount -= 1 }
    }
    runs[path] = run
    if let run {
      if run.meta.isRemote { remoteCount += 1 }
      order.insert(run, at: place(of: run))
    }
    if hadRemotes != (remoteCount > 0) { order.sort(by: precedes) }
    return run == nil ? .vanished : old == nil ? .appeared : .changed
  }

  private mutating func replace(_ old: ListedRun, by run: ListedRun) {
    version += 1
    order[place(of: old)] = run
    runs[run.path] = run
  }

  /// Where a run is, or where it belongs.
  private func place(of run: ListedRun) -> Int {
    var low = 0
    var high = order.count
    while low < high {
      let middle = (low + high) / 2
      if precedes(order[middle], run) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func precedes(_ left: ListedRun, _ right: ListedRun) -> Bool {
    if remoteCount > 0, left.meta.timestamp != right.meta.timestamp {
      return left.meta.timestamp > right.meta.timestamp
    }
    // The path last, for ids that two runs share.
    return (left.displayName, left.runID, left.path)
      > (right.displayName, right.runID, right.path)
  }

  /// Paths of the runs in a directory and of the directory itself.
  func paths(under directory: String) -> [String] {
    runs.keys.filter { Path.isInside($0, directory) }
  }
}
