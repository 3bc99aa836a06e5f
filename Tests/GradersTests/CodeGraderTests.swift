import Core
import EvalFiles
import Supervisor
import TestSupport
import Testing

@testable import Graders

@Suite(.timeLimit(.minutes(1))) struct CodeGraderTests {
  /// Runs a shell script as a grader in a directory of its own.
  private func run(
    _ script: String, config: JSONObject = [:], test: EvalTest? = nil, output: [Message]? = nil,
    timeout: Duration? = nil
  ) async throws -> GraderScore {
    let directory = try TemporaryDirectory()
    try directory.write("grade.sh", script)
    var test = test ?? EvalTest(id: "t", suite: "s", input: [Message(role: "user", text: "hi")])
    test.directory = directory.path
    var settings: JSONObject = ["command": ["sh", "grade.sh"]]
    for (key, value) in config { settings[key] = value }
    return try await GraderRegistry.grade(
      GraderSpec(
        name: "g", type: "code-grader", config: settings, searchRoots: [directory.path]),
      input("answer", test: test, output: output, timeout: timeout))
  }

  @Test(
    arguments: [
      (
        #"echo '{"score": 0.5, "assertions": [{"text": "a", "passed": true}, {"text": "b", "passed": 0, "evidence": "e"}, {"passed": true}]}'"#,
        0.5,
        [AssertionResult("a", passed: true), AssertionResult("b", passed: false, evidence: "e")]
      ),
      (#"echo '{"score": 7}'"#, 1, []),
      (#"echo '{"score": -1}'"#, 0, []),
      (
        #"echo '{"assertions": [{"text": "a", "passed": true}, {"text": "b", "passed": ""}]}'"#,
        0.5,
        [AssertionResult("a", passed: true), AssertionResult("b", passed: false)]
      ),
      (#"echo '{}'"#, 0, []),
      ("echo all good", 1, [AssertionResult("all good", passed: true)]),
      ("exit 0", 1, [AssertionResult("exit 0", passed: true)]),
      ("echo bad; exit 1", 0, [AssertionResult("bad", passed: false)]),
      ("exit 3", 0, [AssertionResult("exit 3", passed: false)]),
      ("echo 0.7", 1, [AssertionResult("0.7", passed: true)]),
      ("echo '[1]'", 1, [AssertionResult("[1]", passed: true)]),
      (
        "echo why >&2; exit 2", 0,
        [
          AssertionResult(
            "Code evaluator failed: Code evaluator exited with code 2: why", passed: false)
        ]
      ),
      (
        #"echo '{"score": 1}'; exit 1"#, 0,
        [AssertionResult("Code evaluator failed: Code evaluator exited with code 1", passed: false)]
      ),
      ("kill -9 $$", 0, [AssertionResult("exit 137", passed: false)]),
    ] as [(String, Double, [AssertionResult])])
  func `stdout and exit code decide in the documented order`(
    script: String, expected: Double, assertions: [AssertionResult]
  ) async throws {
    let score = try await run(script)
    #expect(score.score == expected)
    #expect(score.verdict == (expected >= 0.8 ? .pass : .fail))
    #expect(score.assertions == assertions)
  }

  @Test func `stdin holds everything that is known, names in snake_case`() async throws {
    var test = EvalTest(
      id: "t", suite: "s", input: [Message(role: "user", text: "hi")],
      expectedOutput: [Message(role: "assistant", content: .object(["riskLevel": "High"]))],
      criteria: "be good")
    test.metadata = ["secret": true]
    let output = [
      Message(
        role: "assistant", content: .text("done"),
        toolCalls: [ToolCall(tool: "Read", input: ["filePath": "x"], durationMS: 5)])
    ]
    let score = try await run(
      "cat > payload.json; printf '{\"score\": 1, \"details\": '; cat payload.json; printf '}'",
      config: ["myLimit": 3, "min_score": 0.5, "weight": 2], test: test, output: output)
    let payload = try #require(score.details)
    #expect(
      payload.names == [
        "criteria", "expected_output", "output", "input_files", "input", "trace", "token_usage",
        "cost_usd", "duration_ms", "start_time", "end_time", "file_changes", "workspace_path",
        "config",
      ])
    #expect(payload["criteria"] == "be good")
    #expect(
      payload["expected_output"] == [["role": "assistant", "content": ["risk_level": "High"]]])
    #expect(
      payload["output"]?[0]?["tool_calls"]?[0] == [
        "tool": "Read", "input": ["file_path": "x"], "duration_ms": 5,
      ])
    #expect(
      payload["trace"] == [
        "event_count": 1, "tool_calls": ["Read": 1], "error_count": 0, "llm_call_count": 1,
        "tool_durations": ["Read": [5]],
      ])
    #expect(payload["config"] == ["my_limit": 3, "min_score": 0.5])
    #expect(payload["token_usage"] == .null)
  }

  @Test func `a long output goes to a file that is gone afterwards`() async throws {
    let output = [Message(role: "assistant", text: String(repeating: "x", count: 60_000))]
    let score = try await run(
      """
      path=$(sed -n 's/.*"output_path": "\\(.*\\)",/\\1/p')
      echo "$path $(wc -c < "$path")"
      """, output: output)
    let words = (score.assertions.first?.text ?? "").split(separator: " ")
    #expect(words.count == 2)
    #expect(words.last == "60035")
    #expect(!FileIO.exists(String(words[0])))
  }

  @Test func `the command is echoed with its directory`() async throws {
    let score = try await run("exit 0")
    #expect(score.input?["command"] == ["sh", "grade.sh"])
    #expect(score.input?["cwd"]?.string?.isEmpty == false)
  }

  @Test func `a command of one text is run by the shell`() async throws {
    let score = try await run("", config: ["command": "test 1 = 1 && echo yes"])
    #expect(score.assertions == [AssertionResult("yes", passed: true)])
    #expect(score.input?["command"] == ["sh", "-lc", "test 1 = 1 && echo yes"])
  }

  @Test func `the working directory is looked for in the search roots`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("tools/x", "")
    let spec = GraderSpec(
      name: "g", type: "code-grader", config: ["command": ["pwd"], "cwd": "tools"],
      searchRoots: [directory.file("nothing"), directory.path])
    let score = try await GraderRegistry.grade(spec, input("a"))
    #expect(score.assertions.first?.text == directory.file("tools"))
  }

  @Test(
    arguments: [
      (["/nonexistent/grader"], "cannot start \"/nonexistent/grader\""),
      (["no-such-command-here"], "no-such-command-here"),
    ] as [(JSON, String)])
  func `a program that is missing fails this grader alone`(command: JSON, text: String) async throws
  {
    let score = try await run("", config: ["command": command])
    #expect(score.score == 0)
    #expect(score.assertions.first?.text.hasPrefix("Code evaluator failed: ") == true)
    #expect(score.assertions.first?.text.contains(text) == true, "\(score.assertions)")
    #expect(score.input?["error"] != nil)
  }

  @Test func `a script that never ends is stopped with everything it started`() async throws {
    let directory = try TemporaryDirectory()
    let marker = directory.file("pid")
    let score = try await run(
      "sleep 600 & echo $! > '\(marker)'; wait", timeout: .milliseconds(300))
    #expect(
      score.assertions == [
        AssertionResult("Code evaluator failed: timed out after 0.3 s", passed: false)
      ])
    let pid = String(decoding: try FileIO.read(marker), as: UTF8.self).trimmed
    #expect(!FileIO.exists("/proc/\(pid)"))
  }

  @Test func `a script that floods stdout is reported`() async throws {
    let score = try await run("head -c 20000000 /dev/zero | tr '\\0' x")
    #expect(
      score.assertions.first?.text
        == "Code evaluator failed: Code evaluator wrote more than 16 MiB to stdout")
  }

  @Test func `a script that does not read its input is fine`() async throws {
    let output = [Message(role: "assistant", text: String(repeating: "x", count: 49_000))]
    #expect(try await run("exit 0", output: output).score == 1)
  }

  @Test func `a stopped run has no result`() async throws {
    let task = Task { try await self.run("sleep 600") }
    task.cancel()
    let error = await #expect(throws: GraderError.self) { try await task.value }
    #expect(error?.isCancelled == true)
  }

  @Test func `images are files and the cookie is in the environment`() async throws {
    let test = EvalTest(
      id: "case-1", suite: "s",
      input: [
        Message(
          role: "user",
          content: .blocks([
            ["type": "image", "media_type": "image/png", "source": "data:image/png;base64,YWJj"]
          ]))
      ])
    let score = try await run(
      """
      path=$(sed -n 's/.*"path": "\\(.*png\\)".*/\\1/p')
      echo "$AGENTV_TEST_ID $(cat "$path")"
      """, test: test)
    #expect(score.assertions.first?.text == "case-1 abc")
  }
}
