// The runs of a project that requests name by id: its own, and those of its results repository.
// Blocking: made and used on a worker.

import Core
import RunArtifacts

struct RunLibrary: Sendable {
  let local: RunTree
  /// The clone of the results repository; `nil` when none is configured.
  let remote: RunTree?

  init(project: String, home: String) {
    local = .local(project: project)
    remote = RemoteSettings(project: project, home: home).map {
      RunTree(root: $0.runsRoot, isRemote: true)
    }
  }

  /// The run of an id.
  /// - Throws: `run-not-found`.
  func run(_ id: String?) throws(RequestError) -> RunDirectory {
    guard let id else { throw .runNotFound }
    let tree = id.hasPrefix(RunTree.remotePrefix) ? remote : local
    guard let directory = tree?.locate(runID: id) else { throw .runNotFound }
    return directory
  }

  /// A run as its page needs it, of one that is kept only what came since.
  /// - Throws: `run-unreadable`.
  static func read<Result>(
    _ directory: RunDirectory, _ scans: KeptScans, _ body: (inout KeptRun) -> Result
  ) throws(RequestError) -> Result {
    do {
      return try scans.read(directory.file(RunFile.index), body)
    } catch {
      throw .unreadable("run")
    }
  }

  /// The rows of a run.
  /// - Throws: `run-unreadable` with the words for what was asked.
  static func scan(
    _ directory: RunDirectory, what: String
  ) throws(RequestError) -> IndexScan {
    do {
      return try IndexScan(directory.file(RunFile.index))
    } catch {
      throw .unreadable(what)
    }
  }
}

extension RequestError {
  fileprivate static func unreadable(_ what: String) -> RequestError {
    RequestError(status: 500, code: "run-unreadable", message: "Failed to load \(what)")
  }
}
