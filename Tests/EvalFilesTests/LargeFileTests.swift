// Files whose tests are not kept: they must read as if they were.

import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite(.timeLimit(.minutes(1))) struct LargeFileTests {
  private func load(
    _ name: String, _ project: Project, keptFileBytes: Int
  ) -> (suite: EvalSuite?, problems: Problems) {
    let directory = project.directory.path
    let problems = Problems()
    let loader = SuiteLoader(
      file: SourceFile("\(directory)/\(name)", workingDirectory: directory),
      workingDirectory: directory, environment: ["NAME": "Ann"], problems: problems,
      keptFileBytes: keptFileBytes)
    return (loader.load(), problems)
  }

  /// Whether both ways of reading give the same tests and the same messages.
  private func compare(_ name: String, _ project: Project) {
    let kept = load(name, project, keptFileBytes: .max)
    let read = load(name, project, keptFileBytes: -1)
    #expect(read.suite?.tests == kept.suite?.tests)
    #expect(read.suite?.tests.map(\.line) == kept.suite?.tests.map(\.line))
    #expect(read.suite?.raw == kept.suite?.raw)
    #expect(read.suite?.name == kept.suite?.name)
    #expect(read.problems.errors.map(\.description) == kept.problems.errors.map(\.description))
    #expect(read.problems.notes.map(\.description) == kept.problems.notes.map(\.description))
  }

  static let yaml = [
    "tests:\n  - {id: a, input: i, criteria: c}\n  - {id: b, input: i, criteria: c}\n",
    "tests:\n- id: a\n  input: i\n  criteria: c\n- id: b\n  input: i\n  criteria: d",
    """
    name: suite
    input: [{role: system, content: s}]
    tests:   # the tests

      # before the first
      - id: a
        input: |
          a block
          - with a dash

          # and no comment

        criteria: >+
          folded

      -
        id: b
        input: "on ${{ NAME }}
          two lines"
        criteria: c
    # between
      - id: c
        input: [{role: user, content: [text, {type: file, value: a.txt}]}]
        assertions: [{type: contains, value: x}]
        depends_on: [a]
        workspace: {template: w}
    assertions:
      - {type: is-json}
    execution: {targets: [x, y]}
    """,
    "---\ntests:\n  - id: a\n    input: |\n      last line",
    "tests:\r\n  - id: a\r\n    input: i\r\n    criteria: c\r\n",
    "eval_cases:\n  - {id: a, input: i, criteria: c, odd: 1}\n",
    // Not to be cut: each is read whole.
    "tests:\n  - {id: a, input: 'quoted\n  - b', criteria: c}\n",
    "tests: [{id: a, input: i, criteria: c},\n  {id: b, input: i, criteria: c}]\n",
    "x: &x {type: contains, value: v}\ntests:\n  - {id: a, input: i, assertions: [*x]}\n",
    "tests:\n  - &a {id: a, input: i, criteria: c}\n  - {<<: *a, id: b}\n",
    // With mistakes.
    "tests:\n  - {id: a, input: i, criteria: c}\n  - {id: a, input: i, criteria: c}\n",
    "tests:\n  - {id: a, input: i, criteria: c}\n  - {id: b\n",
    "tests:\n  - {id: a}\n  - 5\n  - file://cases.yaml\n  - file://cases.jsonl\n",
    "tests:\n  - {id: a, input: i, criteria: c}\ntests:\n  - {id: b, input: i, criteria: c}\n",
    "tests:\n",
    "tests: cases.jsonl\n", "tests: cases.yaml\n", "tests: broken.yaml\n",
  ]

  @Test(arguments: yaml)
  func `a suite whose tests are not kept is read as one whose tests are`(_ text: String) throws {
    let project = try Project([
      "a.eval.yaml": text, "a.txt": "text",
      "cases.yaml":
        "# cases\n- {id: one, input: i, criteria: c}\n- id: two\n  input: i\n  criteria: c",
      "cases.jsonl": #"{"id":"l1","input":"${{ NAME }}","criteria":"c"}"# + "\n\n"
        + #"{"id":"l2","input":"i","criteria":"c","input_files":["a.txt"]}"#,
      "broken.yaml": "- {id: one, input: i, criteria: c}\n- {id: two\n",
    ])
    compare("a.eval.yaml", project)
  }

  @Test(arguments: [
    "{\"id\":\"a\",\"input\":\"i\",\"criteria\":\"c\"}\n",
    "\u{FEFF}{\"id\":\"a\",\"input\":\"ü\",\"criteria\":\"c\"}\n  \n{\"id\":\"b\",\"input\":\"i\"}",
    "{\"id\":\"a\"\n5\n{\"id\":\"a\",\"input\":\"i\",\"criteria\":\"c\"}\r\nnonsense",
    String(repeating: "{\"id\":\"a\",\"input\":\"i\",\"criteria\":\"c\"}\n", count: 2),
    "",
  ])
  func `a JSONL file whose tests are not kept is read as one whose tests are`(
    _ text: String
  ) throws {
    let project = try Project([
      "a.jsonl": text, "a.yaml": "name: side\nassertions: [{type: is-json}]",
    ])
    compare("a.jsonl", project)
  }

  @Test func `a file cut off at any byte is read the same way`() throws {
    let project = try Project(["a.txt": "text"])
    let bytes = Array(Self.yaml[2].utf8)
    for length in stride(from: 0, through: bytes.count, by: 2) {
      try FileIO.write(project.directory.file("a.eval.yaml"), Array(bytes[..<length]))
      compare("a.eval.yaml", project)
    }
  }

  @Test func `a plan knows ids, targets, dependencies and workspaces without reading a test`()
    throws
  {
    let project = try Project([
      "a.eval.yaml": """
      workspace: {template: w}
      tests:
        - {id: a, input: i, criteria: c}
        - {id: b, input: i, criteria: c, depends_on: [a], execution: {targets: [x]}}
      """
    ])
    let suite = try #require(load("a.eval.yaml", project, keptFileBytes: -1).suite)
    try FileIO.remove(project.directory.file("a.eval.yaml"))
    let catalog = suite.catalog
    #expect(catalog.indices.map(catalog.id) == ["a", "b"])
    #expect(catalog.hasDependencies)
    #expect(catalog.facts(1).dependencies.ids == ["a"])
    #expect(catalog.facts(1).targets == ["x"])
    #expect(catalog.facts(0).workspace === suite.workspace)
    #expect(catalog.outline(1).id == "b")
    #expect(throws: TestChange.self) { try catalog.test(0) }
  }

  @Test func `a test that was changed after loading is refused by name, the others are read`()
    throws
  {
    let lines = ["a", "b", "c"].map { #"{"id":"\#($0)","input":"q","criteria":"c"}"# }
    let project = try Project(["a.jsonl": lines.joined(separator: "\n")])
    let catalog = try #require(load("a.jsonl", project, keptFileBytes: -1).suite).catalog
    #expect(try catalog.test(1).id == "b")
    var changed = lines
    changed[1] = #"{"id":"b","input":"x","criteria":"c"}"#
    try project.directory.write("a.jsonl", changed.joined(separator: "\n"))
    #expect(try catalog.test(0).id == "a")
    #expect(try catalog.test(2).id == "c")
    let change = #expect(throws: TestChange.self) { try catalog.test(1) }
    for part in ["a.jsonl:2", "changed after the run had begun", "'b'", "--resume"] {
      #expect(change?.description.contains(part) == true)
    }
  }

  @Test func `a test is refused when a file that it refers to has gone meanwhile`() throws {
    let project = try Project([
      "a.jsonl": #"{"id":"a","input":"q","criteria":"c","input_files":["a.txt"]}"# + "\n"
        + #"{"id":"b","input":"q","criteria":"c","input_files":["never.txt"]}"#,
      "a.txt": "text",
    ])
    let catalog = try #require(load("a.jsonl", project, keptFileBytes: -1).suite).catalog
    try FileIO.remove(project.directory.file("a.txt"))
    let change = #expect(throws: TestChange.self) { try catalog.test(0) }
    #expect(change?.description.contains("a.txt") == true)
    #expect(try catalog.test(1).id == "b")
  }
}
