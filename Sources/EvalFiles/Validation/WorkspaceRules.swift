// What `agentv validate` says about a workspace beyond what a run says: files that are not there.

import Core

/// Checks of a workspace's paths.
struct WorkspaceRules {
  private static let scriptEndings: Set<String> = [
    "mjs", "cjs", "js", "mts", "cts", "ts", "sh", "bash", "zsh", "py", "rb", "pl",
  ]

  let problems: Problems

  /// Checks that template, scripts and local sources exist.
  func check(_ spec: WorkspaceSpec, _ node: SourceNode, _ place: FieldPlace) {
    if let template = spec.template, !FileIO.exists(template) {
      problems.note(
        place.member("template").error(
          "Template path not found: \(node["template"]?.string ?? "") (resolved to \(template))",
          node["template"] ?? node))
    }
    for point in HookPoint.allCases {
      guard let hook = spec.hooks?[point] else { continue }
      check(
        hook, in: spec.directory, node["hooks"]?[point.rawValue] ?? node,
        place.member("hooks").member(point.rawValue))
    }
    for (index, repo) in (spec.repos ?? []).enumerated() {
      guard case .local(let path)? = repo.source, !FileIO.isDirectory(path) else { continue }
      let entry = node["repos"]?.sequence.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      problems.note(
        place.member("repos").element(index).member("source").warning(
          path.isEmpty
            ? "the path of the local source is empty; check that its environment variable is set"
            : "local source path not found: \(path)", entry ?? node))
    }
  }

  private func check(
    _ hook: HookSpec, in directory: String, _ node: SourceNode, _ place: FieldPlace
  ) {
    let start = hook.directory ?? directory
    if let directory = hook.directory, !FileIO.isDirectory(directory) {
      problems.note(
        place.member("cwd").error("directory not found: \(directory)", node["cwd"] ?? node))
      return
    }
    for (index, word) in hook.command.enumerated() where Self.namesFile(word) {
      let path = Path.absolute(word, in: start)
      guard !FileIO.exists(path) else { continue }
      problems.note(
        place.member("command").element(index).error(
          "Hook script not found: \(word) (resolved to \(path))", node["command"] ?? node))
    }
  }

  private static func namesFile(_ word: String) -> Bool {
    if word.contains("{{") || word.hasPrefix("-") || word.contains(where: \.isWhitespace) {
      return false
    }
    return word.hasPrefix("./") || word.hasPrefix("../")
      || scriptEndings.contains(FileWalk.ending(word))
  }
}
