// One eval file: from its text to a suite, by kind of file.

import Core

/// Loads one eval file.
struct SuiteLoader {
  let file: SourceFile
  let workingDirectory: String
  let environment: [String: String]
  let problems: Problems
  /// From which size on the tests of a file are not kept.
  let keptFileBytes: Int

  init(
    file: SourceFile, workingDirectory: String, environment: [String: String],
    problems: Problems = Problems(), keptFileBytes: Int = TestSpan.keptFileBytes
  ) {
    self.file = file
    self.workingDirectory = workingDirectory
    self.environment = environment
    self.problems = problems
    self.keptFileBytes = keptFileBytes
  }

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
      case "json": suite = try json(all)
      case "ts", "mts", "cts":
        throw file.problem(
          "TypeScript eval files cannot be run: this program has no JavaScript engine; write the "
            + "tests as .eval.yaml or .jsonl (reference: docs/reference/eval-files.md)")
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
    if external(environment).isLarge(file), let suite = inPieces(environment) { return suite }
    guard
      var root = try YAMLReader.read(try file.read(), file: file, environment: environment)
    else {
      throw file.problem("Invalid test file format: the file is empty; it needs at least `tests:`")
    }
    return try suite(of: &root, environment)
  }

  /// The suite of a large file, each test parsed by itself.
  /// - Returns: `nil`, with nothing reported, when it is not written so that this works.
  private func inPieces(_ environment: [String: String]) -> EvalSuite? {
    guard let found = YAMLTestSpans.find(in: file, .suite),
      let text = String(validating: found.rest, as: UTF8.self),
      let node = try? YAMLReader.read(text, file: file, environment: environment),
      node.mapping != nil, !TestSources.keys.contains(where: { node.present($0) != nil }),
      let key = TestSources.keys.first(where: { node[$0] != nil })
    else { return nil }
    let before = problems.found
    var root = node
    let (builder, readers) = self.builder(of: &root, environment)
    let place = FieldPlace(file: file, testID: nil, field: key)
    let sources = TestSources(
      external: external(environment), file: file, problems: problems, place: place, key: key)
    do throws(Diagnostic) {
      try TestSpanReader(file: file, environment: environment).read(found.spans) {
        sources.read($1, $0, span: $2) { builder.add($0, readers) }
      }
    } catch {
      problems.found = before
      return nil
    }
    return builder.suite(readers)
  }

  /// What reads the tests of a suite, by everything at its top level but the tests, which are taken
  /// out.
  private func builder(
    of root: inout SourceNode, _ environment: [String: String]
  ) -> (SuiteBuilder, SuiteBuilder.Readers) {
    let place = FieldPlace(file: file, testID: nil, field: "")
    KnownFields.check(
      root.mapping ?? [], known: KnownFields.suite, deprecated: KnownFields.suiteDeprecated, place,
      problems)
    for key in TestSources.keys { _ = root.remove(key) }
    let builder = self.builder(root, place, environment)
    builder.category =
      root["category"]?.string ?? EvalLoader.category(ofRelativePath: relativePath)
    return (builder, builder.readers())
  }

  private func suite(
    of root: inout SourceNode, _ environment: [String: String]
  ) throws(Diagnostic) -> EvalSuite {
    guard root.mapping != nil else {
      throw file.problem(
        "Invalid test file format: expected a mapping with `tests`, found \(root.found)",
        at: root.position)
    }
    let key = TestSources.keys.first { root.present($0) != nil }
    let written = root["tests"]?.found ?? "none"
    var members = root
    // Taken out of the tree, so that each test can be let go of once it has been read.
    var tests = key.flatMap { root.remove($0) }
    members.value = .mapping(
      (members.mapping ?? []).map { member in
        var member = member
        if TestSources.keys.contains(member.key) { member.value.value = .null }
        return member
      })
    let (builder, readers) = self.builder(of: &members, environment)
    root = SourceNode(.null, root.position)
    let place = FieldPlace(file: file, testID: nil, field: "")
    guard let key, var node = tests.take() else {
      problems.fatal(
        place.member("tests").error(
          "Invalid test file format: missing 'tests'; expected a list of tests or the path of a "
            + "file with tests, found \(written)", members))
      return builder.suite(readers)
    }
    let sources = TestSources(
      external: external(environment), file: file, problems: problems, place: place.member(key),
      key: key)
    sources.read(&node) { builder.add($0, readers) }
    return builder.suite(readers)
  }

  /// A JSONL suite: one test a line, with settings in a YAML file of the same name beside it.
  private func jsonl(_ environment: [String: String]) throws(Diagnostic) -> EvalSuite {
    let base = String(file.path.dropLast(".jsonl".count))
    let sidecar = ["yaml", "yml", "eval.yaml", "eval.yml"].map { "\(base).\($0)" }
      .first(where: FileIO.isFile)
    var root = SourceNode(.mapping([]), SourcePosition(line: 1, column: 1))
    var place = FieldPlace(file: file, testID: nil, field: "")
    if let sidecar {
      let source = SourceFile(sidecar, workingDirectory: workingDirectory)
      place.file = source
      // A large one is a suite of its own, whose tests are of no interest here.
      let large = external(environment).isLarge(source)
      let found = large ? YAMLTestSpans.find(in: source, .suite) : nil
      let settings = found.flatMap { String(validating: $0.rest, as: UTF8.self) }
      let text = if let settings { settings } else { try source.read() }
      if let node = try YAMLReader.read(text, file: source, environment: environment) {
        guard node.mapping != nil else {
          throw source.problem("expected a mapping, found \(node.found)", at: node.position)
        }
        root = node
        // It may be a suite of its own that names this file.
        for key in TestSources.keys { _ = root.remove(key) }
        KnownFields.check(
          root.mapping ?? [], known: KnownFields.suite, deprecated: KnownFields.suiteDeprecated,
          place, problems)
      }
    }
    let builder = self.builder(root, place, environment)
    builder.category = root["category"]?.string
    if root["name"]?.string?.trimmed.isEmpty ?? true { builder.name = Path.name(base) }
    let readers = builder.readers()
    try external(environment).lines(file) { index, node, span in
      builder.add(RawTest(node: node, file: file, field: "[\(index)]", span: span), readers)
    }
    return builder.suite(readers)
  }

  /// A list of tests without a suite, as other eval files include it; only to be validated.
  func loadCases(_ environment: [String: String]) -> EvalSuite? {
    let root = SourceNode(.mapping([]), SourcePosition(line: 1, column: 1))
    let builder = self.builder(
      root, FieldPlace(file: file, testID: nil, field: ""), environment)
    let readers = builder.readers()
    external(environment).tests(
      file.path, root, FieldPlace(file: file, testID: nil, field: "")
    ) { builder.add($0, readers) }
    return problems.errors.isEmpty ? builder.suite(readers) : nil
  }

  /// A JSON file: evals of an agent skill, or a suite written as JSON.
  private func json(_ environment: [String: String]) throws(Diagnostic) -> EvalSuite {
    guard
      var root = try YAMLReader.read(try file.read(), file: file, environment: environment)
    else {
      throw file.problem("Invalid Agent Skills evals.json: the file is empty")
    }
    guard root.mapping != nil, root["evals"] != nil else {
      if TestSources.keys.contains(where: { root[$0] != nil }) {
        return try suite(of: &root, environment)
      }
      throw file.problem(
        "Invalid Agent Skills evals.json: missing 'evals' array; found \(root.found)",
        at: root.position)
    }
    let place = FieldPlace(file: file, testID: nil, field: "")
    let skills = AgentSkills(file: file, directory: directory, problems: problems)
    let cases = try skills.cases(root)
    let builder = self.builder(SourceNode(.mapping([]), root.position), place, environment)
    builder.name =
      root["skill_name"]?.string?.trimmed.isEmpty == false
      ? root["skill_name"]?.string?.trimmed ?? "" : builder.name
    let readers = builder.readers()
    for item in cases { builder.add(item, readers) }
    return builder.suite(readers)
  }

  private var relativePath: String { Path.relative(file.path, to: workingDirectory) }

  private func external(_ environment: [String: String]) -> ExternalTests {
    ExternalTests(
      problems: problems, environment: environment, directory: directory,
      workingDirectory: workingDirectory, keptFileBytes: keptFileBytes)
  }

  private func builder(
    _ root: SourceNode, _ place: FieldPlace, _ environment: [String: String]
  ) -> SuiteBuilder {
    SuiteBuilder(
      root: root, place: place, file: file, workingDirectory: workingDirectory,
      environment: environment, problems: problems)
  }
}

extension Optional {
  /// Takes the value out, so that nothing else holds on to it.
  fileprivate mutating func take() -> Wrapped? {
    let value = self
    self = nil
    return value
  }
}
