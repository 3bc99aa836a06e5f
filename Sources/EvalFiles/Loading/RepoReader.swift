// `workspace.repos`: from what was written to repositories.

import Core

/// Reads repositories of workspaces.
struct RepoReader {
  /// Directory that relative local sources start from, absolute.
  let directory: String
  let problems: Problems

  /// Reads a repository; `nil` for one that says nothing, which has then been reported.
  func repo(_ node: SourceNode, _ place: FieldPlace) -> RepoSpec? {
    guard let members = node.mapping else {
      problems.note(place.warning("left out: expected a mapping, found \(node.found)", node))
      return nil
    }
    KnownFields.check(
      members, known: ["path", "source", "checkout", "clone"], deprecated: [:], place, problems)
    var repo = RepoSpec(path: "")
    if let path = node.present("path") { repo.path = self.path(path, place.member("path")) ?? "" }
    repo.source = source(node, place)
    if repo.source != nil, node["path"]?.string == nil {
      problems.note(
        place.member("path").warning("left out: a repository needs a path in the workspace", node))
      return nil
    }
    read(checkout: node.present("checkout"), place.member("checkout"), into: &repo)
    read(clone: node.present("clone"), place.member("clone"), into: &repo)
    return repo
  }

  /// A directory below the workspace's root.
  private func path(_ node: SourceNode, _ place: FieldPlace) -> String? {
    guard let text = node.string, !text.trimmed.isEmpty else {
      problems.note(place.warning("ignored: expected a text, found \(node.found)", node))
      return nil
    }
    // Upstream joins it to the workspace whether it begins with a slash or not.
    let path = Path.normalize(String(text.drop { $0 == "/" }))
    guard path != "..", !path.hasPrefix("../") else {
      problems.fatal(
        place.error("expected a directory inside the workspace, found \"\(text)\"", node))
      return nil
    }
    return path
  }

  private func source(_ node: SourceNode, _ place: FieldPlace) -> RepoSpec.Source? {
    guard let source = node.present("source") else { return nil }
    let here = place.member("source")
    switch (source["type"]?.string, source["url"]?.string, source["path"]?.string) {
    case ("git", let url?, _): return .git(url: url)
    case ("local", _, let path?):
      return .local(path: path.isEmpty ? "" : Path.absolute(path, in: directory))
    default:
      problems.note(
        here.warning(
          "ignored: expected {type: git, url: URL} or {type: local, path: DIRECTORY}, found "
            + source.found, source))
      return nil
    }
  }

  private func read(
    checkout node: SourceNode?, _ place: FieldPlace, into repo: inout RepoSpec
  ) {
    guard let node else { return }
    KnownFields.check(
      node.mapping ?? [], known: ["ref", "base_commit", "resolve", "ancestor"], deprecated: [:],
      place, problems)
    repo.ref = reference(node, "ref", place)
    repo.baseCommit = reference(node, "base_commit", place)
    if let resolve = node.present("resolve") {
      switch resolve.string {
      case "local": repo.resolvesLocally = true
      case "remote": break
      default:
        problems.note(
          place.member("resolve").warning(
            "ignored: expected local or remote, found \(resolve.found)", resolve))
      }
    }
    if let ancestor = node.present("ancestor") {
      if let count = ancestor.json.int, count >= 0 {
        repo.ancestor = count
      } else {
        problems.note(
          place.member("ancestor").warning(
            "ignored: expected a whole number of 0 or more, found \(ancestor.found)", ancestor))
      }
    }
  }

  /// A branch, tag or commit; what begins with a dash would be an option of git.
  private func reference(_ node: SourceNode, _ key: String, _ place: FieldPlace) -> String? {
    guard let value = node.present(key) else { return nil }
    if let text = value.string?.trimmed, !text.isEmpty, !text.hasPrefix("-") { return text }
    if let number = value.json.int { return String(number) }
    problems.note(
      place.member(key).error(
        "expected a branch, tag or commit, found \(value.found)", value))
    return nil
  }

  private func read(clone node: SourceNode?, _ place: FieldPlace, into repo: inout RepoSpec) {
    guard let node else { return }
    KnownFields.check(
      node.mapping ?? [], known: ["depth", "filter", "sparse"], deprecated: [:], place, problems)
    if let depth = node.present("depth") {
      if let count = depth.json.int, count >= 1 {
        repo.depth = count
      } else {
        problems.note(
          place.member("depth").warning(
            "ignored: expected a whole number of 1 or more, found \(depth.found)", depth))
      }
    }
    repo.filter = node["filter"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    if let sparse = node.present("sparse") {
      if let items = sparse.sequence, items.allSatisfy({ $0.string != nil }) {
        repo.sparse = items.compactMap(\.string)
      } else {
        problems.note(
          place.member("sparse").warning(
            "ignored: expected a list of directories, found \(sparse.found)", sparse))
      }
    }
  }
}
