// The repository that runs are pushed to (`results.export`), by way of the clone that the Studio shows
// remote runs from. What is pushed is put together in a work tree of its own beside the clone, without
// checking anything out, so that neither the Studio nor another run is in the way.

import Core
public import EvalFiles

/// Pushes runs to a repository.
public struct ResultsRepository: Sendable {
  /// Pushes that are tried when others push at the same time.
  static let tries = 3
  /// Longest time of one git command.
  static let timeout = Duration.seconds(120)

  private let export: ProjectConfig.ResultsExport
  private let cache: String
  private let git: Git

  /// The repository of a project.
  /// - Parameters:
  ///   - export: the project's `results.export`.
  ///   - environment: variables of git.
  ///   - workingDirectory: what a relative `AGENTV_HOME` starts from.
  public init(
    _ export: ProjectConfig.ResultsExport, environment: [String: String], workingDirectory: String
  ) {
    self.export = export
    let home = WorkspaceHome(environment: environment, workingDirectory: workingDirectory).path
    cache = Path.join(home, "cache/results-repo/\(Self.directoryName(export.repo))")
    git = Git(environment: environment, log: nil)
  }

  /// What git clones: `owner/name` stands for GitHub.
  static func url(_ repository: String) -> String {
    let isWhole =
      repository.contains("://") || repository.contains("@") || repository.hasPrefix("/")
      || repository.hasPrefix(".")
    return isWhole ? repository : "https://github.com/\(repository).git"
  }

  /// The directory of a clone: other characters than letters, digits, `.`, `_` and `-` become `-`.
  static func directoryName(_ repository: String) -> String {
    var slug = repository[...]
    if let scheme = slug.firstRange(of: "://") { slug = slug[scheme.upperBound...] }
    if slug.hasSuffix(".git") { slug = slug.dropLast(4) }
    let name = String(
      slug.map { character in
        character.isASCII
          && (character.isLetter || character.isNumber || "._-".contains(character))
          ? character : "-"
      })
    return name.allSatisfy { $0 == "." } ? "repository" : name
  }

  /// Commits a run and pushes it to the repository's default branch.
  /// - Parameters:
  ///   - run: the run directory, absolute.
  ///   - name: where it goes, below the configured path.
  ///   - message: of the commit.
  /// - Returns: where in the repository it is now; `nil` when nothing had changed there.
  /// - Throws: `WorkspaceError`, without any password of the repository's address.
  public func push(
    _ run: String, as name: String, message: String
  ) async throws(WorkspaceError) -> String? {
    guard !export.repo.isEmpty, !export.repo.hasPrefix("-") else {
      throw WorkspaceError(.clone, "results.export.repo names no repository")
    }
    let place = Path.normalize(
      [export.path, name].flatMap { $0.split(separator: "/") }.joined(separator: "/"))
    guard !place.isEmpty, place != "..", !place.hasPrefix("../"), !place.hasPrefix(".git/") else {
      throw WorkspaceError(.clone, "results.export.path leads out of the repository")
    }
    do throws(WorkspaceError) {
      let clone = try await clone()
      let tree = "\(cache)/push-\(UInt64.random(in: 0 ... .max))"
      do throws(WorkspaceError) {
        let isNew = try await commitAndPush(run, place, message, clone: clone, tree: tree)
        await remove(tree, clone)
        return isNew ? place : nil
      } catch {
        await remove(tree, clone)
        throw error
      }
    } catch {
      throw WorkspaceError(error.code, withoutSecret(error.description))
    }
  }

  /// The clone, made when it is missing, and up to date.
  private func clone() async throws(WorkspaceError) -> String {
    let clone = "\(cache)/repo"
    do throws(FileError) {
      try FileIO.createDirectories(cache)
    } catch {
      throw WorkspaceError(.clone, error.description)
    }
    if FileIO.isDirectory("\(clone)/.git") {
      try await run(["fetch", "--quiet", "--prune", "--filter=blob:none", "origin"], in: clone)
    } else {
      try await run(
        ["clone", "--quiet", "--filter=blob:none", "--", Self.url(export.repo), clone], in: cache)
    }
    return clone
  }

  private func branch(_ clone: String) async throws(WorkspaceError) -> String {
    _ = try await git.attempt(
      ["remote", "set-head", "origin", "--auto"], in: clone, timeout: Self.timeout)
    let head = try await git.attempt(
      ["symbolic-ref", "--short", "refs/remotes/origin/HEAD"], in: clone, timeout: Self.timeout)
    let name = head.text.split(whereSeparator: \.isNewline).first ?? ""
    return head.isSuccess && name.hasPrefix("origin/") ? String(name.dropFirst(7)) : "main"
  }

  private func commitAndPush(
    _ run: String, _ place: String, _ message: String, clone: String, tree: String
  ) async throws(WorkspaceError) -> Bool {
    let branch = try await branch(clone)
    let base = "refs/remotes/origin/\(branch)"
    guard try await git.attempt(["rev-parse", "--verify", "--quiet", base], in: clone).isSuccess
    else {
      throw WorkspaceError(
        .clone, "the results repository has no commit on \(branch); push a first one to it")
    }
    try await self.run(
      ["worktree", "add", "--quiet", "--no-checkout", "--detach", tree, base], in: clone)
    do throws(FileError) {
      let names = try FileIO.list(run).filter { $0.hasPrefix(".") }
      try FileIO.copyTree(run, to: "\(tree)/\(place)", skipping: Set(names))
    } catch {
      throw WorkspaceError(.clone, error.description)
    }
    var failure = ""
    for attempt in 1...Self.tries {
      // Only the index is looked at: what others have pushed need not be there as files.
      try await self.run(["reset", "--quiet", "--soft", base], in: tree)
      try await self.run(["read-tree", base], in: tree)
      try await self.run(["add", "--all", "--force", "--", place], in: tree)
      let same = try await git.attempt(["diff", "--cached", "--quiet", base], in: tree)
      if same.isSuccess { return false }
      try await self.run(
        try await identity(clone) + ["commit", "--quiet", "--no-verify", "-m", message], in: tree)
      let pushed = try await git.attempt(
        ["push", "--quiet", "origin", "HEAD:refs/heads/\(branch)"], in: tree,
        timeout: Self.timeout)
      if pushed.isSuccess { return true }
      failure = pushed.error
      let isRace = ["non-fast-forward", "fetch first", "cannot lock ref"].contains(
        where: failure.contains)
      guard isRace, attempt < Self.tries else { break }
      try await self.run(["fetch", "--quiet", "--filter=blob:none", "origin"], in: tree)
    }
    throw WorkspaceError(.clone, failure)
  }

  /// Whose commit it is, when git has not been told.
  private func identity(_ clone: String) async throws(WorkspaceError) -> [String] {
    let known = try await git.attempt(["config", "user.email"], in: clone)
    return known.isSuccess ? [] : ["-c", "user.name=agentv", "-c", "user.email=agentv@localhost"]
  }

  private func run(_ arguments: [String], in directory: String) async throws(WorkspaceError) {
    try await git.run(arguments, in: directory, timeout: Self.timeout)
  }

  private func remove(_ tree: String, _ clone: String) async {
    try? FileIO.removeTree(tree)
    _ = try? await git.attempt(["worktree", "prune"], in: clone)
  }

  private func withoutSecret(_ text: String) -> String {
    guard let scheme = export.repo.firstRange(of: "://"),
      let at = export.repo[scheme.upperBound...].lastIndex(of: "@")
    else { return text }
    return text.replacing(String(export.repo[scheme.upperBound..<at]), with: "***")
  }
}
