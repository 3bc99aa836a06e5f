// `agentv workspace list` and `clean`.

import Core
import Workspaces

/// Shows and removes the workspaces of the pool.
public struct PoolCommands: Sendable {
  private let inventory: PoolInventory

  /// Commands on the pool that an environment names.
  /// - Parameters:
  ///   - environment: variables of this process.
  ///   - workingDirectory: what relative paths start from, absolute.
  public init(environment: [String: String], workingDirectory: String) {
    inventory = PoolInventory(
      home: WorkspaceHome(environment: environment, workingDirectory: workingDirectory))
  }

  /// Prints the pools.
  public func list(isJSON: Bool) {
    let pools = inventory.pools()
    if isJSON {
      let json = JSON.array(
        pools.map { pool in
          [
            "fingerprint": .string(pool.fingerprint), "path": .string(pool.path),
            "slots": .int(pool.slots), "in_use": .int(pool.slotsInUse),
            "size_bytes": .int(pool.sizeBytes), "template": .optional(pool.template),
            "repos": .array(pool.repos.map(JSON.string)),
            "created_at": .optional(pool.createdAt),
          ]
        })
      StandardStream.output.write(json.prettyText + "\n")
      return
    }
    guard !pools.isEmpty else {
      StandardStream.output.write("No workspace pool entries found.\n")
      return
    }
    for pool in pools {
      var lines = [
        "  \(pool.fingerprint.prefix(12))...",
        "    Slots: \(pool.slots)\(pool.slotsInUse > 0 ? " (\(pool.slotsInUse) in use)" : "")",
        "    Size:  \(Self.size(pool.sizeBytes))",
      ]
      if let template = pool.template { lines.append("    Template: \(template)") }
      if !pool.repos.isEmpty { lines.append("    Repos: \(pool.repos.joined(separator: ", "))") }
      if let created = pool.createdAt { lines.append("    Created: \(created)") }
      StandardStream.output.write(lines.joined(separator: "\n") + "\n\n")
    }
  }

  /// Removes pools, after a question unless it is forced.
  /// - Parameters:
  ///   - repo: text in the URL of a repository; `nil` for all.
  ///   - isForced: whether nothing is asked.
  /// - Returns: the exit code: 1 when something is in use or cannot be removed.
  public func clean(repo: String?, isForced: Bool) -> Int32 {
    let all = inventory.pools()
    let pools = all.filter { pool in
      repo.map { text in
        pool.repos.contains { $0.lowercased().contains(text.lowercased()) }
      } ?? true
    }
    guard !pools.isEmpty else {
      let which = repo.map { " matching repo \"\($0)\"" } ?? ""
      StandardStream.output.write("No workspace pool entries found\(which).\n")
      return 0
    }
    if !isForced {
      let question =
        repo.map { "Remove \(pools.count) pool entry(s) matching repo \"\($0)\"?" }
        ?? "Remove all workspace pool entries from \(inventory.root)?"
      StandardStream.output.write("\(question) [y/N] ")
      guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
        StandardStream.output.write("Cancelled.\n")
        return 0
      }
    }
    var code: Int32 = 0
    for pool in pools {
      let name = "\(pool.fingerprint.prefix(12))..."
      if pool.slotsInUse > 0 {
        StandardStream.error.write("Not removed: \(name): a run uses it.\n")
        code = 1
        continue
      }
      do throws(FileError) {
        try FileIO.removeTree(pool.path)
        StandardStream.output.write("Removed: \(name)\n")
      } catch {
        StandardStream.error.write("Error: \(error)\n")
        code = 1
      }
    }
    if code == 0 {
      StandardStream.output.write(repo == nil ? "Workspace pool cleaned.\n" : "Done.\n")
    }
    return code
  }

  /// A size for people: `1.5 MB`, with units of 1024.
  static func size(_ bytes: Int) -> String {
    let units = ["KB", "MB", "GB"]
    guard bytes >= 1024 else { return "\(bytes) B" }
    var value = Double(bytes) / 1024
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(fixed(value, 1)) \(units[unit])"
  }
}
