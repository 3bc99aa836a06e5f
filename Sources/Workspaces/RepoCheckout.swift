// Repositories in workspaces: cloned, checked out, put back.

import Core
import EvalFiles

/// Puts repositories into workspaces.
struct RepoCheckout: Sendable {
  let git: Git

  /// Checks that local sources are there.
  /// - Throws: `WorkspaceError` that names every one that is not.
  static func checkLocalSources(_ repos: [RepoSpec]) throws(WorkspaceError) {
    var lines: [String] = []
    for repo in repos {
      guard case .local(let path)? = repo.source else { continue }
      if path.isEmpty {
        lines.append(
          "repo \"\(repo.path)\": local source path is empty (check that the env var is set)")
      } else if !FileIO.isDirectory(path) {
        lines.append("repo \"\(repo.path)\": local source path not found: \(path)")
      }
    }
    guard !lines.isEmpty else { return }
    throw WorkspaceError(
      .localPathNotFound, "Local repo path validation failed: " + lines.joined(separator: "; "))
  }

  /// Clones and checks out every repository that has a source.
  func materialize(_ repos: [RepoSpec], in workspace: String) async throws(WorkspaceError) {
    for repo in repos where repo.source != nil { try await materialize(repo, in: workspace) }
  }

  /// Clones and checks out one repository.
  func materialize(_ repo: RepoSpec, in workspace: String) async throws(WorkspaceError) {
    guard let source = repo.source else { return }
    let directory = Path.absolute(repo.path, in: workspace)
    do throws(WorkspaceError) {
      try await clone(repo, source, into: directory)
      try await checkOut(repo, source, in: directory)
    } catch {
      if error.isCancelled { throw error }
      throw WorkspaceError(
        error.code, "repo \"\(repo.path)\" (\(Self.shown(source))): \(error.description)")
    }
  }

  /// A URL without the password that may stand in it.
  static func shown(_ source: RepoSpec.Source) -> String {
    let location = source.location
    guard let scheme = location.firstRange(of: "://"),
      let at = location[scheme.upperBound...].firstIndex(of: "@"),
      !location[scheme.upperBound..<at].contains("/")
    else { return location }
    return "\(location[..<scheme.upperBound])\(location[location.index(after: at)...])"
  }

  private func clone(
    _ repo: RepoSpec, _ source: RepoSpec.Source, into directory: String
  ) async throws(WorkspaceError) {
    var arguments = ["clone", "--no-checkout"]
    if let depth = repo.depth { arguments += ["--depth", String(depth)] }
    if let filter = repo.filter { arguments.append("--filter=\(filter)") }
    var location = source.location
    // Depth and filter need git's own protocol, which a plain path bypasses.
    if case .local = source, repo.depth != nil || repo.filter != nil {
      location = "file://\(location)"
    }
    try await git.run(arguments + ["--", location, directory])
    guard !repo.sparse.isEmpty else { return }
    try await git.run(["sparse-checkout", "init", "--cone"], in: directory)
    try await git.run(["sparse-checkout", "set", "--"] + repo.sparse, in: directory)
  }

  private func checkOut(
    _ repo: RepoSpec, _ source: RepoSpec.Source, in directory: String
  ) async throws(WorkspaceError) {
    let ref = repo.checkoutRef
    var wanted = ref
    if !repo.resolvesLocally, case .git = source {
      let listed = try await git.attempt(["ls-remote", "--", source.location, ref])
      if listed.isSuccess, let id = listed.text.split(separator: "\t").first, !id.isEmpty {
        wanted = String(id)
      }
    }
    let first = try await git.attempt(["checkout", "--quiet", wanted, "--"], in: directory)
    if !first.isSuccess {
      // A shallow clone has only the default branch, and a branch may have no local name yet.
      var fetch = ["fetch", "--quiet"]
      if let depth = repo.depth { fetch += ["--depth", String(depth)] }
      let fetched = try await git.attempt(fetch + ["origin", wanted], in: directory)
      guard fetched.isSuccess else {
        throw WorkspaceError(
          .clone, "cannot check out \"\(ref)\": \(first.error); \(fetched.error)")
      }
      try await git.run(["checkout", "--quiet", "FETCH_HEAD", "--"], in: directory)
    }
    if repo.ancestor > 0 { try await goBack(repo, ref, in: directory) }
  }

  /// Checks out a commit before the one that is checked out.
  private func goBack(
    _ repo: RepoSpec, _ ref: String, in directory: String
  ) async throws(WorkspaceError) {
    let name = "HEAD~\(repo.ancestor)"
    var found = try await git.attempt(["rev-parse", "--verify", name], in: directory)
    if !found.isSuccess, repo.depth != nil {
      try await git.run(
        ["fetch", "--quiet", "--deepen", String(repo.ancestor)], in: directory)
      found = try await git.attempt(["rev-parse", "--verify", name], in: directory)
    }
    guard found.isSuccess else {
      let depth = repo.depth == nil ? "" : "; raise clone.depth to \(repo.ancestor + 1)"
      throw WorkspaceError(
        .clone, "Cannot resolve ancestor \(repo.ancestor) of ref '\(ref)'\(depth)")
    }
    try await git.run(
      ["checkout", "--quiet", found.text.trimmed, "--"], in: directory)
  }

  /// Puts repositories of a pooled workspace back to what the file asks for.
  func refresh(
    _ repos: [RepoSpec], in workspace: String, _ reset: HookSpec.Reset
  ) async throws(WorkspaceError) {
    guard reset != .none else { return }
    for repo in repos where repo.source != nil {
      let directory = Path.absolute(repo.path, in: workspace)
      guard FileIO.isDirectory(directory) else {
        try await materialize(repo, in: workspace)
        continue
      }
      let ref = repo.checkoutRef
      if repo.resolvesLocally {
        try await git.run(["reset", "--quiet", "--hard", ref, "--"], in: directory)
      } else {
        var fetch = ["fetch", "--quiet"]
        if let depth = repo.depth { fetch += ["--depth", String(depth)] }
        let fetched = try await git.attempt(fetch + ["origin", ref], in: directory)
        // A commit never changes, so one that is here is as good as one from the source.
        guard fetched.isSuccess || Self.isCommit(ref) else {
          throw WorkspaceError(.clone, fetched.error)
        }
        try await git.run(
          ["reset", "--quiet", "--hard", fetched.isSuccess ? "FETCH_HEAD" : ref], in: directory)
      }
      if repo.ancestor > 0 { try await goBack(repo, ref, in: directory) }
      try await clean(directory, reset)
    }
  }

  private static func isCommit(_ ref: String) -> Bool {
    (7...64).contains(ref.utf8.count)
      && ref.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Undoes changes in the repositories of a workspace, and in itself when it is one.
  func reset(
    _ repos: [RepoSpec], in workspace: String, _ reset: HookSpec.Reset
  ) async throws(WorkspaceError) {
    guard reset != .none else { return }
    var directories = [workspace]
    directories += repos.filter { $0.source != nil }.map {
      Path.absolute($0.path, in: workspace)
    }
    var done: Set<String> = []
    for directory in directories
    where done.insert(directory).inserted && FileIO.exists("\(directory)/.git") {
      try await git.run(["reset", "--quiet", "--hard", "HEAD"], in: directory)
      try await clean(directory, reset)
    }
  }

  private func clean(_ directory: String, _ reset: HookSpec.Reset) async throws(WorkspaceError) {
    try await git.run(
      ["clean", "--quiet", reset == .strict ? "-fdx" : "-fd"], in: directory)
  }
}
