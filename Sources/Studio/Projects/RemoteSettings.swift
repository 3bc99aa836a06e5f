// Where the results repository of a project is, from `results.export` of its configuration, and where
// its clone is kept (reference: studio-api 3, 11). Blocking.

import Core
import EvalFiles

struct RemoteSettings: Sendable, Hashable {
  /// As it is configured: `owner/name`, a URL or a path.
  var repository: String
  /// Directory of the runs in the repository; empty for its top.
  var path: String?
  var autoPush: Bool?
  var branchPrefix: String?
  /// Directory that holds the clone and its status file.
  var cacheDirectory: String

  /// The settings of a project; `nil` when it exports nothing.
  /// - Parameters:
  ///   - project: the project's directory.
  ///   - home: `AGENTV_HOME`, or `~/.agentv`.
  init?(project: String, home: String) {
    let config = YAMLFile.read(
      Path.join(project, ".agentv/config.yaml"), limitBytes: ProjectSettings.limitBytes)
    guard let export = config?["results"]?["export"], let text = export["repo"]?.string else {
      return nil
    }
    let repository = trim(text)
    // What begins with - would be an option of git.
    guard !repository.isEmpty, !repository.hasPrefix("-") else { return nil }
    self.repository = repository
    path = export["path"]?.string
    autoPush = export["auto_push"]?.bool
    branchPrefix = export["branch_prefix"]?.string
    cacheDirectory = Path.join(home, "cache/results-repo/\(Self.directoryName(repository))")
  }

  /// The clone.
  var clone: String { Path.join(cacheDirectory, "repo") }
  /// Where the runs are; a path that would lead out of the clone means its top.
  var runsRoot: String {
    let root = Path.normalize(Path.join(clone, path ?? ""))
    return Path.isInside(root, clone) ? root : clone
  }
  /// What the last sync left.
  var statusFile: String { Path.join(cacheDirectory, "status.json") }

  /// What git is to clone: a slug `owner/name` stands for GitHub.
  var url: String {
    if repository.contains("://") || repository.contains("@") || repository.hasPrefix("/")
      || repository.hasPrefix(".")
    {
      return repository
    }
    return "https://github.com/\(repository).git"
  }

  /// Other characters than letters, digits, `.`, `_` and `-` become `-`.
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
    // Dots alone would name a directory above.
    return name.allSatisfy { $0 == "." } ? "repository" : name
  }

  /// `AGENTV_HOME`, else `.agentv` in the home directory.
  static func home(_ environment: [String: String]) -> String {
    if let home = environment["AGENTV_HOME"], !home.isEmpty { return home }
    return Path.join(environment["HOME"] ?? "/", ".agentv")
  }
}
