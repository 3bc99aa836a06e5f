import Core
import RunArtifacts
import TestSupport
import Testing

/// Tests that work in workspaces, as a user sees them.
@Suite(.timeLimit(.minutes(3))) struct EvalWorkspaceTests {
  private let project: EvalProject

  init() throws {
    project = try EvalProject()
    try project.scratch.write("template/a.txt", "base\n")
    try project.scratch.write(
      ".agentv/targets.yaml",
      """
      targets:
        - name: default
          provider: cli
          command: "echo changed > a.txt; pwd > {OUTPUT_FILE}; case {EVAL_ID} in *bad*) exit 3;; esac"
      """)
  }

  private func suite(_ workspace: String, _ ids: [String] = ["one"], grader: String = "") throws {
    let assertions = grader.isEmpty ? "{type: contains, value: /}" : grader
    let tests = ids.map {
      "  - {id: \($0), input: i, criteria: c, assertions: [\(assertions)]}"
    }
    try project.scratch.write(
      "evals/a.eval.yaml",
      "name: a\nworkspace: \(workspace)\ntests:\n\(tests.joined(separator: "\n"))\n")
  }

  private func run(_ more: String...) async throws -> FinishedAgentv {
    try await project.finish(
      try await RunningAgentv(
        ["eval", "evals", "--output", "out", "--max-retries", "0"] + more, in: project.path))
  }

  private var home: String { project.scratch.file(".agentv/workspaces") }

  @Test func `the target works in a copy of the template, graders see what it changed`()
    async throws
  {
    try suite(
      "{template: ../template, hooks: {before_all: {command: [echo, all]}, "
        + "before_each: {command: [echo, each]}, after_each: {command: [echo, after]}}}",
      grader: "{type: code-grader, command: [sh, -c, 'grep -q changed $AGENTV_WORKSPACE_PATH/a.txt"
        + " && grep -q \"+changed\"']}")
    let run = try await run()
    #expect(run.code == 0, "\(run.stderr)")
    let row = try #require(try project.contents("out").rows.first)
    #expect(row.executionStatus == .ok)
    #expect(row.extra["before_all_output"] == "all\n")
    #expect(row.extra["before_each_output"] == "each\n")
    #expect(row.extra["after_each_output"] == "after\n")
    #expect(row.workspacePath == nil)
    let grading = try JSON.parse(
      try FileIO.read(project.scratch.file("out/\(row.gradingPath ?? "")")))
    #expect(grading["workspace_changes"]?["files_modified"] == 1)
    #expect(
      try String(decoding: FileIO.read(project.scratch.file("template/a.txt")), as: UTF8.self)
        == "base\n")
    #expect(((try? FileIO.list(home)) ?? []).isEmpty)
  }

  @Test func `the workspace of a failed test is kept and named`() async throws {
    try suite("{template: ../template, isolation: per_test}", ["good", "bad"])
    let run = try await run()
    let rows = try project.contents("out").rows
    let bad = try #require(rows.first { $0.testID == "bad" })
    let path = try #require(bad.workspacePath)
    #expect(FileIO.exists("\(path)/a.txt"))
    #expect(run.stdout.contains("Preserved workspaces:\n  bad -> \(path)\n"))
    #expect(rows.first { $0.testID == "good" }?.workspacePath == nil)
    #expect(try FileIO.list(Path.directory(path)).filter { !$0.hasPrefix(".") } == ["bad"])
  }

  @Test(arguments: [
    (
      "{hooks: {before_all: {command: [sh, -c, 'echo broken >&2; exit 3']}}}", "setup",
      "setup_error", "Script failed: broken"
    ),
    (
      "{hooks: {before_each: {command: [sh, -c, 'echo broken >&2; exit 3']}}}", "setup",
      "script_error", "Script failed: broken"
    ),
    ("{template: ./none}", "setup", "template_error", "Workspace template not found"),
    (
      "{repos: [{path: lib, source: {type: local, path: ./none}}]}", "repo_setup",
      "local_path_not_found", "local source path not found"
    ),
    (
      "{repos: [{path: lib, source: {type: git, url: 'file:///no/such'}}]}", "repo_setup",
      "clone_error", "repo \"lib\""
    ),
    (
      "{template: ../template, env: {required_commands: [no-such-program]}}", "setup",
      "setup_error", "no-such-program"
    ),
  ])
  func `what cannot be set up is an execution error of its tests`(
    workspace: String, stage: String, code: String, text: String
  ) async throws {
    try suite(workspace, ["one", "two"])
    let run = try await run()
    #expect(run.code == 2)
    let rows = try project.contents("out").rows
    #expect(rows.map(\.failureStage) == [stage, stage])
    #expect(rows.map(\.failureReasonCode) == [code, code])
    #expect(rows.allSatisfy { $0.error?.contains(text) == true }, "\(rows.map(\.error))")
  }

  @Test func `a stop ends a hook with all it started and leaves no row`() async throws {
    try suite("{hooks: {before_all: {command: [sh, -c, 'sleep 600 & touch started; wait']}}}")
    let running = try await project.start("eval", "evals", "--output", "out")
    let marker = project.scratch.file("evals/started")
    while !FileIO.exists(marker) { await Task.yield() }
    await running.signal(15)
    let run = try await project.finish(running)
    #expect(run.code == 143)
    #expect(try project.contents("out").rows.isEmpty)
    #expect(project.processes().isEmpty)
    #expect(((try? FileIO.list(home)) ?? []).isEmpty)
  }

  @Test func `a directory of the command line's is used as it is, also without a workspace`()
    async throws
  {
    try project.scratch.write(
      "evals/a.eval.yaml",
      "tests: [{id: one, input: i, criteria: c, assertions: [{type: contains, value: mine}]}]\n")
    try project.scratch.write("mine/a.txt", "mine\n")
    #expect(try await run("--workspace-path", "mine").code == 0)
    let row = try #require(try project.contents("out").rows.first)
    #expect(row.executionStatus == .ok)
    #expect(
      try String(decoding: FileIO.read(project.scratch.file("mine/a.txt")), as: UTF8.self)
        == "changed\n")
  }

  @Test(arguments: [
    (["--workspace-path", "none"], "is no directory that exists"),
    (["--workspace-mode", "odd"], "--workspace-mode must be pooled, temp or static, got: odd"),
    (
      ["--workspace-path", "evals", "--workspace-mode", "temp"], "requires --workspace-mode static"
    ),
  ])
  func `options that do not go together are refused`(
    arguments: [String], text: String
  ) async throws {
    try suite("{template: ../template}")
    let run = try await project.finish(
      try await RunningAgentv(["eval", "evals"] + arguments, in: project.path))
    #expect(run.code == 1)
    #expect(run.stderr.contains(text), "\(run.stderr)")
  }

  @Test func `settings of the project are heard: keep, version, strictness`() async throws {
    try suite("{template: ../template}")
    try project.scratch.write(
      ".agentv/config.yaml", "execution: {keep_workspaces: true}\nrequired_version: '>=99'\n")
    let run = try await run()
    #expect(run.code == 0)
    #expect(run.stdout.contains("Preserved workspaces:\n  shared -> "))
    #expect(run.stderr.contains("This project requires agentv >=99"))
    let strict = try await project.run("eval", "evals", "--output", "other", "--strict")
    #expect(strict.code == 1)
  }

  @Test func `files of a skill's eval are in its workspace`() async throws {
    try project.scratch.write(
      "skill/evals.json",
      """
      {"skill_name": "s", "evals": [{"id": 1, "prompt": "Read it.", "expected_output": "x",
        "files": ["files/data.csv"], "assertions": ["It reads."]}]}
      """)
    try project.scratch.write("skill/files/data.csv", "a,b\n")
    try project.scratch.write(
      ".agentv/targets.yaml",
      """
      targets:
        - {name: default, provider: cli, command: "cp files/data.csv {OUTPUT_FILE}", grader_target: j}
        - {name: j, provider: mock, response: '{"score": 1}'}
      """)
    let run = try await project.run("eval", "skill/evals.json", "--output", "out")
    let row = try #require(try project.contents("out").rows.first, "\(run.stderr)")
    #expect(row.testID == "1")
    #expect(row.suite == "s")
    #expect(row.metadata?["agent_skills_files"] == ["files/data.csv"])
    let answer = try FileIO.read(project.scratch.file("out/\(row.outputPath ?? "")"))
    #expect(String(decoding: answer, as: UTF8.self).contains("a,b"))
  }
}
