// .agentv/config.yaml: from what was written to settings.

import Core

/// Reads the settings of a project.
struct ConfigReader {
  private static let root: Set<String> = [
    "$schema", "required_version", "eval_patterns", "execution", "results", "hooks", "studio",
    "pass_threshold",
  ]
  private static let execution: Set<String> = [
    "verbose", "keep_workspaces", "otel_file", "export_otel", "otel_backend",
    "otel_capture_content", "otel_group_turns", "pool_workspaces", "pool_slots", "workspace_mode",
    "workspace_path",
  ]
  private static let export: Set<String> = ["repo", "path", "auto_push", "branch_prefix"]
  private static let backends = ["langfuse", "braintrust", "confident"]

  let file: SourceFile
  let problems: Problems

  func config(_ root: SourceNode) -> ProjectConfig {
    let place = FieldPlace(file: file, testID: nil, field: "")
    KnownFields.check(root.mapping ?? [], known: Self.root, deprecated: [:], place, problems)
    var config = ProjectConfig()
    config.requiredVersion = text(root, "required_version", place)
    if let range = config.requiredVersion, VersionRange(range) == nil {
      problems.fatal(
        place.member("required_version").error(
          "expected a range of versions such as \">=4.0.0\", found \"\(range)\"",
          root["required_version"] ?? root))
    }
    config.evalPatterns = patterns(root, place)
    if let block = mapping(root, "execution", Self.execution, place) {
      config.execution = execution(block, place.member("execution"))
    }
    if let results = mapping(root, "results", ["export"], place),
      let block = mapping(results, "export", Self.export, place.member("results"))
    {
      config.resultsExport = export(block, place.member("results").member("export"))
    }
    if let hooks = mapping(root, "hooks", ["before_session"], place) {
      config.beforeSession = text(hooks, "before_session", place.member("hooks"))
    }
    config.passThreshold = threshold(root, place)
    return config
  }

  private func patterns(_ root: SourceNode, _ place: FieldPlace) -> [String]? {
    guard let node = root.present("eval_patterns") else { return nil }
    let here = place.member("eval_patterns")
    guard let items = node.sequence, items.allSatisfy({ $0.string != nil }) else {
      problems.fatal(here.error("expected a list of globs, found \(node.found)", node))
      return nil
    }
    if items.isEmpty {
      problems.note(
        here.warning("the list is empty; remove it or add a glob", node))
      return nil
    }
    return items.compactMap(\.string)
  }

  private func execution(_ node: SourceNode, _ place: FieldPlace) -> ProjectConfig.Execution {
    var execution = ProjectConfig.Execution()
    execution.verbose = flag(node, "verbose", place)
    execution.keepWorkspaces = flag(node, "keep_workspaces", place)
    execution.otelFile = text(node, "otel_file", place)
    execution.exportOtel = flag(node, "export_otel", place)
    execution.otelBackend = text(node, "otel_backend", place)
    execution.otelCaptureContent = flag(node, "otel_capture_content", place)
    execution.otelGroupTurns = flag(node, "otel_group_turns", place)
    execution.poolWorkspaces = flag(node, "pool_workspaces", place)
    execution.workspacePath = text(node, "workspace_path", place)
    if let backend = execution.otelBackend, !Self.backends.contains(backend) {
      problems.note(
        place.member("otel_backend").warning(
          "expected one of \(Self.backends.joined(separator: ", ")), found \"\(backend)\"",
          node["otel_backend"] ?? node))
    }
    if let slots = node.present("pool_slots") {
      if let count = slots.json.int, (1...50).contains(count) {
        execution.poolSlots = count
      } else {
        problems.note(
          place.member("pool_slots").warning(
            "ignored: expected a whole number from 1 to 50, found \(slots.found)", slots))
      }
    }
    if let mode = node.present("workspace_mode") {
      execution.workspaceMode = mode.string.flatMap(WorkspaceSpec.Mode.init)
      if execution.workspaceMode == nil {
        problems.note(
          place.member("workspace_mode").warning(
            "ignored: expected pooled, temp or static, found \(mode.found)", mode))
      }
    }
    return execution
  }

  private func export(
    _ node: SourceNode, _ place: FieldPlace
  ) -> ProjectConfig.ResultsExport? {
    let repo = text(node, "repo", place)
    let path = text(node, "path", place)
    for (key, value) in [("repo", repo), ("path", path)] where value == nil {
      guard node.present(key) == nil else { continue }
      problems.fatal(place.member(key).error("expected a text, found none", node))
    }
    guard let repo, let path else { return nil }
    return ProjectConfig.ResultsExport(
      repo: repo, path: path, autoPush: flag(node, "auto_push", place) ?? false,
      branchPrefix: text(node, "branch_prefix", place))
  }

  /// `studio.threshold`, else its old names.
  private func threshold(_ root: SourceNode, _ place: FieldPlace) -> Double? {
    var value: (SourceNode, FieldPlace)?
    if let studio = mapping(root, "studio", nil, place) {
      let here = place.member("studio")
      value =
        ["threshold", "pass_threshold"].lazy
        .compactMap { key in studio.present(key).map { ($0, here.member(key)) } }.first
    } else if let old = root.present("pass_threshold") {
      value = (old, place.member("pass_threshold"))
    }
    guard let (node, here) = value else { return nil }
    if let number = node.number, (0...1).contains(number) { return number }
    problems.note(
      here.warning("ignored: expected a number from 0 to 1, found \(node.found)", node))
    return nil
  }

  private func mapping(
    _ node: SourceNode, _ key: String, _ known: Set<String>?, _ place: FieldPlace
  ) -> SourceNode? {
    guard let value = node.present(key) else { return nil }
    guard let members = value.mapping else {
      problems.fatal(place.member(key).error("expected a mapping, found \(value.found)", value))
      return nil
    }
    if let known {
      KnownFields.check(members, known: known, deprecated: [:], place.member(key), problems)
    }
    return value
  }

  private func text(_ node: SourceNode, _ key: String, _ place: FieldPlace) -> String? {
    guard let value = node.present(key) else { return nil }
    if let text = value.string, !text.trimmed.isEmpty { return text }
    problems.fatal(
      place.member(key).error("expected a text that is not empty, found \(value.found)", value))
    return nil
  }

  private func flag(_ node: SourceNode, _ key: String, _ place: FieldPlace) -> Bool? {
    guard let value = node.present(key) else { return nil }
    if let flag = value.bool { return flag }
    problems.fatal(
      place.member(key).error("expected true or false, found \(value.found)", value))
    return nil
  }
}
