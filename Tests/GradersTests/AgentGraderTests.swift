import Core
import EvalFiles
import Glibc
import TestSupport
import Testing

@testable import Graders

@Suite(.timeLimit(.minutes(1))) struct AgentGraderTests {
  private func grade(
    _ target: ScriptedTarget, _ config: JSONObject = [:], rubrics: [RubricItem] = [],
    workspace: String? = nil
  ) async throws -> GraderScore {
    var run = input("x")
    run.targets = target
    run.workspacePath = workspace
    var spec = GraderSpec(name: "g", type: "llm-grader", config: config)
    spec.rubrics = rubrics
    return try await GraderRegistry.grade(spec, run)
  }

  @Test func `an agent is asked once, with the form of the reply in its prompt`() async throws {
    let target = ScriptedTarget(#"{"score": 0.9, "details": {"mode": "x"}}"#, kind: .agent)
    let score = try await grade(target)
    #expect(score.score == 0.9)
    #expect(score.details?["grader_target"] == "judge")
    #expect(score.input?["mode"] == "delegate")
    #expect(target.questions[0].systemPrompt == nil)
    #expect(target.questions[0].prompt.contains("\"score\": <number from 0.0 to 1.0>"))
    let named = try await grade(
      ScriptedTarget(#"{"score": 0.9}"#, kind: .agent), ["target": "judge"])
    #expect(named.details?["mode"] == "grader_target")
  }

  @Test(arguments: [
    ("garbage", "Failed to parse llm-grader agent response as valid evaluation JSON"),
    (" ", "llm-grader delegate returned no assistant response"),
  ])
  func `a reply of an agent that cannot be read scores 0`(reply: String, text: String) async throws
  {
    let target = ScriptedTarget(reply, kind: .agent)
    let score = try await grade(target)
    #expect((score.score, score.verdict) == (0, .fail))
    #expect(score.assertions.map(\.text) == [text])
    #expect(target.questions.count == 1)
  }

  @Test func `an agent that cannot be asked is no bad answer`() async throws {
    let score = try await grade(ScriptedTarget([.failure(GraderError("gone"))], kind: .agent))
    #expect(score.verdict == .skip)
    #expect(score.assertions.map(\.text) == ["llm-grader delegate evaluation failed: gone"])
  }

  @Test func `ranges and checklists work with agents`() async throws {
    let score = try await grade(
      ScriptedTarget(#"{"checks": [{"id": "rubric-1", "score": 8}]}"#, kind: .agent),
      rubrics: [
        RubricItem(
          id: "rubric-1", outcome: "x",
          scoreRanges: [RubricItem.ScoreRange(low: 0, high: 10, outcome: "any")])
      ])
    #expect(score.score == 0.8)
    #expect(score.details?["raw_scores"] == ["rubric-1": 8])
  }

  // MARK: The built-in loop

  @Test func `the built-in grader looks into the workspace and judges`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("src/a.txt", "needle here\n")
    let target = ScriptedTarget(
      #"{"tool": "list_files", "input": {"path": "."}}"#,
      "Let me see:\n" + #"{"tool": "read_file", "input": {"path": "src/a.txt"}}"#,
      #"{"tool": "search_files", "input": {"pattern": "NEEDLE"}}"#, #"{"score": 1}"#, kind: .builtIn
    )
    let score = try await grade(target, workspace: directory.path)
    #expect(score.score == 1)
    #expect(score.details == ["mode": "built-in", "steps": 4, "tool_calls": 3])
    let last = try #require(target.questions.last?.prompt)
    #expect(last.contains(#"[{"name":"src","type":"directory"}]"#))
    #expect(last.contains(#""content":"needle here\n""#))
    #expect(last.contains(#"{"file":"src/a.txt","line":1,"text":"needle here"}"#))
  }

  @Test func `the loop ends after its steps`() async throws {
    let directory = try TemporaryDirectory()
    let target = ScriptedTarget(#"{"tool": "list_files"}"#, kind: .builtIn)
    let score = try await grade(target, ["max_steps": 3], workspace: directory.path)
    #expect((score.score, score.verdict) == (0, .fail))
    #expect(target.questions.count == 3)
    #expect(target.questions[2].prompt.contains("last turn"))
    #expect(
      score.assertions.map(\.text) == [
        "Failed to parse llm-grader agent response as valid evaluation JSON"
      ])
  }

  @Test func `a reply that cannot be read may be put right in the next turn`() async throws {
    let directory = try TemporaryDirectory()
    let target = ScriptedTarget("hm", #"{"score": 0.6}"#, kind: .builtIn)
    #expect(try await grade(target, workspace: directory.path).score == 0.6)
    #expect(target.questions[1].prompt.contains("could not be read"))
  }

  @Test func `without a workspace the built-in grader judges as a model`() async throws {
    let target = ScriptedTarget(#"{"score": 0.6}"#, kind: .builtIn)
    let score = try await grade(target)
    #expect(score.score == 0.6)
    #expect(score.details == nil)
  }
}

@Suite(.timeLimit(.minutes(1))) struct WorkspaceToolTests {
  @Test(arguments: ["../secret", "/etc/passwd", "link", "dir/../../secret", "linkdir/x"])
  func `no path leads out of the workspace`(path: String) throws {
    let directory = try TemporaryDirectory()
    try directory.write("secret", "s")
    try directory.write("other/x", "s")
    try directory.write("work/dir/a", "a")
    _ = symlink(directory.file("secret"), directory.file("work/link"))
    _ = symlink(directory.file("other"), directory.file("work/linkdir"))
    let tools = WorkspaceTools(root: directory.file("work"))
    for tool in ["read_file", "list_files", "search_files"] {
      let result = tools.run(tool, ["path": .string(path), "pattern": "s"])
      #expect(result["error"]?.string?.isEmpty == false, "\(tool): \(result)")
    }
  }

  @Test func `a search stays inside and skips what is no text of the author's`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("secret", "needle")
    try directory.write("work/a.txt", "x\nNeedle \(String(repeating: "y", count: 500))\n")
    try directory.write("work/node_modules/b.txt", "needle")
    try directory.write("work/c.png", "needle")
    try directory.write("work/big.txt", String(repeating: "needle\n", count: 20_000))
    _ = symlink(directory.path, directory.file("work/up"))
    let result = WorkspaceTools(root: directory.file("work")).run(
      "search_files", ["pattern": "needle"])
    #expect(result["total"] == 1)
    #expect(result["matches"]?[0]?["file"] == "a.txt")
    #expect(result["matches"]?[0]?["line"] == 2)
    #expect(result["matches"]?[0]?["text"]?.string?.count == 200)
  }

  @Test func `what goes wrong is told to the model`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a/b.txt", String(repeating: "z", count: 60_000))
    mkfifo(directory.file("pipe"), 0o600)
    let tools = WorkspaceTools(root: directory.path)
    #expect(tools.run("read_file", ["path": "a"])["error"] == "'a' is a directory, not a file")
    #expect(tools.run("read_file", ["path": "pipe"])["error"] == "'pipe' is no regular file")
    #expect(tools.run("read_file", ["path": "no"])["error"] == "there is no 'no'")
    #expect(
      tools.run("search_files", ["pattern": "("])["error"]?.string?.contains("Unterminated group")
        == true)
    #expect(tools.run("delete", [:])["error"]?.string?.contains("no tool 'delete'") == true)
    let long = tools.run("read_file", ["path": "a/b.txt"])
    #expect(long["truncated"] == true)
    #expect(long["content"]?.string?.count == 50 << 10)
    #expect(long["size"] == 60_000)
  }
}
