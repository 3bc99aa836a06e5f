import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct ExternalTestTests {
  private static let case1 = "- {id: one, input: i, criteria: c}"

  @Test(arguments: [
    ("tests: ./cases.yaml", ["one", "two"]),
    ("tests: ./lines.jsonl", ["three"]),
    ("tests: ./folder", ["beta", "own"]),
    (
      "tests:\n  - file://cases.yaml\n  - {id: inline, input: i, criteria: c}",
      ["one", "two", "inline"]
    ),
    ("tests: ['file://{cases,more*}.yaml']", ["one", "two", "four"]),
    ("tests: [file://folder]", ["beta", "own"]),
    ("tests: [file://none*.yaml]", []),
    ("tests: ./empty.yaml", []),
  ])
  func `tests are taken from files, globs and directories`(yaml: String, ids: [String]) throws {
    let (suite, _, _) = try load(
      yaml,
      files: [
        "evals/cases.yaml": "\(Self.case1)\n- {id: two, input: i, criteria: c}",
        "evals/more1.yaml": "- {id: four, input: i, criteria: c}",
        "evals/lines.jsonl": "{\"id\": \"three\", \"input\": \"i\", \"criteria\": \"c\"}\n",
        "evals/folder/beta/case.yaml": "input: i\ncriteria: c",
        "evals/folder/alpha/case.yml": "id: own\ninput: i\ncriteria: c",
        "evals/folder/alpha/workspace/file": "",
        "evals/folder/gamma/readme": "",
        "evals/empty.yaml": "",
      ])
    #expect(Set(suite.tests.map(\.id)) == Set(ids))
  }

  @Test func `a directory test has its workspace beside it`() throws {
    let (suite, notes, project) = try load(
      "tests: ./folder",
      files: [
        "evals/folder/a/case.yaml": "input: i\ncriteria: c", "evals/folder/a/workspace/x": "",
        "evals/folder/b/x": "",
      ])
    #expect(
      suite.tests[0].workspace?.value.template
        == project.directory.file("evals/folder/a/workspace"))
    #expect(notes.first == "evals/folder/b: no case.yaml in this directory; left out")
  }

  @Test func `defaults of the suite apply, places are those of the external file`() throws {
    let (suite, notes, _) = try load(
      "input: [{role: system, content: s}]\nassertions: [{type: is-json}]\ntests: ./c.yaml",
      files: ["evals/c.yaml": "- id: x\n  input: i\n  criteria: c\n  odd: 1\n"])
    #expect(suite.tests[0].input.count == 2)
    #expect(suite.tests[0].assertions.count == 1)
    #expect(
      notes == [
        "evals/c.yaml:4:3: test 'x': [0].odd: Unknown field 'odd'. This field will be ignored."
      ])
  }

  @Test(arguments: [
    (
      ["evals/c.yaml": "a: 1"],
      "evals/c.yaml:1:1: External test file must contain a YAML array, found a mapping"
    ),
    (
      ["evals/c.yaml": "- 5"],
      "evals/c.yaml:1:3: [0]: expected a test, which is a mapping, found the number 5"
    ),
    (["evals/c.yaml": "- {"], "evals/c.yaml:2:1: not valid YAML"),
    ([:], "Cannot read external test file: evals/c.yaml does not exist"),
  ])
  func `an external file that cannot be used fails the suite`(
    files: [String: String], message: String
  ) throws {
    let text = try failure("tests: [file://c.yaml]", files: files)
    #expect(text?.contains(message) == true, "\(text ?? "nothing")")
  }

  @Test func `an id that is in two files is a duplicate`() throws {
    let text = try failure(
      "tests: [file://c.yaml, {id: one, input: i, criteria: c}]",
      files: ["evals/c.yaml": Self.case1])
    #expect(
      text == "evals/a.eval.yaml:1:29: test 'one': tests[1].id: Duplicate test ID 'one' — each "
        + "test must have a unique ID; the first one is at evals/c.yaml:1")
  }
}
