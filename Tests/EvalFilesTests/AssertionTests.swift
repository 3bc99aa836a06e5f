import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct AssertionTests {
  private func graders(
    _ list: String, suite: String = "", files: [String: String] = [:]
  ) throws -> (specs: [GraderSpec]?, notes: [String]) {
    let (loaded, notes, _) = try test(
      "input: i\ncriteria: c\nassertions: \(list)", suite: suite, files: files)
    return (loaded?.assertions, notes)
  }

  @Test(arguments: [
    ("{type: contains, value: V}", "contains-V"), ("{type: icontains, value: V}", "icontains-V"),
    ("{type: contains-any, value: [a, b]}", "contains-any-2"),
    ("{type: icontains_all, value: [a]}", "icontains-all-1"),
    ("{type: starts-with, value: V}", "starts-with-V"),
    ("{type: ends_with, value: V}", "ends-with-V"),
    ("{type: equals, value: V}", "equals-V"), ("{type: is-json}", "is-json"),
    (
      "{type: regex, value: abcdefghijklmnopqrstuvwxyz0123456789}",
      "regex-abcdefghijklmnopqrstuvwxyz0123"
    ),
    ("{type: code-grader, command: [x]}", "code-grader"),
    ("{type: code_judge, command: [x]}", "code-grader"), ("{type: llm_grader}", "llm-grader"),
    ("{type: skill-trigger, skill: s}", "skill-trigger-s"),
    ("{type: latency, threshold: 5}", "latency"),
    ("{type: rubrics, criteria: [a]}", "rubrics"), ("{type: is-json, name: mine}", "mine"),
  ])
  func `a grader without a name gets one from its type and value`(yaml: String, name: String) throws
  {
    #expect(try graders("[\(yaml)]").specs?.map(\.name) == [name])
  }

  @Test func `fields that every grader has are read`() throws {
    let spec = try graders(
      "[{type: is-json, weight: 2.5, required: true, min_score: 0.4, negate: true, id: x}]"
    ).specs?.first
    #expect(spec?.weight == 2.5)
    #expect(spec?.required == .yes)
    #expect(spec?.minScore == 0.4)
    #expect(spec?.negate == true)
    #expect(spec?.config["id"] == "x")
  }

  @Test func `required as a number is a level, and deprecated`() throws {
    let (specs, notes) = try graders("[{type: is-json, required: 0.7}]")
    #expect(specs?.first?.required == .level(0.7))
    #expect(specs?.first?.minScore == 0.7)
    #expect(notes.first?.contains("Use 'required: true' + 'min_score: 0.7' instead.") == true)
  }

  @Test func `plain texts become one rubrics grader in the place of the first`() throws {
    let (specs, notes) = try graders("[{type: is-json}, one, {type: equals, value: v}, '  ', two]")
    #expect(specs?.map(\.type) == ["is-json", "rubrics", "equals"])
    #expect(specs?[1].weight == 2)
    #expect(specs?[1].config["criteria"] == ["one", "two"])
    #expect(notes.map { $0.contains("Empty string assertion item will be ignored.") } == [true])
  }

  @Test func `graders of the suite follow the test's own unless defaults are skipped`() throws {
    let suite = "assertions: [{type: is-json}]"
    #expect(
      try graders("[{type: equals, value: v}]", suite: suite).specs?.map(\.type)
        == ["equals", "is-json"])
    let skipped = try test(
      "input: i\ncriteria: c\nassertions: [x]\nexecution: {skip_defaults: true}", suite: suite)
    #expect(skipped.test?.assertions.map(\.type) == ["rubrics"])
  }

  @Test(arguments: [
    ("assert: [{type: is-json}]", ["is-json"]),
    ("execution: {evaluators: [{type: is-json}]}", ["is-json"]),
    ("evaluators: [{type: is-json}]", ["is-json"]),
    ("assertions: [{type: rubric, rubrics: [a]}]", ["rubrics"]),
    ("rubrics: [a]\nassertions: [{type: is-json}]", ["rubrics", "is-json"]),
  ])
  func `old names of the field still load`(line: String, types: [String]) throws {
    #expect(try test("input: i\ncriteria: c\n\(line)").test?.assertions.map(\.type) == types)
  }

  @Test(arguments: [
    (
      "{type: contains}",
      "tests[0].assertions[0].value: left out: a contains grader needs a text that is not empty; numbers need quotes, found none"
    ),
    ("{type: contains, value: 42}", "found the number 42"),
    ("{type: equals, value: ''}", "found an empty string"),
    (
      "{type: contains-any, value: x}",
      "a contains-any grader needs a list of texts that is not empty"
    ),
    ("{type: contains-all, value: [a, 1]}", "found a list"),
    ("{type: code-grader}", "command: left out: a code-grader grader needs a command"),
    ("{type: code-grader, command: ['']}", "left out"),
    ("{value: x}", "type: left out: expected the name of a grader type, found none"),
    ("{type: 5}", "found the number 5"),
    ("[nested]", "left out: expected a text or a mapping with a type, found a list"),
  ])
  func `a grader that makes no sense is left out with a warning`(yaml: String, text: String) throws
  {
    let (specs, notes) = try graders("[\(yaml), {type: is-json}]")
    #expect(specs?.map(\.type) == ["is-json"])
    #expect(notes.count == 1)
    #expect(notes.first?.contains(text) == true, "\(notes)")
  }

  @Test(arguments: ["-1", "many", ".inf", "true"])
  func `a bad weight leaves the test out`(weight: String) throws {
    if weight == ".inf" {
      #expect(throws: EvalFileError.self) { try graders("[{type: is-json, weight: .inf}]") }
      return
    }
    let (specs, notes) = try graders("[{type: is-json, weight: \(weight)}]")
    #expect(specs == nil)
    #expect(
      notes.first?.contains(
        "Skipping test 't': Invalid weight for grader 'is-json': expected a number of 0 or more")
        == true)
  }

  @Test func `an unknown type loads with a warning and a guess`() throws {
    let (specs, notes) = try graders("[{type: contans, value: x}]")
    #expect(specs?.map(\.type) == ["contans"])
    #expect(
      notes.first?.contains("Unknown assertion type 'contans'; did you mean 'contains'?") == true)
    let custom = try graders(
      "[{type: word-count}]", files: [".agentv/assertions/word-count.ts": ""])
    #expect(custom.notes.isEmpty)
  }

  @Test func `includes are followed, nested ones from their own directory`() throws {
    let (specs, _) = try graders(
      "[{include: base}, {type: equals, value: v}]",
      files: [
        ".agentv/templates/base.yaml": "assertions: [{include: ./more/x.yaml}, {type: is-json}]",
        ".agentv/templates/more/x.yaml": "assertions: [{type: regex, value: a}]",
      ])
    #expect(specs?.map(\.type) == ["regex", "is-json", "equals"])
    #expect(specs?[0].searchRoots.first?.hasSuffix("/.agentv/templates/more") == true)
  }

  @Test(arguments: [
    (["a": "assertions: [{include: b}]", "b": "assertions: [{include: a}]"], "cycle detected"),
    (["a": "assertions: 5"], "expected a mapping with a list `assertions`"),
    (["a": "{"], "not valid YAML"),
    ([:], "Assertion template not found: .agentv/templates/a.yaml\n  Tried:"),
    (
      [
        "a": "assertions: [{include: b}]", "b": "assertions: [{include: c}]",
        "c": "assertions: [{include: d}]", "d": "assertions: []",
      ], "includes go deeper than 3"
    ),
  ])
  func `an include that cannot be followed leaves the test out`(
    templates: [String: String], text: String
  ) throws {
    let files = Dictionary(
      uniqueKeysWithValues: templates.map { (".agentv/templates/\($0.key).yaml", $0.value) })
    let (specs, notes) = try graders("[{include: a}]", files: files)
    #expect(specs == nil)
    #expect(notes.contains { $0.contains("Skipping test 't': ") && $0.contains(text) }, "\(notes)")
  }
}
