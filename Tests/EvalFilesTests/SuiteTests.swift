import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct SuiteTests {
  private static let one = "tests:\n  - {id: t, input: i, criteria: c}\n"

  @Test(arguments: [
    ("evals/dataset.eval.yaml", "dataset"), ("evals/EVAL.yaml", "EVAL"), ("x.EVAL.YML", "x"),
    ("plain.yml", "plain"), (".eval.yaml", "eval"),
  ])
  func `the suite is named after its file unless it names itself`(
    file: String, name: String
  ) throws {
    let project = try Project([file: Self.one])
    #expect(try project.load(file).suites.first?.name == name)
    try project.directory.write(file, "name: own-name\n\(Self.one)")
    #expect(try project.load(file).suites.first?.name == "own-name")
  }

  @Test(arguments: [
    ("evals/a.yaml", "Uncategorized"), ("a.yaml", "Uncategorized"), ("x/evals/y/a.yaml", "x/y"),
    ("evalsx/a.yaml", "evalsx"),
  ])
  func `the category is where the file lies, without evals`(file: String, category: String) throws {
    let project = try Project([file: Self.one])
    let suite = try project.load(file).suites.first
    #expect(suite?.category == category)
    #expect(suite?.tests.first?.category == category)
    #expect(suite?.relativePath == file)
  }

  @Test func `settings of execution are read`() throws {
    let (suite, notes, _) = try load(
      """
      name: s
      description: about
      tags: [a, b]
      category: cat
      execution:
        target: t0
        targets: [t1, {name: t2, use_target: t3}]
        workers: 4
        threshold: 0.5
      \(Self.one)
      """)
    #expect(suite.execution.target == "t0")
    #expect(suite.execution.targetNames == ["t1", "t2"])
    #expect(suite.execution.targets[1].useTarget == "t3")
    #expect(suite.execution.workers == 4)
    #expect(suite.execution.threshold == 0.5)
    #expect((suite.tags, suite.category, suite.description) == (["a", "b"], "cat", "about"))
    #expect(notes.isEmpty)
  }

  @Test func `without a target the suite runs on default`() throws {
    #expect(try load(Self.one).suite.execution.targetNames == ["default"])
    #expect(try load("target: old\n\(Self.one)").suite.execution.targetNames == ["old"])
  }

  @Test(arguments: [
    (
      "workers: 0",
      "execution.workers: ignored: expected a whole number from 1 to 50, found the number 0"
    ),
    ("workers: 51", "found the number 51"), ("workers: '3'", "found the string \"3\""),
    ("threshold: 1.5", "execution.threshold: ignored: expected a number from 0 to 1"),
    ("targets: one", "execution.targets: ignored: expected a list of target names"),
    ("targets: [a, a]", "execution.targets[1]: left out: 'a' is in the list already"),
    ("target: 5", "execution.target: ignored: expected the name of a target, found the number 5"),
    ("trials: 3", "execution.trials: ignored: expected a mapping such as {count: 3"),
    ("trials: {count: 0}", "execution.trials.count: trials are off: expected a whole number"),
    ("trials: {count: 2, strategy: best}", "execution.trials.strategy: ignored: expected one of"),
    ("budget_usd: 0", "execution.budget_usd: ignored: expected a number above 0"),
    ("fail_on_error: 0.1", "execution.fail_on_error: ignored: expected true or false"),
    ("cache: sometimes", "execution.cache: ignored: expected true or false"),
    ("cache_path: 5", "execution.cache_path: ignored: expected a directory"),
  ])
  func `settings that make no sense are ignored with a warning`(line: String, text: String) throws {
    let (suite, notes, _) = try load("execution:\n  \(line)\n\(Self.one)")
    #expect(suite.tests.count == 1)
    #expect(notes.count == 1)
    #expect(notes.first?.contains(text) == true, "\(notes)")
  }

  @Test func `unknown and deprecated fields warn and are kept`() throws {
    let (suite, notes, _) = try load(
      """
      $schema: agentv-eval-v2
      descripton: typo
      assert: [{type: is-json}]
      eval_cases:
        - {id: t, input: i, expected_outcome: c, extra: 1}
      """)
    #expect(
      notes == [
        "evals/a.eval.yaml:2:1: descripton: Unknown field 'descripton'. This field will be ignored. "
          + "Did you mean 'description'?",
        "evals/a.eval.yaml:3:1: assert: 'assert' is deprecated. Use 'assertions' instead.",
        "evals/a.eval.yaml:4:1: eval_cases: 'eval_cases' is deprecated. Use 'tests' instead.",
        "evals/a.eval.yaml:5:23: test 't': eval_cases[0].expected_outcome: 'expected_outcome' is "
          + "deprecated. Use 'criteria' instead.",
        "evals/a.eval.yaml:5:44: test 't': eval_cases[0].extra: Unknown field 'extra'. This field "
          + "will be ignored.",
      ])
    #expect(suite.tests[0].criteria == "c")
    #expect(suite.tests[0].assertions.map(\.type) == ["is-json"])
    #expect(suite.tests[0].raw["extra"] == 1)
    #expect(suite.raw["descripton"] == "typo")
  }

  @Test func `governance of the suite is merged into each test's metadata`() throws {
    let (suite, _, _) = try load(
      """
      governance: {tags: [a, b], level: high, deep: {x: 1}}
      tests:
        - {id: t, input: i, criteria: c, metadata: {k: v, governance: {tags: [b, c], level: low, deep: {y: 2}}}}
        - {id: u, input: i, criteria: c}
      """)
    #expect(
      suite.tests[0].metadata == [
        "k": "v",
        "governance": ["tags": ["a", "b", "c"], "level": "low", "deep": ["x": 1, "y": 2]],
      ])
    #expect(suite.tests[1].metadata?["governance"]?["level"] == "high")
  }

  @Test func `all errors of a file are reported at once, and stop no other file`() throws {
    let project = try Project([
      "evals/a.eval.yaml": """
      name: Bad Name
      version: 1.0
      execution: {total_budget_usd: 1}
      tests:
        - {id: t, input: i, criteria: c}
        - {id: t, input: i, criteria: c}
      """,
      "evals/b.eval.yaml": "tests: {",
      "evals/c.eval.yaml": "name: ok\n\(Self.one)",
    ])
    let loaded = try project.load("evals")
    #expect(loaded.suites.map(\.name) == ["ok"])
    #expect(loaded.failures.map(\.relativePath) == ["evals/a.eval.yaml", "evals/b.eval.yaml"])
    #expect(
      loaded.diagnostics.map(\.description) == [
        "evals/a.eval.yaml:1:7: name: expected 1 to 64 lowercase letters, digits and hyphens, found "
          + "the string \"Bad Name\""
      ])
    #expect(
      loaded.failures.flatMap(\.errors).map(\.description) == [
        "evals/a.eval.yaml:2:10: version: expected a text, found the number 1.0; put it in quotes",
        "evals/a.eval.yaml:3:31: execution.total_budget_usd: execution.total_budget_usd has been "
          + "renamed to execution.budget_usd. Update your eval YAML.",
        "evals/a.eval.yaml:6:10: test 't': tests[1].id: Duplicate test ID 't' — each test must have a unique "
          + "ID; the first one is at evals/a.eval.yaml:5",
        "evals/b.eval.yaml:2:1: not valid YAML: did not find expected node content (while parsing a "
          + "flow node, line 2)",
      ])
  }

  @Test(arguments: [
    (
      "",
      "evals/a.eval.yaml: Invalid test file format: the file is empty; it needs at least `tests:`"
    ),
    (
      "- a",
      "evals/a.eval.yaml:1:1: Invalid test file format: expected a mapping with `tests`, found a list"
    ),
    (
      "name: x",
      "Invalid test file format: missing 'tests'; expected a list of tests or the path of a file with tests, found none"
    ),
    (
      "tests: 5",
      "evals/a.eval.yaml:1:8: tests: Invalid test file format: expected a list of tests or the path of a file with tests, found the number 5"
    ),
    ("tests: ./none.yaml", "Cannot read external test file: evals/none.yaml does not exist"),
    ("tests: ./x.txt", "Unsupported external test file format '.txt'"),
    ("name: x\ntags: a\ntests: []", "tags: expected a list of texts, found the string \"a\""),
    ("name: x\ndescription: ''\ntests: []", "description: expected 1 to 1024 characters, found 0"),
    ("name: x\nrequires: 4\ntests: []", "requires: expected a mapping"),
  ])
  func `a file that cannot be used says why`(yaml: String, message: String) throws {
    let text = try failure(yaml)
    #expect(text?.contains(message) == true, "\(text ?? "nothing")")
  }

  @Test func `an empty list of tests is no error, but is said`() throws {
    let (suite, notes, _) = try load("tests: []")
    #expect(suite.tests.isEmpty)
    #expect(notes == ["evals/a.eval.yaml:1:8: tests: the list is empty; there is nothing to run"])
  }

  @Test(arguments: ["ts", "mts", "cts"])
  func `TypeScript files are refused with a way out`(ending: String) throws {
    let project = try Project(["a.\(ending)": "{}"])
    let error = #expect(throws: EvalFileError.self) { try project.load("a.\(ending)") }
    #expect(error?.description.contains("TypeScript eval files cannot be run") == true)
    #expect(error?.description.contains("write the tests as .eval.yaml") == true)
  }

  @Test func `a JSONL suite has one test a line and settings beside it`() throws {
    let project = try Project([
      "d.jsonl": """
      {"id": "a", "input": "x", "criteria": "c"}

      {"id": "b", "input": "${{ W }}", "assertions": [{"type": "equals", "value": "y"}]}
      """,
      "d.yaml": "name: side\nexecution: {target: t, evaluators: [{type: is-json}]}",
    ])
    let suite = try #require(try project.load("d.jsonl", environment: ["W": "word"]).suites.first)
    #expect(suite.name == "side")
    #expect(suite.category == nil)
    #expect(suite.execution.target == "t")
    #expect(suite.tests.map(\.id) == ["a", "b"])
    #expect(suite.tests[1].input == [Message(role: "user", text: "word")])
    #expect(suite.tests[1].assertions.map(\.type) == ["equals", "is-json"])
    #expect(suite.tests[1].line == 3)
  }

  @Test func `every bad line of a JSONL file is named`() throws {
    let project = try Project(["d.jsonl": "{\"id\": 1\n[]\n{}"])
    let error = #expect(throws: EvalFileError.self) { try project.load("d.jsonl") }
    #expect(
      error?.diagnostics.filter { $0.severity == .error }.map(\.description).prefix(2) == [
        "d.jsonl:1:9: Malformed JSONL at line 1: expected ',' or '}' in an object",
        "d.jsonl:2:1: Malformed JSONL at line 2: expected an object, found an empty list",
      ])
  }
}
