import Core
import TestSupport
import Testing

@testable import EvalFiles

/// The `workspace` field and the kinds of eval files beyond YAML.
@Suite struct WorkspaceReadingTests {
  private func spec(
    _ yaml: String, files: [String: String] = [:]
  ) throws -> (spec: WorkspaceSpec?, notes: [String], project: Project) {
    let (suite, notes, project) = try load(
      "workspace: \(yaml)\ntests: [{id: a, input: i, criteria: c}]", files: files)
    return (suite.tests.first?.workspace?.value, notes, project)
  }

  @Test func `every field is read, paths start at the file`() throws {
    let (found, notes, project) = try spec(
      """

        template: ../tpl
        isolation: per_test
        mode: temp
        repos:
          - path: /lib
            source: {type: git, url: u}
            checkout: {ref: main, base_commit: abc, resolve: local, ancestor: 2}
            clone: {depth: 5, filter: "blob:none", sparse: [src]}
          - {path: loc, source: {type: local, path: ../r}}
        hooks:
          before_all: {command: "sh -c 'a b' x", timeout_ms: 5, cwd: ./h}
          before_each: {command: [x, y], reset: fast}
          after_each: {reset: strict}
          after_all: {script: [z]}
        env: {required_commands: [git], required_python_modules: [os]}
        docker: {image: i, timeout: 5, memory: 4g, cpus: 2}
      """)
    let workspace = try #require(found)
    let root = project.directory.path
    #expect(workspace.template == "\(root)/tpl")
    #expect(workspace.isolation == .perTest)
    #expect(workspace.mode == .temp)
    #expect(workspace.directory == "\(root)/evals")
    #expect(
      workspace.repos == [
        RepoSpec(
          path: "lib", source: .git(url: "u"), ref: "main", baseCommit: "abc",
          resolvesLocally: true, ancestor: 2, depth: 5, filter: "blob:none", sparse: ["src"]),
        RepoSpec(path: "loc", source: .local(path: "\(root)/r")),
      ])
    #expect(
      workspace.hooks?[.beforeAll]
        == HookSpec(
          command: ["sh", "-c", "a b", "x"], timeoutMS: 5, directory: "\(root)/evals/h"))
    #expect(workspace.hooks?[.beforeEach]?.reset == .fast)
    #expect(workspace.hooks?[.afterEach]?.command.isEmpty == true)
    #expect(workspace.hooks?[.afterAll]?.command == ["z"])
    #expect(
      workspace.requirements == WorkspaceRequirements(commands: ["git"], pythonModules: ["os"]))
    #expect(workspace.docker == DockerSpec(image: "i", timeoutSeconds: 5, memory: "4g", cpus: 2))
    #expect(notes.contains { $0.contains("'script' is deprecated") })
  }

  @Test func `a file of its own has its own directory`() throws {
    let (found, _, project) = try spec(
      "../shared/ws.yaml",
      files: ["shared/ws.yaml": "template: ./t\nhooks: {before_all: {command: [x]}}"])
    #expect(found?.template == project.directory.file("shared/t"))
    #expect(found?.directory == project.directory.file("shared"))
  }

  @Test(arguments: [
    ("{static_path: x}", "workspace.static_path has been removed"),
    ("{pool: x}", "workspace.pool has been removed"),
    ("{static: x}", "workspace.static has been removed"),
    ("{path: x, isolation: per_test}", "incompatible with isolation: per_test"),
    ("{path: x, mode: temp}", "workspace.path requires workspace.mode=static"),
    ("{repos: [{path: ../x, source: {type: git, url: u}}]}", "a directory inside the workspace"),
    ("./none.yaml", "Workspace file not found: ./none.yaml"),
  ])
  func `what cannot be meant fails the file`(yaml: String, text: String) throws {
    let message = try failure("workspace: \(yaml)\ntests: [{id: a, input: i, criteria: c}]")
    #expect(message?.contains(text) == true, "\(message ?? "nothing")")
  }

  @Test func `a wrapper in a file of its own is an error`() throws {
    let message = try failure(
      "workspace: w.yaml\ntests: []", files: ["evals/w.yaml": "workspace: {template: x}"])
    #expect(message?.contains("remove the top-level \"workspace:\" wrapper") == true)
  }

  @Test(arguments: [
    ("{isolation: odd}", "expected one of shared, per_test"),
    ("{odd: 1, template: x}", "Unknown field 'odd'"),
    ("{repos: [{path: x, source: {type: odd}}]}", "expected {type: git, url: URL}"),
    ("{repos: [{path: x, source: {type: git, url: u}, checkout: {ref: -x}}]}", "expected a branch"),
    ("{hooks: {before_all: {}}}", "neither command nor reset"),
    ("{hooks: {before_all: {command: [x], reset: fast}}}", "only before_each and after_each"),
    ("{docker: {memory: 4g}}", "needs the name of an image"),
  ])
  func `what makes no sense is named`(yaml: String, text: String) throws {
    let (_, notes, _) = try spec(yaml)
    #expect(notes.contains { $0.contains(text) }, "\(notes)")
  }

  @Test func `a test's workspace is put over the suite's, hooks key by key`() throws {
    let (suite, _, project) = try load(
      """
      workspace:
        template: a
        hooks: {before_all: {command: [x], timeout_ms: 5}, after_all: {command: [y]}}
        env: {required_commands: [git]}
      tests:
        - id: t
          input: i
          criteria: c
          workspace: {template: b, hooks: {before_all: {timeout_ms: 9}, enabled: false}}
        - {id: u, input: i, criteria: c}
      """)
    let merged = try #require(suite.tests[0].workspace?.value)
    #expect(merged.template == project.directory.file("evals/b"))
    #expect(merged.hooks?[.afterAll]?.command == ["y"])
    #expect(merged.hooks?.active(.afterAll) == nil, "switched off")
    #expect(merged.requirements?.commands == ["git"])
    #expect(suite.tests[1].workspace === suite.workspace, "kept once")
  }

  @Test func `hooks of a target are run by the shell`() throws {
    let (suite, _, _) = try load(
      """
      execution: {targets: [{name: a, hooks: {before_each: {command: "x | y"}}}, b]}
      tests: [{id: a, input: i, criteria: c}]
      """)
    #expect(suite.execution.targets[0].hooks?[.beforeEach]?.command == ["sh", "-c", "x | y"])
    #expect(suite.execution.targets[1].hooks == nil)
  }
}

@Suite struct FileKindTests {
  @Test func `evals of an agent skill become tests`() throws {
    let project = try Project([
      "s/evals.json": """
      {"skill_name": "csv", "evals": [
        {"id": 1, "prompt": "P", "expected_output": "E", "files": ["f.csv"], "assertions": ["A", "B"]},
        {"id": 2, "prompt": " "}, {"id": 3, "prompt": "Q", "files": ["../x"]}]}
      """, "s/f.csv": "",
    ])
    let loaded = try project.load("s/evals.json")
    let suite = try #require(loaded.suites.first)
    #expect(suite.name == "csv")
    #expect(suite.tests.map(\.id) == ["1", "3"])
    let test = suite.tests[0]
    #expect(test.input == [Message(role: "user", text: "P")])
    #expect(test.criteria == "E" && test.referenceAnswer == "E")
    #expect(test.assertions.map(\.name) == ["assertion-1", "assertion-2"])
    #expect(test.assertions.map(\.type) == ["llm-grader", "llm-grader"])
    #expect(test.metadata?["skill_name"] == "csv")
    #expect(
      test.workspace?.value.files
        == [WorkspaceFile(source: project.directory.file("s/f.csv"), destination: "f.csv")])
    let notes = loaded.diagnostics.map(\.description)
    #expect(notes.contains { $0.contains("id=2: missing or empty 'prompt'") })
    #expect(notes.contains { $0.contains("inside the skill's directory, found \"../x\"") })
  }

  @Test(arguments: [
    ("{}", "missing 'evals' array"), ("{\"evals\": []}", "'evals' array is empty"),
    ("{", "not valid"), ("[]", "missing 'evals' array"),
    ("{\"evals\": 5}", "missing 'evals' array"),
  ])
  func `a JSON file without evals says so`(json: String, text: String) throws {
    let project = try Project(["evals.json": json])
    let error = #expect(throws: EvalFileError.self) { try project.load("evals.json") }
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
  }

  @Test func `tests stand in a table, further columns are metadata`() throws {
    let (suite, _, _) = try load(
      "tests: ./t.csv",
      files: [
        "evals/t.csv": "id,input,criteria,expected_output,level\r\n"
          + "7,\"say \"\"hi\"\", please\nnow\",c,\"{\"\"a\"\": 1}\",hard\r\n\r\nb,i,c,,\r\n"
      ])
    #expect(suite.tests.map(\.id) == ["7", "b"])
    #expect(suite.tests[0].input == [Message(role: "user", text: "say \"hi\", please\nnow")])
    #expect(suite.tests[0].expectedOutput.first?.content == .object(["a": 1]))
    #expect(suite.tests[0].metadata == ["level": "hard"])
    #expect(suite.tests[1].metadata == nil)
    #expect(suite.tests[1].line == 5)
  }

  @Test(arguments: [
    ("id,id\n1,2", "column 2 needs a name of its own"), ("id,\n1,2", "column 2 needs a name"),
    ("id,input\n1,2,3", "expected 2 cells as in the first row, found 3"),
    ("id,input\n1,\"x", "a quote that is opened here is never closed"),
  ])
  func `a table that makes no sense says where`(csv: String, text: String) throws {
    let message = try failure("tests: ./t.csv", files: ["evals/t.csv": csv])
    #expect(message?.contains(text) == true, "\(message ?? "nothing")")
  }

  @Test func `a JSONL suite takes everything from the file beside it`() throws {
    let project = try Project([
      "d.jsonl":
        "{\"id\": \"a\", \"input\": \"x\", \"assertions\": [\"one\"], \"metadata\": {\"k\": 1}}",
      "d.eval.yaml": "name: side\ntags: [t]\ninput: [{role: system, content: s}]\ntests: ./d.jsonl",
    ])
    let suite = try #require(try project.load("d.jsonl").suites.first)
    #expect(suite.name == "side")
    #expect(suite.tags == ["t"])
    #expect(suite.tests[0].input.count == 2)
    #expect(suite.tests[0].metadata == ["k": 1])
  }

  @Test func `problems of one file are bounded`() throws {
    let tests = (0..<3000).map { "  - {id: t\($0), input: i, criteria: c, odd: 1}" }
    let (suite, notes, _) = try load("tests:\n" + tests.joined(separator: "\n"))
    #expect(suite.tests.count == 3000)
    #expect(notes.count == Problems.maximumKept)
    #expect(notes.last?.contains("2001 more problems of this file are not shown") == true)
  }

  @Test func `a secret that is written out is refused for its target only`() throws {
    let project = try Project([
      "targets.yaml": """
      targets:
        - {name: bad, provider: openai, api_key: sk-secret, model: m}
        - {name: good, provider: openai, api_key: "${{ KEY }}", model: m}
        - {name: lost, use_target: "${{ NOBODY }}"}
      """
    ])
    let set = try TargetsFile.load(
      project.directory.file("targets.yaml"), workingDirectory: project.directory.path)
    #expect(try set.resolve("good", environment: ["KEY": "k"]).settings["api_key"] == "k")
    let error = #expect(throws: EvalFileError.self) { try set.resolve("bad", environment: [:]) }
    #expect(error?.description.contains("'api_key' must use ${{ VARIABLE_NAME }} syntax") == true)
    #expect(error?.description.contains("sk-secret") == false)
    let lost = #expect(throws: EvalFileError.self) { try set.resolve("lost", environment: [:]) }
    #expect(lost?.description.contains("NOBODY") == true)
  }
}
