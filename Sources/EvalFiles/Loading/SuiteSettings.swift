// What stands at the top of an eval file beside its tests.

import Core

/// Reads the settings of a suite.
struct SuiteSettings {
  /// Tests at the same time that are allowed.
  static let workersRange = 1...50

  let root: SourceNode
  let place: FieldPlace
  let problems: Problems

  /// The suite's name: its own, else the file's without its endings.
  func name(_ path: String) -> String {
    if let name = root["name"]?.string?.trimmed, !name.isEmpty { return name }
    var name = Path.name(path)
    for ending in [".yaml", ".yml"] where name.lowercased().hasSuffix(ending) {
      name = String(name.dropLast(ending.count))
      break
    }
    if name.lowercased().hasSuffix(".eval") { name = String(name.dropLast(5)) }
    return name.isEmpty ? "eval" : name
  }

  /// Checks the descriptive fields, which are strict once there is a name.
  func checkMetadata() {
    guard let name = root.present("name") else { return }
    guard let text = name.string else {
      problems.note(
        place.member("name").warning("ignored: expected a text, found \(name.found)", name))
      return
    }
    let isName =
      (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
      }
    if !isName {
      // Upstream refuses to run such a file and only warns about it in `validate`; the name does no
      // harm.
      problems.note(
        place.member("name").warning(
          "expected 1 to 64 lowercase letters, digits and hyphens, found \(name.found)", name))
    }
    for key in ["version", "author", "license", "description"] {
      guard let value = root.present(key) else { continue }
      guard let text = value.string else {
        let hint = value.number == nil ? "" : "; put it in quotes"
        problems.fatal(
          place.member(key).error("expected a text, found \(value.found)\(hint)", value))
        continue
      }
      if key == "description", !(1...1024).contains(text.utf16.count) {
        problems.fatal(
          place.member(key).error(
            "expected 1 to 1024 characters, found \(text.utf16.count)", value))
      }
    }
    if let requires = root.present("requires"), requires.mapping == nil {
      problems.fatal(
        place.member("requires").error(
          "expected a mapping such as {agentv: \">=4\"}, found \(requires.found)", requires))
    }
    if let tags = root.present("tags"), list(tags) == nil {
      problems.fatal(
        place.member("tags").error("expected a list of texts, found \(tags.found)", tags))
    }
  }

  /// A list of texts; `nil` when the field is missing or of another kind.
  func strings(_ key: String, _ place: FieldPlace) -> [String]? {
    guard let node = root.present(key) else { return nil }
    if let texts = list(node) { return texts }
    if key != "tags" || root["name"]?.string == nil {
      problems.note(
        place.member(key).warning(
          "ignored: expected a list of texts, found \(node.found)", node))
    }
    return nil
  }

  private func list(_ node: SourceNode) -> [String]? {
    guard let items = node.sequence else { return nil }
    let texts = items.compactMap(\.string)
    return texts.count == items.count ? texts : nil
  }

  /// The suite's `governance`, else `metadata.governance`.
  func governance() -> JSON? {
    for node in [root.present("governance"), root["metadata"]?.present("governance")] {
      if let node, node.mapping != nil { return node.json }
    }
    return nil
  }

  /// The `execution` block.
  func execution() -> ExecutionSettings {
    let node = root.present("execution")
    let here = place.member("execution")
    if let node, node.mapping == nil {
      problems.note(here.warning("ignored: expected a mapping, found \(node.found)", node))
    }
    for key in ["total_budget_usd", "totalBudgetUsd"] {
      if let value = node?[key] {
        problems.fatal(
          here.member(key).error(
            "execution.\(key) has been renamed to execution.budget_usd. Update your eval YAML.",
            value))
      }
    }
    var settings = ExecutionSettings(
      target: target(node, here), targets: targets(node, here), workers: workers(node, here),
      threshold: threshold(node, here), raw: node?.object ?? [:])
    RunLimitsReader(node: node, place: here, problems: problems).read(into: &settings)
    return settings
  }

  private func target(_ node: SourceNode?, _ here: FieldPlace) -> String? {
    for (value, field) in [
      (node?.present("target"), here.member("target")),
      (root.present("target"), place.member("target")),
    ] {
      guard let value else { continue }
      if let name = value.string?.trimmed, !name.isEmpty { return name }
      problems.note(
        field.warning("ignored: expected the name of a target, found \(value.found)", value))
    }
    return nil
  }

  private func targets(_ node: SourceNode?, _ here: FieldPlace) -> [TargetReference] {
    guard let value = node?.present("targets") else { return [] }
    let field = here.member("targets")
    guard let items = value.sequence else {
      problems.note(
        field.warning("ignored: expected a list of target names, found \(value.found)", value))
      return []
    }
    var references: [TargetReference] = []
    for (index, item) in items.enumerated() {
      let name = (item.string ?? item["name"]?.string)?.trimmed ?? ""
      guard !name.isEmpty else {
        problems.note(
          field.element(index).warning(
            "left out: expected a name or a mapping with a name, found \(item.found)", item))
        continue
      }
      guard !references.contains(where: { $0.name == name }) else {
        problems.note(
          field.element(index).warning("left out: '\(name)' is in the list already", item))
        continue
      }
      let hooks = item.present("hooks").flatMap {
        HookReader(directory: Path.directory(place.file.path), problems: problems)
          .hooks($0, field.element(index).member("hooks"), stringsAreShell: true)
      }
      references.append(
        TargetReference(
          name: name, useTarget: item["use_target"]?.string, hooks: hooks, raw: item.json))
    }
    return references
  }

  private func workers(_ node: SourceNode?, _ here: FieldPlace) -> Int? {
    guard let value = node?.present("workers") else { return nil }
    if let count = value.json.int, Self.workersRange.contains(count) { return count }
    problems.note(
      here.member("workers").warning(
        "ignored: expected a whole number from 1 to 50, found \(value.found)", value))
    return nil
  }

  private func threshold(_ node: SourceNode?, _ here: FieldPlace) -> Double? {
    guard let value = node?.present("threshold") else { return nil }
    if let number = value.number, (0...1).contains(number) { return number }
    problems.note(
      here.member("threshold").warning(
        "ignored: expected a number from 0 to 1, found \(value.found)", value))
    return nil
  }
}
