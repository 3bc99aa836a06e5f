import Core
import RunArtifacts
import TestSupport
import Testing

/// `agentv validate` as a user sees it.
@Suite(.timeLimit(.minutes(2))) struct ValidateTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  @Test func `valid files are listed and counted`() async throws {
    try project.suite("a", ["one"])
    let run = try await project.run("validate", "evals", ".agentv/targets.yaml")
    #expect(run.code == 0)
    #expect(run.stdout.hasPrefix("\nValidation Summary\n\n"))
    #expect(run.stdout.contains("✓ .agentv/targets.yaml\n✓ evals/a.eval.yaml\n"))
    #expect(run.stdout.contains("\nTotal files: 2\nValid: 2\nInvalid: 0\n"))
    #expect(run.stderr.isEmpty)
  }

  @Test func `every problem of a file is shown with its place, and stops no other file`()
    async throws
  {
    try project.suite("a", ["one"])
    try project.scratch.write(
      "evals/b.eval.yaml",
      "execution: {target: nobody}\ntests:\n  - {id: 1, input: i, criteria: c, odd: 1}\n  - {id: x}\n"
    )
    let run = try await project.run("validate", "evals")
    #expect(run.code == 1)
    for text in [
      "✓ evals/a.eval.yaml", "✗ evals/b.eval.yaml",
      "  ✗ [tests[0].id] 3:10: Missing or invalid 'id'",
      "  ⚠ [tests[0].odd] 3:36: Unknown field 'odd'",
      "  ✗ [tests[1].input] 4:5: test 'x': Missing 'input'",
      "  ✗ [execution.target] 1:21: Target 'nobody' not found",
      "\nTotal files: 2\nValid: 1\nInvalid: 1\nFiles with warnings: 1\n",
    ] {
      #expect(run.stdout.contains(text), "\(text) in \(run.stdout)")
    }
  }

  @Test func `more warnings than allowed fail`() async throws {
    try project.scratch.write(
      "a.eval.yaml", "odd: 1\ntests: [{id: a, input: i, criteria: c}]\n")
    #expect(try await project.run("validate", "a.eval.yaml").code == 0)
    let run = try await project.run("validate", "a.eval.yaml", "--max-warnings", "0")
    #expect(run.code == 1)
    #expect(run.stderr.contains("Found 1 warnings (max allowed: 0)"))
  }

  @Test func `the result is JSON when asked for`() async throws {
    try project.scratch.write(
      "a.eval.yaml",
      "tests: [{id: a, input: i, criteria: c, assertions: [{type: regex, value: '(a'}]}]\n")
    let run = try await project.run("validate", "a.eval.yaml", "--json")
    let json = try JSON.parse(Array(run.stdout.utf8))
    #expect(json["summary"] == ["total": 1, "valid": 1, "invalid": 0, "warnings": 1])
    let problem = try #require(json["files"]?[0]?["problems"]?[0])
    #expect(problem["severity"] == "warning")
    #expect(problem["test_id"] == "a")
    #expect(problem["line"] == 1)
    #expect(problem["location"] == "tests[0].assertions[0].value")
    #expect(problem["message"]?.string?.contains("Invalid regular expression") == true)
  }

  @Test func `a path that names nothing is an error`() async throws {
    let none = try await project.run("validate")
    #expect(none.code == 1)
    #expect(none.stderr.contains("Usage: agentv validate PATHS..."))
    let missing = try await project.run("validate", "nothing.yaml")
    #expect(missing.code == 1)
    #expect(missing.stderr.contains("Error: nothing.yaml does not exist"))
  }

  @Test func `a broken file stops no sound one, and the exit code says so`() async throws {
    try project.suite("a", ["one"])
    try project.scratch.write("evals/broken.eval.yaml", "tests: [")
    let run = try await project.run(
      "eval", "evals", "--target", "mock", "--output", "out")
    #expect(run.code == 1)
    #expect(run.stderr.contains("Error: evals/broken.eval.yaml:"))
    #expect(try project.contents("out").rows.map(\.testID) == ["one"])
    try project.suite("broken", ["two"])
    #expect(try await project.run("eval", "--output", "out", "--resume").code == 0)
    #expect(try project.contents("out").rows.map(\.testID) == ["one", "two"])
  }

  @Test func `the hook of a session runs first, and what it prints is in the environment`()
    async throws
  {
    try project.suite("a", ["one"])
    try project.scratch.write(
      ".agentv/config.yaml",
      """
      hooks: {before_session: 'echo "export HOOK_ANSWER=\"fine it is\""; echo PATH=nowhere; echo said >&2'}
      execution: {otel_file: 'trace-{timestamp}.json'}
      """)
    try project.scratch.write(
      "t.yaml", "targets: [{name: default, provider: mock, response: '${{ HOOK_ANSWER }}'}]\n")
    let run = try await project.run("eval", "evals", "--targets", "t.yaml", "--output", "out")
    #expect(run.stdout.contains("before_session hook injected 1 environment variable(s)."))
    #expect(run.stderr.contains("said"))
    let response = try FileIO.read(project.scratch.file("out/a/one/outputs/response.md"))
    #expect(String(decoding: response, as: UTF8.self).contains("fine it is"))
    #expect(
      try FileIO.list(project.path).contains { $0.hasPrefix("trace-") && $0.hasSuffix(".json") })
    try project.scratch.write(".agentv/config.yaml", "hooks: {before_session: 'exit 3'}\n")
    let refused = try await project.run("eval", "evals", "--targets", "t.yaml")
    #expect(refused.code == 1)
    #expect(refused.stderr.contains("before_session hook exited with code 3: exit 3"))
  }

  @Test func `a test that cannot be used is left out, and the exit code says so`() async throws {
    try project.scratch.write(
      "evals/a.eval.yaml",
      """
      tests:
        - {id: one, input: hi, criteria: x, assertions: [{type: contains, value: ok}]}
        - {id: two, criteria: x}
      """)
    let run = try await project.run("eval", "evals", "--target", "mock", "--output", "out")
    #expect(run.code == 1)
    #expect(run.stderr.contains("test 'two'"))
    #expect(run.stderr.contains("Some eval files or tests could not be used"))
    #expect(try project.contents("out").rows.map(\.testID) == ["one"])
  }
}
