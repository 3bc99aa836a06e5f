// One eval file: from its text to a suite.

import Core

/// Loads one eval file.
struct SuiteLoader {
  let file: SourceFile
  let workingDirectory: String
  let environment: [String: String]
  let problems = Problems()

  private var directory: String { Path.directory(file.path) }

  /// The suite; `nil` when something in the file is fatal, which `problems` then holds.
  func load() -> EvalSuite? {
    let variables = DotEnv.load(
      evalDirectory: directory, workingDirectory: workingDirectory, environment: environment)
    let all = environment.merging(variables.variables) { own, _ in own }
    var suite: EvalSuite?
    do throws(Diagnostic) {
      switch FileWalk.ending(file.path) {
      case "yaml", "yml": suite = try yaml(all)
      case "jsonl": suite = try jsonl(all)
      case "json", "ts", "mts", "cts":
        throw file.problem(
          "eval files of this kind cannot be run by this version; write the tests as .eval.yaml "
            + "or .jsonl")
      case let other:
        throw file.problem(
          "Unsupported file format: '\(other.isEmpty ? "" : ".\(other)")'. Supported formats: "
            + ".yaml, .yml, .jsonl, .json, .ts")
      }
    } catch {
      problems.fatal(error)
    }
    guard problems.errors.isEmpty, var suite else { return nil }
    suite.environment = variables.variables
    suite.environmentFiles = variables.files
    return suite
  }

  private func yaml(_ environment: [String: String]) throws(Diagnostic) -> EvalSuite {
    guard
      let root = try YAMLReader.read(try file.read(), file: file, environment: environment)
    else {
      throw file.problem("Invalid test file format: the file is empty; it needs at least `tests:`")
    }
    guard let members = root.mapping else {
      throw file.problem(
        "Invalid test file format: expected a mapping with `tests`, found \(root.found)",
        at: root.position)
    }
    let place = FieldPlace(file: file, testID: nil, field: "")
    KnownFields.check(
      members, known: KnownFields.suite, deprecated: KnownFields.suiteDeprecated, place, problems)
    let settings = SuiteSettings(root: root, place: place, problems: problems)
    settings.checkMetadata()
    let execution = settings.execution()
    let references = FileReferences(
      roots: FileReferences.searchRoots(
        directory: directory, workingDirectory: workingDirectory))
    let inputs = InputReader(references: references, problems: problems)
    let assertions = AssertionReader(
      references: references, problems: problems, environment: environment,
      workingDirectory: workingDirectory)
    let category = root["category"]?.string ?? EvalLoader.category(ofRelativePath: relativePath)
    var defaults = SuiteDefaults(
      name: settings.name(file.path), category: category,
      assertionsPlace: place.member("assertions"))
    if let input = root.present("input") {
      defaults.input = inputs.messages(input, place.member("input")) ?? []
    }
    defaults.inputFiles = settings.strings("input_files", place)
    defaults.governance = settings.governance()
    defaults.workspace = root.present("workspace")?.json
    defaults.graders = suiteGraders(root, execution.raw, assertions, place)
    let reader = TestReader(
      defaults: defaults, directory: directory, references: references, problems: problems,
      inputs: inputs, assertions: assertions)
    let external = ExternalTests(
      problems: problems, environment: environment, directory: directory,
      workingDirectory: workingDirectory)
    let raw = rawTests(root, external, place)
    noteFieldsWithoutEffect(root, raw)
    let tests = unique(raw.compactMap { raw in reader.test(raw).map { ($0, raw) } })
    var top = root.object
    for key in ["tests", "eval_cases", "evalcases"] { top[key] = nil }
    return EvalSuite(
      path: file.path, relativePath: relativePath, name: defaults.name,
      description: root["description"]?.string, category: category,
      tags: settings.strings("tags", place) ?? [], execution: execution, tests: tests,
      searchRoots: references.roots, raw: .object(top))
  }

  private var relativePath: String { Path.relative(file.path, to: workingDirectory) }

  /// The suite's graders; `nil` when one of them makes every test that inherits them unusable.
  private func suiteGraders(
    _ root: SourceNode, _ execution: JSONObject, _ reader: AssertionReader, _ place: FieldPlace
  ) -> [GraderSpec]? {
    let block = root.present("execution")
    let inner = place.member("execution")
    let candidates: [(SourceNode?, FieldPlace)] = [
      (root.present("assertions"), place.member("assertions")),
      (root.present("assert"), place.member("assert")),
      (block?.present("assertions"), inner.member("assertions")),
      (block?.present("assert"), inner.member("assert")),
      (block?.present("evaluators"), inner.member("evaluators")),
    ]
    for (node, here) in candidates {
      guard let node else { continue }
      do throws(Diagnostic) {
        return try reader.graders(node, here)
      } catch {
        problems.note(error)
        return nil
      }
    }
    return []
  }

  /// The tests as they were written, references to files followed.
  private func rawTests(
    _ root: SourceNode, _ external: ExternalTests, _ place: FieldPlace
  ) -> [RawTest] {
    let keys = ["tests", "eval_cases", "evalcases"]
    guard let key = keys.first(where: { root.present($0) != nil }), let node = root[key] else {
      problems.fatal(
        place.member("tests").error(
          "Invalid test file format: missing 'tests'; expected a list of tests or the path of a "
            + "file with tests, found \(root["tests"]?.found ?? "none")",
          root["tests"] ?? root))
      return []
    }
    let here = place.member(key)
    if let path = node.string { return external.tests(path, node, here) }
    guard let items = node.sequence else {
      problems.fatal(
        here.error(
          "Invalid test file format: expected a list of tests or the path of a file with tests, "
            + "found \(node.found)", node))
      return []
    }
    if items.isEmpty {
      problems.note(here.warning("the list is empty; there is nothing to run", node))
    }
    var tests: [RawTest] = []
    tests.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      if let text = item.string, text.hasPrefix("file://") {
        tests += external.tests(text, item, here.element(index))
      } else if item.mapping != nil {
        tests.append(RawTest(node: item, file: file, field: "\(key)[\(index)]"))
      } else {
        problems.note(
          here.element(index).warning(
            "Skipping invalid test entry (expected object), found \(item.found); a reference to "
              + "a file begins with file://", item))
      }
    }
    return tests
  }

  /// The tests, if no id is there twice.
  private func unique(_ tests: [(EvalTest, RawTest)]) -> [EvalTest] {
    var first: [String: RawTest] = [:]
    for (test, raw) in tests {
      guard let other = first[test.id] else {
        first[test.id] = raw
        continue
      }
      problems.fatal(
        raw.file.problem(
          "Duplicate test ID '\(test.id)' — each test must have a unique ID; the first one is at "
            + "\(other.file.display):\(other.node.position.line)",
          at: raw.node["id"]?.position, testID: test.id, field: "id"))
    }
    return tests.map(\.0)
  }

  /// Says once which known fields load but change nothing in this version.
  private func noteFieldsWithoutEffect(_ root: SourceNode, _ tests: [RawTest]) {
    var names: [String] = []
    func collect(_ node: SourceNode?, _ known: Set<String>, _ prefix: String) {
      for member in node?.mapping ?? [] where known.contains(member.key) {
        let name = prefix + member.key
        if !names.contains(name) { names.append(name) }
      }
    }
    collect(root, KnownFields.suiteWithoutEffect, "")
    collect(root["execution"], KnownFields.executionWithoutEffect, "execution.")
    for test in tests { collect(test.node, KnownFields.testWithoutEffect, "tests[].") }
    guard !names.isEmpty else { return }
    problems.note(
      file.problem(
        "loaded, but without effect in this version: \(names.joined(separator: ", "))",
        severity: .warning))
  }

  /// A JSONL suite: one test a line, with settings in a YAML file of the same name beside it.
  private func jsonl(_ environment: [String: String]) throws(Diagnostic) -> EvalSuite {
    let base = String(file.path.dropLast(".jsonl".count))
    let sidecar = ["yaml", "yml"].map { "\(base).\($0)" }.first(where: FileIO.isFile)
    var root = SourceNode(.mapping([]), SourcePosition(line: 1, column: 1))
    var place = FieldPlace(file: file, testID: nil, field: "")
    if let sidecar {
      let source = SourceFile(sidecar, workingDirectory: workingDirectory)
      place.file = source
      if let node = try YAMLReader.read(try source.read(), file: source, environment: environment) {
        guard node.mapping != nil else {
          throw source.problem("expected a mapping, found \(node.found)", at: node.position)
        }
        root = node
      }
    }
    let settings = SuiteSettings(root: root, place: place, problems: problems)
    let references = FileReferences(
      roots: FileReferences.searchRoots(
        directory: directory, workingDirectory: workingDirectory))
    let assertions = AssertionReader(
      references: references, problems: problems, environment: environment,
      workingDirectory: workingDirectory)
    let execution = settings.execution()
    var defaults = SuiteDefaults(
      name: root["name"]?.string?.trimmed ?? Path.name(base),
      assertionsPlace: place.member("assertions"))
    defaults.graders = suiteGraders(root, execution.raw, assertions, place)
    let reader = TestReader(
      defaults: defaults, directory: directory, references: references, problems: problems,
      inputs: InputReader(references: references, problems: problems), assertions: assertions)
    let external = ExternalTests(
      problems: problems, environment: environment, directory: directory,
      workingDirectory: workingDirectory)
    let raw = try external.lines(try file.read(), file).enumerated().map {
      RawTest(node: $0.element, file: file, field: "[\($0.offset)]")
    }
    noteFieldsWithoutEffect(root, raw)
    let tests = unique(raw.compactMap { raw in reader.test(raw).map { ($0, raw) } })
    return EvalSuite(
      path: file.path, relativePath: relativePath, name: defaults.name,
      description: root["description"]?.string, tags: settings.strings("tags", place) ?? [],
      execution: execution, tests: tests, searchRoots: references.roots,
      raw: .object(root.object))
  }
}
