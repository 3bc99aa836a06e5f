// Evals of an agent skill (`evals.json`): from their own shape to tests.

import Core

/// Reads the file that describes the evals of an agent skill (reference: agentskills.io,
/// "Evaluating skills").
struct AgentSkills {
  private static let fields: Set<String> = [
    "id", "prompt", "expected_output", "files", "assertions",
  ]

  let file: SourceFile
  /// Directory of the file, absolute.
  let directory: String
  let problems: Problems

  /// The evals as tests.
  /// - Throws: `Diagnostic` when the file has no eval at all.
  func cases(_ root: SourceNode) throws(Diagnostic) -> [RawTest] {
    guard let evals = root["evals"], let items = evals.sequence else {
      throw file.problem(
        "Invalid Agent Skills evals.json: missing 'evals' array; found "
          + (root["evals"]?.found ?? "none"), at: root["evals"]?.position, field: "evals")
    }
    guard !items.isEmpty else {
      throw file.problem(
        "Invalid Agent Skills evals.json: 'evals' array is empty", at: evals.position,
        field: "evals")
    }
    let skill = root["skill_name"]?.string?.trimmed
    return items.enumerated().compactMap { index, item in
      test(item, skill: skill, index: index)
    }
  }

  private func test(_ item: SourceNode, skill: String?, index: Int) -> RawTest? {
    let field = "evals[\(index)]"
    guard let members = item.mapping else {
      problems.note(
        file.problem(
          "Skipping eval case: expected an object, found \(item.found)", at: item.position,
          field: field))
      return nil
    }
    let id = item["id"].flatMap { $0.string ?? ($0.number == nil ? nil : $0.json.text) }
    let place = FieldPlace(file: file, testID: id, field: field)
    KnownFields.check(members, known: Self.fields, deprecated: [:], place, problems)
    guard let id, !id.isEmpty else {
      problems.note(
        place.member("id").error(
          "Skipping eval case: expected a number, found \(item["id"]?.found ?? "none")", item))
      return nil
    }
    guard let prompt = item["prompt"]?.string, !prompt.trimmed.isEmpty else {
      problems.note(
        place.member("prompt").error(
          "Skipping eval case id=\(id): missing or empty 'prompt'", item["prompt"] ?? item))
      return nil
    }
    var test: [SourceNode.Member] = []
    func add(_ key: String, _ value: SourceNode) {
      test.append(SourceNode.Member(key: key, position: value.position, value: value))
    }
    func text(_ text: String, _ at: SourceNode) -> SourceNode {
      SourceNode(.string(text), at.position)
    }
    add("id", text(id, item["id"] ?? item))
    add("input", text(prompt, item["prompt"] ?? item))
    if let expected = item.present("expected_output") {
      add("criteria", expected)
      add("expected_output", expected)
    } else if item.present("assertions") == nil {
      // Nothing to compare with, so the prompt itself says what is wanted.
      add("criteria", text(prompt, item["prompt"] ?? item))
    }
    if let assertions = item.present("assertions") {
      add("assertions", graders(assertions, place.member("assertions")))
    }
    var metadata = JSONObject()
    if let skill, !skill.isEmpty { metadata["skill_name"] = .string(skill) }
    let files = self.files(item, place)
    if !files.isEmpty {
      metadata["agent_skills_files"] = .array(files.map(JSON.string))
      metadata["agent_skills_base_dir"] = .string(directory)
    }
    if !metadata.isEmpty {
      add("metadata", SourceNode(json: .object(metadata), position: item.position))
    }
    return RawTest(
      node: SourceNode(.mapping(test), item.position), file: file, field: field,
      files: files.map {
        WorkspaceFile(source: Path.absolute($0, in: directory), destination: $0)
      })
  }

  private func graders(_ node: SourceNode, _ place: FieldPlace) -> SourceNode {
    guard let items = node.sequence else { return node }
    let graders = items.enumerated().map { index, item -> SourceNode in
      guard let text = item.string else { return item }
      let grader: JSON = [
        "name": .string("assertion-\(index + 1)"), "type": "llm-grader", "prompt": .string(text),
      ]
      return SourceNode(json: grader, position: item.position)
    }
    return SourceNode(.sequence(graders), node.position)
  }

  private func files(_ item: SourceNode, _ place: FieldPlace) -> [String] {
    guard let node = item.present("files") else { return [] }
    let here = place.member("files")
    guard let items = node.sequence, items.allSatisfy({ $0.string != nil }) else {
      problems.note(here.warning("ignored: expected a list of paths, found \(node.found)", node))
      return []
    }
    return items.enumerated().compactMap { index, item in
      guard let path = item.string, !path.isEmpty else { return nil }
      let normal = Path.normalize(path)
      guard !path.hasPrefix("/"), normal != "..", !normal.hasPrefix("../") else {
        problems.note(
          here.element(index).error(
            "left out: expected a path inside the skill's directory, found \"\(path)\"", item))
        return nil
      }
      if !FileIO.exists(Path.absolute(path, in: directory)) {
        problems.missing(
          here.element(index).warning("File not found: \(path) (taken from \(directory))", item))
      }
      return path
    }
  }
}
