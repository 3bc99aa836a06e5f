// One workspace from nothing: template, files of the test, repositories.

import Core
import EvalFiles

/// Fills a directory as an eval file asks.
struct WorkspaceMaker: Sendable {
  let checkout: RepoCheckout

  /// Makes a fresh workspace; whatever is at the path goes.
  func make(_ spec: WorkspaceSpec, at path: String) async throws(WorkspaceError) {
    let repos = spec.repos ?? []
    try RepoCheckout.checkLocalSources(repos)
    if let template = spec.template { _ = try Template.directory(template) }
    do throws(FileError) {
      try await FileWork.run { _ throws(FileError) in
        try FileIO.removeTree(path)
        try FileIO.createDirectories(path)
      }
    } catch {
      throw WorkspaceError(.setup, "the workspace cannot be made: \(error)")
    }
    try await fill(spec, at: path)
    try await checkout.materialize(repos, in: path)
  }

  /// Copies the template and the files of the test.
  func fill(_ spec: WorkspaceSpec, at path: String) async throws(WorkspaceError) {
    if let template = spec.template { _ = try Template.directory(template) }
    try await Template.copy(spec.template, to: path)
    let files = spec.files
    guard !files.isEmpty else { return }
    do throws(FileError) {
      try await FileWork.run { isCancelled throws(FileError) in
        for file in files {
          let destination = Path.absolute(file.destination, in: path)
          guard Path.isInside(destination, path) else { continue }
          if FileIO.isDirectory(file.source) {
            try FileIO.copyTree(
              file.source, to: destination, skipping: [".git"], isCancelled: isCancelled)
          } else {
            try FileIO.createDirectories(Path.directory(destination))
            try FileIO.copyFile(file.source, to: destination)
          }
        }
      }
    } catch {
      throw WorkspaceError(.fileCopy, "a file of the test cannot be copied: \(error)")
    }
  }
}
