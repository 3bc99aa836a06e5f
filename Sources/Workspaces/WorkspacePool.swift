// Workspaces with repositories that are kept for later runs.

import Core
import EvalFiles

/// One pool: the workspaces of one set of repositories.
struct WorkspacePool: Sendable {
  /// Directory of the pool, absolute.
  let directory: String
  let repos: [RepoSpec]
  let template: String?
  let checkout: RepoCheckout

  /// A slot that is ours.
  struct Slot: Sendable, Hashable {
    let index: Int
    let path: String
    let lock: PoolLock
  }

  init(root: String, repos: [RepoSpec], template: String?, checkout: RepoCheckout) {
    directory = Path.join(root, Self.fingerprint(repos))
    self.repos = repos
    self.template = template
    self.checkout = checkout
  }

  /// Name of the pool of a set of repositories, the same as upstream's.
  static func fingerprint(_ repos: [RepoSpec]) -> String {
    let entries = repos.sorted { $0.path < $1.path }.map { repo -> JSON in
      var entry = JSONObject()
      if !repo.path.isEmpty { entry["path"] = .string(repo.path) }
      switch repo.source {
      case .git(let url)?:
        let lower = url.lowercased()
        let name = lower.hasSuffix(".git") ? String(lower.dropLast(4)) : lower
        entry["source"] = ["type": "git", "url": .string(name)]
      case .local(let path)?: entry["source"] = ["type": "local", "path": .string(path)]
      case nil: break
      }
      entry["ref"] = .string(repo.checkoutRef)
      if let depth = repo.depth { entry["depth"] = .int(depth) }
      if let filter = repo.filter { entry["filter"] = .string(filter) }
      if !repo.sparse.isEmpty { entry["sparse"] = .array(repo.sparse.sorted().map(JSON.string)) }
      return .object(entry)
    }
    return SHA256.hex(Array(JSON.object(["repos": .array(entries)]).text.utf8))
  }

  /// Takes a free slot and prepares it; `nil` when all are in use.
  func acquire(
    most slots: Int, reset: HookSpec.Reset
  ) async throws(WorkspaceError) -> Slot? {
    do throws(FileError) {
      try FileIO.createDirectories(directory)
    } catch {
      throw WorkspaceError(.setup, "the workspace pool cannot be used: \(error)")
    }
    for index in 0..<slots {
      let path = "\(directory)/slot-\(index)"
      let lock = PoolLock(path: "\(path).lock")
      let isOurs: Bool
      do throws(FileError) {
        isOurs = try lock.take()
      } catch {
        throw WorkspaceError(.setup, "the workspace pool cannot be used: \(error)")
      }
      guard isOurs else { continue }
      let slot = Slot(index: index, path: path, lock: lock)
      do throws(WorkspaceError) {
        try await prepare(slot, reset)
      } catch {
        lock.release()
        throw error
      }
      return slot
    }
    return nil
  }

  private func prepare(_ slot: Slot, _ reset: HookSpec.Reset) async throws(WorkspaceError) {
    if FileIO.isDirectory(slot.path) {
      do throws(WorkspaceError) {
        try await checkout.refresh(repos, in: slot.path, reset)
        try await fill(slot.path)
        return
      } catch {
        if error.isCancelled { throw error }
        // Whatever is wrong with it, a new one is sound; what is wrong with the source shows again.
        try await remove(slot.path)
      }
    }
    // Under another name until it is whole: a slot that exists can be used.
    let draft = "\(slot.path).new"
    try await remove(draft)
    try await fill(draft)
    try await checkout.materialize(repos, in: draft)
    do throws(FileError) {
      try FileIO.move(draft, to: slot.path)
      try FileIO.replace("\(directory)/metadata.json", metadata.pretty() + [0x0A])
    } catch {
      throw WorkspaceError(.setup, "the workspace pool cannot be written: \(error)")
    }
  }

  private func remove(_ path: String) async throws(WorkspaceError) {
    do throws(FileError) {
      try await FileWork.run { _ throws(FileError) in try FileIO.removeTree(path) }
    } catch {
      throw WorkspaceError(.setup, "an old workspace cannot be removed: \(error)")
    }
  }

  private func fill(_ path: String) async throws(WorkspaceError) {
    let repos = Set(repos.filter { $0.source != nil }.map(\.path))
    try await Template.copy(template, to: path, skipping: repos)
  }

  private var metadata: JSON {
    let entries = repos.map { repo -> JSON in
      let source: JSON =
        switch repo.source {
        case .git?:
          ["type": "git", "url": .string(RepoCheckout.shown(repo.source ?? .git(url: "")))]
        case .local(let path)?: ["type": "local", "path": .string(path)]
        case nil: .null
        }
      return ["path": .string(repo.path), "source": source]
    }
    return [
      "fingerprint": .string(Path.name(directory)), "templatePath": .optional(template),
      "repos": .array(entries), "createdAt": .string(Timestamp.now().description),
    ]
  }
}

/// Templates of workspaces.
enum Template {
  /// The directory behind a template; a `.code-workspace` file stands for its directory.
  static func directory(_ template: String) throws(WorkspaceError) -> String {
    switch FileIO.status(template)?.kind {
    case .directory: return template
    case .file where template.hasSuffix(".code-workspace"): return Path.directory(template)
    case nil: throw WorkspaceError(.template, "Workspace template not found: \(template)")
    default: throw WorkspaceError(.template, "Workspace template is not a directory: \(template)")
    }
  }

  /// Copies a template, if there is one, into a directory that is made when it is missing.
  static func copy(
    _ template: String?, to path: String, skipping repos: Set<String> = []
  ) async throws(WorkspaceError) {
    do throws(FileError) {
      guard let template else { return try FileIO.createDirectories(path) }
      let source = try? directory(template)
      guard let source else { return try FileIO.createDirectories(path) }
      try await FileWork.run { isCancelled throws(FileError) in
        try FileIO.createDirectories(path)
        for name in try FileIO.list(source) where name != ".git" && !repos.contains(name) {
          if isCancelled() { return }
          let from = "\(source)/\(name)"
          if FileIO.linkStatus(from)?.kind == .directory {
            try FileIO.copyTree(
              from, to: "\(path)/\(name)", skipping: [".git"], isCancelled: isCancelled)
          } else if FileIO.isFile(from) {
            try FileIO.copyFile(from, to: "\(path)/\(name)")
          }
        }
      }
    } catch {
      throw WorkspaceError(.template, "the workspace template cannot be copied: \(error)")
    }
    if Task.isCancelled { throw .cancelled }
  }
}
