// One test: from what was written to a test ready to be run.

import Core

/// What a suite gives to its tests.
struct SuiteDefaults {
  var name: String
  var category: String?
  var input: [Message] = []
  var inputFiles: [String]?
  var assertionsPlace: FieldPlace
  /// The suite's graders, read; `nil` when one of them makes every test unusable.
  var graders: [GraderSpec]? = []
  var governance: JSON?
  var workspace: Shared<WorkspaceSpec>?
  var evaluator: String?
}

/// Reads tests of one suite.
struct TestReader {
  let defaults: SuiteDefaults
  let directory: String
  let references: FileReferences
  let problems: Problems
  let inputs: InputReader
  let assertions: AssertionReader
  let workspaces: WorkspaceReader

  /// Reads a test; `nil` for one that is left out, which has then been reported.
  func test(_ raw: RawTest) -> EvalTest? {
    let node = raw.node
    let id = node["id"]?.string
    let place = FieldPlace(file: raw.file, testID: id, field: raw.field)
    KnownFields.check(
      node.mapping ?? [], known: KnownFields.test, deprecated: KnownFields.testDeprecated, place,
      problems)
    let execution = node.present("execution")
    if let execution, execution.mapping == nil {
      problems.note(
        place.member("execution").warning(
          "ignored: expected a mapping, found \(execution.found)", execution))
    }
    let skipDefaults = execution?["skip_defaults"]?.bool == true
    let criteria = criteria(node, place)
    let own = ownInput(node, skipDefaults: skipDefaults, place)
    let expected =
      node.present("expected_output").map {
        inputs.expected($0, place.member("expected_output"))
      } ?? []
    let hasGraders = ["assertions", "assert"].contains { node[$0] != nil }
    let hasTurns = node["turns"]?.sequence?.isEmpty == false
    var missing: [String] = []
    if id?.isEmpty ?? true {
      missing.append(node["id"].map { "id (expected a text, found \($0.found))" } ?? "id")
    }
    if own?.isEmpty ?? true { missing.append("input") }
    if criteria.isEmpty, expected.isEmpty, !hasGraders, !hasTurns {
      missing.append("one of criteria/expected_output/assertions")
    }
    if problems.isStrict {
      TestRules(problems: problems).check(node, hasFailed: !missing.isEmpty, place)
    }
    guard let id, missing.isEmpty else {
      // The rules have named every field that is missing.
      if problems.isStrict { return nil }
      problems.note(
        place.error(
          "Skipping incomplete test: \(id ?? "unknown"). Missing required fields: id, input, and at "
            + "least one of criteria/expected_output/assertions/turns (here: "
            + "\(missing.joined(separator: " and ")))", node))
      return nil
    }
    guard let graders = graders(node, execution, skipDefaults: skipDefaults, place) else {
      return nil
    }
    let conversation: Conversation?
    do throws(Diagnostic) {
      conversation = try ConversationReader(
        inputs: inputs, assertions: assertions, problems: problems
      ).conversation(node, place)
    } catch {
      noteSkipped(error, id)
      return nil
    }
    var test = EvalTest(
      id: id, suite: defaults.name, category: defaults.category,
      input: (skipDefaults ? [] : defaults.input) + (own ?? []), expectedOutput: expected,
      criteria: criteria, assertions: graders,
      threshold: threshold(execution, place), targets: targets(execution, place),
      metadata: metadata(node, place),
      conversationID: node["conversation_id"]?.string,
      workspace: workspace(node, raw.files, place), directory: directory,
      searchRoots: references.roots, raw: Self.rest(of: node), line: node.position.line)
    test.conversation = conversation
    test.dependencies = DependencyReader(problems: problems).dependencies(node, place)
    return test
  }

  private func noteSkipped(_ error: Diagnostic, _ id: String) {
    var problem = error
    problem.message = "Skipping test '\(id)': \(error.message)"
    problems.note(problem)
  }

  /// Fields that the test keeps in properties of its own.
  private static let modelled: Set<String> = [
    "id", "criteria", "input", "input_files", "expected_output", "assertions", "assert",
    "evaluators", "metadata", "conversation_id", "workspace", "rubrics", "expected_outcome",
    "evaluator", "turns", "depends_on",
  ]

  private static func rest(of node: SourceNode) -> JSON {
    var rest = JSONObject()
    for member in node.mapping ?? [] where !modelled.contains(member.key) {
      rest.appendUnchecked(member.key, member.value.json)
    }
    return .object(rest)
  }

  /// The suite's workspace, the test's own put over it, and files that come with the test.
  private func workspace(
    _ node: SourceNode, _ files: [WorkspaceFile], _ place: FieldPlace
  ) -> Shared<WorkspaceSpec>? {
    let own = node.present("workspace").flatMap {
      workspaces.workspace($0, place.member("workspace"))
    }
    guard own != nil || !files.isEmpty else { return defaults.workspace }
    var spec = defaults.workspace?.value ?? own
    if let suite = defaults.workspace?.value, let own { spec = suite.overlaid(by: own) }
    if !files.isEmpty {
      // Files of one test must not be seen by the others.
      var withFiles =
        spec ?? WorkspaceSpec(isolation: .perTest, mode: .temp, directory: directory)
      withFiles.files += files
      spec = withFiles
    }
    return spec.map(Shared.init)
  }

  private func criteria(_ node: SourceNode, _ place: FieldPlace) -> String {
    for key in ["criteria", "expected_outcome"] {
      guard let value = node.present(key) else { continue }
      if let text = value.string {
        if !text.isEmpty { return text }
      } else if !problems.isStrict {
        problems.note(
          place.member(key).warning("ignored: expected a text, found \(value.found)", value))
      }
    }
    return ""
  }

  private func ownInput(
    _ node: SourceNode, skipDefaults: Bool, _ place: FieldPlace
  ) -> [Message]? {
    guard let input = node.present("input") else { return nil }
    let here = place.member("input")
    let ownFiles = node.present("input_files")
    var files = skipDefaults ? nil : defaults.inputFiles
    if let ownFiles {
      guard let list = strings(ownFiles), !list.isEmpty else {
        problems.note(
          place.member("input_files").error(
            "expected a list of paths, found \(ownFiles.found)", ownFiles))
        return nil
      }
      files = list
    }
    guard let files else { return inputs.messages(input, here) }
    if let text = input.string { return [inputs.message(files: files, text: text, input, here)] }
    if let ownFiles {
      problems.note(
        place.member("input_files").error(
          "input_files need an input of plain text, found \(input.found); put the files into the "
            + "messages as {type: file, value: PATH}", ownFiles))
      return nil
    }
    problems.note(
      here.warning("the suite's input_files are not used: this input is a list of messages", input))
    return inputs.messages(input, here)
  }

  private func graders(
    _ node: SourceNode, _ execution: SourceNode?, skipDefaults: Bool, _ place: FieldPlace
  ) -> [GraderSpec]? {
    let candidates: [(SourceNode?, FieldPlace)] = [
      (node.present("assertions"), place.member("assertions")),
      (node.present("assert"), place.member("assert")),
      (execution?.present("evaluators"), place.member("execution").member("evaluators")),
      (node.present("evaluators"), place.member("evaluators")),
    ]
    do throws(Diagnostic) {
      var specs: [GraderSpec] = []
      for (list, listPlace) in candidates {
        guard let list else { continue }
        specs = try assertions.graders(list, listPlace)
        break
      }
      if let rubrics = node.present("rubrics"), rubrics.sequence?.isEmpty == false,
        let spec = try assertions.rubrics(of: rubrics, place.member("rubrics"))
      {
        specs.insert(spec, at: 0)
      }
      if skipDefaults { return specs }
      guard let inherited = defaults.graders else { return nil }
      return specs + inherited
    } catch {
      noteSkipped(error, place.testID ?? "unknown")
      return nil
    }
  }

  private func threshold(_ execution: SourceNode?, _ place: FieldPlace) -> Double? {
    guard let value = execution?.present("threshold") else { return nil }
    if let number = value.number, (0...1).contains(number) { return number }
    problems.note(
      place.member("execution").member("threshold").warning(
        "ignored: expected a number from 0 to 1, found \(value.found)", value))
    return nil
  }

  private func targets(_ execution: SourceNode?, _ place: FieldPlace) -> [String]? {
    guard let value = execution?.present("targets") else { return nil }
    if let names = strings(value), !names.isEmpty { return names }
    problems.note(
      place.member("execution").member("targets").warning(
        "ignored: expected a list of target names, found \(value.found)", value))
    return nil
  }

  private func metadata(_ node: SourceNode, _ place: FieldPlace) -> JSON? {
    var own: JSON?
    if let value = node.present("metadata") {
      if value.mapping != nil {
        own = value.json
      } else {
        problems.note(
          place.member("metadata").warning(
            "ignored: expected a mapping, found \(value.found)", value))
      }
    }
    guard let governance = defaults.governance else { return own }
    var object = own?.object ?? [:]
    object["governance"] = Self.merged(suite: governance, test: object["governance"])
    return .object(object)
  }

  /// Lists: the suite's items first, each once; mappings: member by member; else the test's value.
  private static func merged(suite: JSON, test: JSON?) -> JSON {
    switch (suite, test) {
    case (_, nil): return suite
    case (.array(let first), .array(let second)):
      var items: [JSON] = []
      for item in first + second where !items.contains(item) { items.append(item) }
      return .array(items)
    case (.object(let first), .object(let second)):
      var object = first
      for (key, value) in second {
        object[key] = first[key].map { merged(suite: $0, test: value) } ?? value
      }
      return .object(object)
    case (_, .some(let value)): return value
    }
  }

  private func strings(_ node: SourceNode) -> [String]? {
    guard let items = node.sequence else { return nil }
    let texts = items.compactMap(\.string)
    return texts.count == items.count ? texts : nil
  }
}
