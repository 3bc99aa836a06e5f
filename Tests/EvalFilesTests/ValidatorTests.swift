// One case for each rule of `agentv validate`.

import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct ValidatorTests {
  /// What is said about a file: `error` or `warning`, place and message in one line each.
  private func problems(
    _ text: String, name: String = "a.eval.yaml", files: [String: String] = [:]
  ) throws -> [String] {
    let targets = [".agentv/targets.yaml": "targets: [{name: default, provider: mock}]"]
    let project = try Project(targets.merging(files) { $1 })
    try project.directory.write(name, text)
    let validator = Validator(
      workingDirectory: project.directory.path, environment: [:],
      patternProblem: { pattern, _ in pattern.hasPrefix("(") ? "Invalid regular expression" : nil })
    let found = validator.check(project.directory.file(name))
    #expect(found.isValid != found.diagnostics.contains { $0.severity == .error })
    return found.diagnostics.map { "\($0.severity.rawValue) [\($0.field ?? "")] \($0.message)" }
  }

  private func expect(_ all: [String], holds text: String, _ severity: String) {
    #expect(
      all.contains { $0.hasPrefix(severity) && $0.contains(text) }, "\(text) in \(all)")
  }

  @Test func `a sound file has no problem`() throws {
    #expect(try problems("tests: [{id: a, input: i, criteria: c}]").isEmpty)
  }

  @Test(arguments: [
    ("tests: {", "not valid YAML"),
    ("name: x", "[tests] Invalid test file format: missing 'tests'"),
    ("tests: 5", "[tests] Invalid test file format: expected a list of tests"),
    ("tests: [5]", "[tests[0]] Skipping invalid test entry"),
    ("tests: [x.yaml]", "a reference to a file begins with file://"),
    ("tests: [{input: i, criteria: c}]", "[tests[0].id] Missing or invalid 'id'"),
    ("tests: [{id: 5, input: i, criteria: c}]", "found the number 5; put it in quotes"),
    ("tests: [{id: ' ', input: i, criteria: c}]", "[tests[0].id]"),
    ("tests: [{id: a, criteria: c}]", "[tests[0].input] Missing 'input'"),
    ("tests: [{id: a, criteria: c, input: 5}]", "[tests[0].input] expected a text or a list"),
    ("tests: [{id: a, criteria: ' ', input: i}]", "[tests[0].criteria] Invalid 'criteria'"),
    ("tests: [{id: a, input: i}]", "nothing to judge this test by"),
    ("tests: [{id: a, input: i, expected_output: 5}]", "[tests[0].expected_output] expected"),
    ("tests: [{id: a, criteria: c, input: [x]}]", "[tests[0].input[0]]"),
    (
      "tests: [{id: a, criteria: c, input: [{role: boss, content: x}]}]",
      "[tests[0].input[0].role] left out: expected one of system, user, assistant, tool"
    ),
    ("tests: [{id: a, criteria: c, input: [{role: user}]}]", "[tests[0].input[0].content]"),
    (
      "tests: [{id: a, criteria: c, input: [{role: user, content: [{value: x}]}]}]",
      "[tests[0].input[0].content[0].type] Content object must have a 'type' field"
    ),
    (
      "tests: [{id: a, criteria: c, input: [{role: user, content: [{type: text}]}]}]",
      "[tests[0].input[0].content[0].value] Content with type 'text' must have a 'value'"
    ),
    (
      "tests: [{id: a, criteria: c, input: [{role: user, content: [{type: file, value: x.md}]}]}]",
      "File not found: x.md"
    ),
    ("tests: [{id: a, input: i, turns: [{input: x}]}]", "'turns' requires mode: conversation"),
    ("tests: [{id: a, input: i, criteria: c, aggregation: min}]", "'aggregation' requires mode"),
    ("tests: [{id: a, input: i, criteria: c, window_size: 2}]", "'window_size' requires mode"),
    ("tests: [{id: a, input: i, criteria: c, on_turn_failure: stop}]", "requires mode"),
    ("tests: [{id: a, input: i, criteria: c, mode: conversation}]", "a non-empty 'turns' array"),
    (
      "tests: [{id: a, input: i, mode: conversation, turns: [{input: ''}]}]",
      "[tests[0].turns[0].input] Each turn must have a non-empty input"
    ),
    (
      "tests: [{id: a, input: i, mode: conversation, expected_output: x, turns: [{input: y}]}]",
      "a conversation has no expected_output of its own"
    ),
    (
      "workspace: {repos: [{path: x}]}\ntests: [{id: a, input: i, criteria: c}]",
      "this repository has no source"
    ),
    ("workspace: ./none.yaml\ntests: []", "Workspace file not found: ./none.yaml"),
    ("workspace: {template: ./none}\ntests: []", "Template path not found: ./none"),
    (
      "workspace: {hooks: {before_all: {command: [sh, ./setup.sh]}}}\ntests: []",
      "Hook script not found: ./setup.sh"
    ),
    (
      "tests: [{id: a, input: i, criteria: c, assertions: [{type: llm-grader, prompt: file://p.md}]}]",
      "prompt file not found: p.md"
    ),
    (
      "tests: [{id: a, input: i, criteria: c, assertions: [{type: is-json, weight: -1}]}]",
      "Invalid weight for grader 'is-json'"
    ),
    (
      "assertions: [{type: is-json, weight: many}]\ntests: [{id: a, input: i, criteria: c}]",
      "[assertions[0].weight] Invalid weight"
    ),
    (
      "tests: [{id: a, input: i, criteria: c, assertions: [{type: rubrics, criteria: [{score_ranges: {1: x}}]}]}]",
      "score_ranges must cover 0 to 10 without gaps or overlaps; these leave out 0"
    ),
    ("execution: {target: nobody}\ntests: []", "Target 'nobody' not found"),
    (
      "execution: {targets: [default, nobody]}\ntests: []",
      "[execution.targets[1]] Target 'nobody'"
    ),
  ])
  func `an error is reported`(yaml: String, text: String) throws {
    expect(try problems(yaml), holds: text, "error")
  }

  private static func asserting(_ grader: String) -> String {
    "tests: [{id: a, input: i, criteria: c, assertions: [\(grader), {type: is-json}]}]"
  }

  @Test(arguments: [
    ("descripton: x\ntests: []", "Unknown field 'descripton'"),
    ("eval_cases: []", "'eval_cases' is deprecated. Use 'tests' instead."),
    ("tests: [{id: a, input: i, criteria: c, odd: 1}]", "Unknown field 'odd'"),
    ("tests: [{id: a, input: i, expected_outcome: c}]", "'expected_outcome' is deprecated"),
    ("name: Bad Name\ntests: []", "[name] expected 1 to 64 lowercase letters"),
    ("tests: [{id: a, criteria: c, input: '@[User]: x'}]", "potential role marker '@[User]:'"),
    ("tests: [{id: a, input: i, criteria: c, assertions: 5}]", "expected a list of assertions"),
    (asserting("''"), "Empty string assertion item will be ignored."),
    (asserting("5"), "expected a text or a mapping with a type"),
    (asserting("{value: x}"), "expected the name of a grader type"),
    (asserting("{type: contans, value: x}"), "Unknown assertion type 'contans'"),
    (asserting("{type: equals}"), "a equals grader needs a text"),
    (asserting("{type: regex, value: '('}"), "Invalid regular expression"),
    (asserting("{type: is-json, required: 5}"), "expected true, false or a number above 0"),
    (asserting("{type: llm-grader, target: nobody}"), "Target 'nobody' not found"),
    (
      "workspace: {repos: [{path: x, source: {type: git, url: u}, checkout: {ancestor: 3}, clone: {depth: 2}}]}\ntests: []",
      "clone.depth (2) may be too small for ancestor 3; use at least 4"
    ),
    (
      "workspace: {isolation: per_test, hooks: {after_each: {reset: fast}}}\ntests: []",
      "redundant: with isolation per_test"
    ),
  ])
  func `a warning is given`(yaml: String, text: String) throws {
    let all = try problems(yaml)
    expect(all, holds: text, "warning")
    #expect(!all.contains { $0.hasPrefix("error") }, "\(all)")
  }

  @Test(arguments: [
    ("a.eval.yaml", "tests: []", FileKind.eval), ("EVAL.yaml", "tests: []", .eval),
    ("eval.yml", "x: 1", .eval), ("odd.yaml", "tests: []", .eval),
    ("cases.yaml", "[{id: a, input: i, criteria: c}]", .cases),
    ("t.yaml", "targets: []", .targets), (".agentv/config.yaml", "x: 1", .config),
    (".agentv/targets.yml", "x: 1", .targets), ("any.yaml", "$schema: agentv-config-v2", .config),
    ("any.yaml", "$schema: agentv-targets-v2.2", .targets), ("other.yaml", "x: 1", .unknown),
    ("d.jsonl", "", .eval), ("evals.json", "{\"evals\": []}", .eval),
  ])
  func `the kind of a file is told by name and content`(
    name: String, text: String, kind: FileKind
  ) throws {
    let project = try Project([name: text])
    let validator = Validator(
      workingDirectory: project.directory.path, environment: [:], patternProblem: { _, _ in nil })
    #expect(validator.check(project.directory.file(name)).kind == kind)
  }

  @Test(arguments: [
    ("- 5", "error"), ("- {id: a, input: i}", "nothing to judge this test by"),
    ("- {input: i, criteria: c}", "[[0].id] Missing or invalid 'id'"),
    ("- {id: a, criteria: c}", "[[0].input] Missing 'input'"),
  ])
  func `a list of cases is checked like the tests of a suite`(yaml: String, text: String) throws {
    expect(try problems(yaml, name: "cases.yaml"), holds: text, "error")
  }

  @Test(arguments: [
    ("targets: 5", "Missing or invalid 'targets' field", "error"),
    ("targets: [5]", "Target must be an object", "error"),
    ("targets: [{provider: cli, command: x}]", "Missing or invalid 'name' field", "error"),
    ("targets: [{name: a}]", "needs a 'provider'", "error"),
    ("targets: [{name: a, provider: cli}]", "CLI provider requires 'command'", "error"),
    (
      "targets: [{name: a, provider: cli, command: 'x {OUT}'}]",
      "Unknown CLI placeholder '{OUT}'", "error"
    ),
    (
      "targets: [{name: a, provider: cli, command: x, healthcheck: 5}]", "must be an object",
      "error"
    ),
    ("targets: [{name: a, provider: cli, command: x, healthcheck: {}}]", "either 'url'", "error"),
    ("targets: [{name: a, provider: openai, api_key: sk-1}]", "'api_key' must use ${{", "error"),
    (
      "targets: [{name: a, provider: copilot-sdk, byok: {base_url: u, bearer_token: t}}]",
      "'byok.bearer_token' must use ${{", "error"
    ),
    ("targets: [{name: a, provider: mock, grader_target: 5}]", "expected the name of a", "error"),
    ("targets: [{name: a, provider: openai, baseUrl: x}]", "Use 'base_url' instead", "error"),
    ("targets: [{name: a, provider: opnai}]", "Unknown provider 'opnai'; did you mean", "warning"),
    ("targets: [{name: a, provider: mock, odd: 1}]", "Unknown setting 'odd'", "warning"),
    (
      "targets: [{name: a, provider: mock}, {name: a, provider: mock}]", "another target",
      "warning"
    ),
  ])
  func `targets files are checked`(yaml: String, text: String, severity: String) throws {
    expect(try problems(yaml, name: "targets.yaml"), holds: text, severity)
  }

  @Test func `shell variables are no placeholders, nor is a secret's value ever shown`() throws {
    let all = try problems(
      "targets: [{name: a, provider: cli, command: 'x ${HOME} {{y}} {PROMPT}', api_key: hunter2}]",
      name: "targets.yaml")
    #expect(!all.contains { $0.contains("placeholder") || $0.contains("hunter2") }, "\(all)")
  }

  @Test(arguments: [
    ("5", "expected a mapping of settings", "error"),
    ("eval_patterns: x", "[eval_patterns] expected a list of globs", "error"),
    ("eval_patterns: [1]", "[eval_patterns] expected a list of globs", "error"),
    ("eval_patterns: []", "the list is empty", "warning"),
    ("required_version: 4", "[required_version] expected a text", "error"),
    ("required_version: new", "expected a range of versions", "error"),
    ("results: 5", "[results] expected a mapping", "error"),
    ("results: {export: {repo: x}}", "[results.export.path] expected a text", "error"),
    ("results: {export: {repo: x, path: p, auto_push: 5}}", "expected true or false", "error"),
    ("execution: {verbose: 1}", "[execution.verbose] expected true or false", "error"),
    ("execution: {workspace_mode: odd}", "expected pooled, temp or static", "warning"),
    ("studio: {threshold: 5}", "expected a number from 0 to 1", "warning"),
    ("odd: 1", "Unknown field 'odd'", "warning"),
  ])
  func `project settings are checked`(yaml: String, text: String, severity: String) throws {
    expect(try problems(yaml, name: ".agentv/config.yaml"), holds: text, severity)
  }

  @Test func `hooks and studio are known settings`() throws {
    let text = "hooks: {before_session: x}\nstudio: {threshold: 0.5}\n$schema: agentv-config-v2"
    #expect(try problems(text, name: ".agentv/config.yaml").isEmpty)
  }

  @Test func `directories stand for the eval files in them, hidden ones left out`() throws {
    let project = try Project([
      "evals/a.eval.yaml": "", "evals/EVAL.yaml": "", "evals/b.yaml": "",
      "evals/.hidden/c.eval.yaml": "", "evals/node_modules/d.eval.yaml": "",
    ])
    let validator = Validator(
      workingDirectory: project.directory.path, environment: [:], patternProblem: { _, _ in nil })
    let names = try validator.files(["evals"]).map(Path.name)
    #expect(names == ["EVAL.yaml", "a.eval.yaml"])
    #expect(try validator.files(["evals/*.yaml"]).count == 3)
    #expect(throws: EvalFileError.self) { try validator.files(["none.yaml"]) }
  }
}
