// `workspace`: from what was written, here or in a file of its own, to a typed value.

import Core

/// Reads workspaces.
struct WorkspaceReader {
  static let fields: Set<String> = [
    "template", "isolation", "mode", "path", "repos", "hooks", "env", "docker",
  ]
  private static let removed = [
    "static_path": "workspace.static_path has been removed. Use workspace.path with "
      + "workspace.mode=static.",
    "pool": "workspace.pool has been removed. Use workspace.mode='pooled' or 'temp'.",
    "static": "workspace.static has been removed. Use workspace.mode='static'.",
  ]

  /// Directory of the eval file, absolute.
  let directory: String
  let workingDirectory: String
  let environment: [String: String]
  let problems: Problems

  /// Reads a workspace; `nil` for one that says nothing or cannot be used, which has then been
  /// reported.
  func workspace(_ node: SourceNode, _ place: FieldPlace) -> WorkspaceSpec? {
    guard let path = node.string else { return block(node, place, directory: directory) }
    let name = path.hasPrefix("file://") ? String(path.dropFirst(7)) : path
    let file = SourceFile(Path.absolute(name, in: directory), workingDirectory: workingDirectory)
    guard FileIO.exists(file.path) else {
      problems.fatal(
        place.error(
          "Workspace file not found: \(path) (resolved to \(file.path)); the path is taken from "
            + "the directory of this eval file", node))
      return nil
    }
    do throws(Diagnostic) {
      let root = try YAMLReader.read(try file.read(), file: file, environment: environment)
      guard let root, let members = root.mapping else {
        throw file.problem(
          "Invalid workspace file format: expected a mapping, found "
            + (root?.found ?? "an empty file"), at: root?.position)
      }
      if root["workspace"]?.mapping != nil,
        !members.contains(where: { Self.fields.contains($0.key) })
      {
        throw file.problem(
          "Invalid workspace file format: external workspace files must contain the workspace "
            + "config object directly; remove the top-level \"workspace:\" wrapper",
          at: root.position, field: "workspace")
      }
      return block(
        root, FieldPlace(file: file, testID: place.testID, field: ""),
        directory: Path.directory(file.path))
    } catch {
      problems.fatal(error)
      return nil
    }
  }

  private func block(
    _ node: SourceNode, _ place: FieldPlace, directory: String
  ) -> WorkspaceSpec? {
    guard let members = node.mapping else {
      problems.note(
        place.warning(
          "ignored: expected a mapping or the path of a workspace file, found \(node.found)", node))
      return nil
    }
    for member in members {
      guard let text = Self.removed[member.key] else { continue }
      problems.fatal(
        place.member(member.key).error(text, SourceNode(member.value.value, member.position)))
    }
    KnownFields.check(
      members, known: Self.fields.union(Self.removed.keys), deprecated: [:], place, problems)
    guard members.contains(where: { Self.fields.contains($0.key) }) else { return nil }
    var spec = WorkspaceSpec(directory: directory)
    spec.template = text(node, "template", place).map { Path.absolute($0, in: directory) }
    spec.isolation = word(node, "isolation", place)
    spec.mode = word(node, "mode", place)
    spec.path = text(node, "path", place)
    if let repos = node.present("repos") {
      spec.repos = self.repos(repos, place.member("repos"), directory)
    }
    if let hooks = node.present("hooks") {
      spec.hooks = HookReader(directory: directory, problems: problems)
        .hooks(hooks, place.member("hooks"), stringsAreShell: false)
    }
    spec.requirements = requirements(node, place)
    spec.docker = docker(node, place)
    check(spec, node, place)
    if problems.isStrict { WorkspaceRules(problems: problems).check(spec, node, place) }
    return spec
  }

  /// Fields that do not go together.
  private func check(_ spec: WorkspaceSpec, _ node: SourceNode, _ place: FieldPlace) {
    let isStatic = spec.mode == .static || (spec.mode == nil && spec.path != nil)
    if isStatic, spec.isolation == .perTest {
      problems.fatal(
        place.member("isolation").error(
          "static workspace mode is incompatible with isolation: per_test. Use isolation: shared "
            + "(default).", node["isolation"] ?? node))
    }
    if spec.path != nil, let mode = spec.mode, mode != .static {
      problems.fatal(
        place.member("path").error(
          "workspace.path requires workspace.mode=static, found \(mode.rawValue)",
          node["path"] ?? node))
    }
    for (index, repo) in (spec.repos ?? []).enumerated() {
      let here = place.member("repos").element(index)
      let entry = node["repos"]?.sequence.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      if let depth = repo.depth, repo.ancestor > 0, depth < repo.ancestor + 1 {
        problems.note(
          here.member("clone").member("depth").warning(
            "clone.depth (\(depth)) may be too small for ancestor \(repo.ancestor); use at least "
              + "\(repo.ancestor + 1)", entry ?? node))
      }
      if repo.source == nil, spec.docker == nil {
        problems.note(
          here.error(
            "this repository has no source; only repositories inside a docker image do without",
            entry ?? node))
      }
    }
    if spec.isolation == .perTest, let reset = spec.hooks?[.afterEach]?.reset, reset != .none {
      problems.note(
        place.member("hooks").member("after_each").member("reset").warning(
          "redundant: with isolation per_test every test gets a workspace of its own",
          node["hooks"] ?? node))
    }
  }

  private func repos(
    _ node: SourceNode, _ place: FieldPlace, _ directory: String
  ) -> [RepoSpec]? {
    guard let items = node.sequence else {
      problems.note(
        place.warning("ignored: expected a list of repositories, found \(node.found)", node))
      return nil
    }
    return items.enumerated().compactMap { index, item in
      RepoReader(directory: directory, problems: problems).repo(item, place.element(index))
    }
  }

  private func requirements(_ node: SourceNode, _ place: FieldPlace) -> WorkspaceRequirements? {
    guard let env = node.present("env") else { return nil }
    let here = place.member("env")
    guard let members = env.mapping else {
      problems.note(here.warning("ignored: expected a mapping, found \(env.found)", env))
      return nil
    }
    KnownFields.check(
      members, known: ["required_commands", "required_python_modules"], deprecated: [:], here,
      problems)
    let found = WorkspaceRequirements(
      commands: texts(env, "required_commands", here),
      pythonModules: texts(env, "required_python_modules", here))
    return found.commands.isEmpty && found.pythonModules.isEmpty ? nil : found
  }

  private func docker(_ node: SourceNode, _ place: FieldPlace) -> DockerSpec? {
    guard let block = node.present("docker") else { return nil }
    let here = place.member("docker")
    guard let members = block.mapping else {
      problems.note(here.warning("ignored: expected a mapping, found \(block.found)", block))
      return nil
    }
    KnownFields.check(
      members, known: ["image", "timeout", "memory", "cpus"], deprecated: [:], here, problems)
    guard let image = text(block, "image", here) else {
      problems.note(
        here.member("image").error("a docker workspace needs the name of an image", block))
      return nil
    }
    return DockerSpec(
      image: image,
      timeoutSeconds: positive(block, "timeout", here) ?? DockerSpec.defaultTimeoutSeconds,
      memory: text(block, "memory", here), cpus: positive(block, "cpus", here))
  }
}

// MARK: - Single fields

extension WorkspaceReader {
  private func text(_ node: SourceNode, _ key: String, _ place: FieldPlace) -> String? {
    guard let value = node.present(key) else { return nil }
    if let text = value.string, !text.trimmed.isEmpty { return text }
    problems.note(
      place.member(key).warning("ignored: expected a text, found \(value.found)", value))
    return nil
  }

  private func texts(_ node: SourceNode, _ key: String, _ place: FieldPlace) -> [String] {
    guard let value = node.present(key) else { return [] }
    if let items = value.sequence, items.allSatisfy({ $0.string != nil }) {
      return items.compactMap(\.string)
    }
    problems.note(
      place.member(key).warning("ignored: expected a list of texts, found \(value.found)", value))
    return []
  }

  private func positive(_ node: SourceNode, _ key: String, _ place: FieldPlace) -> Double? {
    guard let value = node.present(key) else { return nil }
    if let number = value.number, number > 0 { return number }
    problems.note(
      place.member(key).warning(
        "ignored: expected a number above 0, found \(value.found)", value))
    return nil
  }

  private func word<Word: RawRepresentable & CaseIterable>(
    _ node: SourceNode, _ key: String, _ place: FieldPlace
  ) -> Word? where Word.RawValue == String {
    guard let value = node.present(key) else { return nil }
    if let word = value.string.flatMap(Word.init) { return word }
    let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
    problems.note(
      place.member(key).warning("ignored: expected one of \(known), found \(value.found)", value))
    return nil
  }
}
