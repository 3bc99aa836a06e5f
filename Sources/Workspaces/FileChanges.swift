// What a target changed in its workspace, as a unified diff.

import Core
import EvalFiles

/// The state of a workspace before a target works in it.
///
/// Kept in a git directory of our own beside the workspaces: neither the workspace nor a repository
/// in it, which may be the user's own, gets a commit or a changed index.
struct FileChanges: Sendable {
  /// Largest diff that is kept, bytes.
  static let limitBytes = 4 << 20
  /// Deepest directory in which repositories are looked for.
  static let maximumDepth = 4
  /// Longest time of one git command.
  static let timeout = Duration.seconds(60)
  private static let passedOver: Set<String> = [".git", "node_modules", ".venv", ".build"]

  private struct Part: Sendable {
    /// The directory that is compared, absolute.
    var directory: String
    /// The same, relative to the workspace; empty for itself.
    var name: String
    var index: String
    var tree: String
  }

  private let git: Git
  private let store: String
  private let parts: [Part]

  /// Takes the state of a workspace.
  /// - Returns: `nil` when git is missing or cannot read it: there are no changes then.
  static func take(
    of workspace: String, store: String, git: Git
  ) async throws(WorkspaceError) -> FileChanges? {
    do throws(WorkspaceError) {
      guard try await git.attempt(["init", "--quiet", "--bare", "--", store]).isSuccess else {
        return nil
      }
    } catch {
      if error.isCancelled { throw error }
      return nil
    }
    let nested = repositories(in: workspace, depth: 0)
    var parts: [Part] = []
    for (number, name) in ([""] + nested).enumerated() {
      var part = Part(
        directory: name.isEmpty ? workspace : "\(workspace)/\(name)", name: name,
        index: "\(store)/index-\(number)", tree: "")
      guard let tree = try await write(part, nested, store, git) else { continue }
      part.tree = tree
      parts.append(part)
    }
    return FileChanges(git: git, store: store, parts: parts)
  }

  /// The changes since then; `nil` when there are none.
  func diff() async throws(WorkspaceError) -> String? {
    var diffs: [String] = []
    let nested = parts.map(\.name).filter { !$0.isEmpty }
    for part in parts {
      guard let tree = try await Self.write(part, nested, store, git), tree != part.tree else {
        continue
      }
      let prefix = part.name.isEmpty ? "" : "\(part.name)/"
      let output = try await git.attempt(
        [
          "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all",
          "--src-prefix=a/\(prefix)", "--dst-prefix=b/\(prefix)", part.tree, tree,
        ], more: Self.place(part, store), timeout: Self.timeout)
      if output.isSuccess { diffs.append(output.text.trimmed) }
    }
    let diff = diffs.filter { !$0.isEmpty }.joined(separator: "\n")
    guard !diff.isEmpty else { return nil }
    guard diff.utf8.count > Self.limitBytes else { return diff }
    let kept = String(decoding: diff.utf8.prefix(Self.limitBytes), as: UTF8.self)
    return kept + "\n[\(diff.utf8.count - Self.limitBytes) bytes of the diff left out]"
  }

  /// Adds everything in a directory to the store.
  /// - Returns: the id of its tree; `nil` when git cannot read it.
  private static func write(
    _ part: Part, _ nested: [String], _ store: String, _ git: Git
  ) async throws(WorkspaceError) -> String? {
    let below = nested.filter { $0 != part.name && $0.hasPrefix(prefix(of: part.name)) }
      .map { ":(exclude,top,literal)\($0.dropFirst(prefix(of: part.name).count))" }
    let place = place(part, store)
    do throws(WorkspaceError) {
      let added = try await git.attempt(
        [
          "-c", "core.autocrlf=false", "-c", "core.fsmonitor=false", "-c",
          "advice.addEmbeddedRepo=false", "add", "-A", "--", ".",
        ] + below, in: part.directory, more: place, timeout: timeout)
      guard added.isSuccess else { return nil }
      let tree = try await git.attempt(
        ["write-tree"], in: part.directory, more: place, timeout: timeout)
      return tree.isSuccess ? tree.text.trimmed : nil
    } catch {
      if error.isCancelled { throw error }
      return nil
    }
  }

  private static func prefix(of name: String) -> String { name.isEmpty ? "" : "\(name)/" }

  private static func place(_ part: Part, _ store: String) -> [String: String] {
    [
      "GIT_DIR": store, "GIT_WORK_TREE": part.directory, "GIT_INDEX_FILE": part.index,
      // Filters and hooks of the user's settings are none of our business here.
      "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
    ]
  }

  /// Directories below a workspace that are repositories, relative to it.
  private static func repositories(
    in directory: String, below name: String = "", depth: Int
  ) -> [String] {
    guard depth < maximumDepth, let names = try? FileIO.list(directory) else { return [] }
    var found: [String] = []
    for entry in names where !passedOver.contains(entry) {
      let path = "\(directory)/\(entry)"
      guard FileIO.linkStatus(path)?.kind == .directory else { continue }
      let relative = name.isEmpty ? entry : "\(name)/\(entry)"
      if FileIO.exists("\(path)/.git") { found.append(relative) }
      found += repositories(in: path, below: relative, depth: depth + 1)
    }
    return found
  }
}
