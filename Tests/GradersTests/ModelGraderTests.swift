import Core
import EvalFiles
import TestSupport
import Testing

@testable import Graders

@Suite(.timeLimit(.minutes(1))) struct ModelGraderTests {
  /// Grades with a target that gives these replies.
  private func grade(
    _ config: JSONObject, _ target: ScriptedTarget, type: String = "llm-grader",
    answer: String = "forty-two", criteria: String = "It is right.", expected: String? = nil,
    warn lines: Lines? = nil,
    change: (inout GraderInput) -> Void = { _ in }
  ) async throws -> GraderScore {
    var test = EvalTest(
      id: "t", suite: "s", input: [Message(role: "user", text: "What is it?")], criteria: criteria)
    if let expected { test.expectedOutput = [Message(role: "assistant", text: expected)] }
    var run = input(answer, test: test)
    run.targets = target
    if let lines { run.warn = lines.add }
    change(&run)
    return try await GraderRegistry.grade(
      GraderSpec(name: "g", type: type, config: config, searchRoots: []), run)
  }

  // MARK: Replies

  @Test(
    arguments: [
      (#"{"score": 0.5}"#, 0.5, []),
      (
        #"{"score": 1, "assertions": [{"text": "a", "passed": true, "evidence": "e"}], "details": {"n": 1}}"#,
        1, [AssertionResult("a", passed: true, evidence: "e")]
      ),
      ("Sure!\n```json\n{\"score\": 0.8}\n```\nBye {not json", 0.8, []),
      (#"text {"score": 0.9} more"#, 0.9, []),
      (
        #"{"score": 1, "assertions": [{"text": "a", "passed": "TRUE"}, {"text": "b", "passed": yes}, {"text": "c", "passed": "maybe"}]}"#,
        1,
        [
          AssertionResult("a", passed: true), AssertionResult("b", passed: false),
          AssertionResult("c", passed: false),
        ]
      ),
      (#"{"score": 1, "assertions": [{"text": "a", "passed": true, "evidence": null}]}"#, 1, nil),
    ] as [(String, Double, [AssertionResult]?)])
  func `a free reply is read with what models put around it`(
    reply: String, expected: Double, assertions: [AssertionResult]?
  ) async throws {
    // A closing brace behind the JSON spoils a reply; the second one is clean.
    let target = ScriptedTarget(reply.replacing("Bye {not json", with: "Bye"))
    let score = try await grade([:], target)
    #expect(score.score == expected)
    #expect(score.target == "judge")
    if let assertions { #expect(score.assertions == assertions) }
    #expect(target.questions.count == 1)
  }

  @Test func `only eight statements of a free reply are kept`() async throws {
    let items = (0..<12).map { #"{"text": "s\#($0)", "passed": true}"# }.joined(separator: ", ")
    let score = try await grade([:], ScriptedTarget(#"{"score": 1, "assertions": [\#(items)]}"#))
    #expect(score.assertions.count == 8)
  }

  @Test(
    arguments: [
      "", "   ", "no json at all", "{", "{\"score\": 2}", "{\"score\": \"high\"}", "{}", "[1]",
      "null",
      "{\"score\": 0.5, \"assertions\": [{\"text\": 1, \"passed\": true}]}",
      "{\"score\": 0.5, \"assertions\": \"all\"}", "{\"score\": 0.5", "\u{0}\u{FFFD}{{{{",
      String(repeating: "[", count: 100_000), "{\"score\": NaN}", "{\"score\": 1e999}",
    ])
  func `a reply that is none is tried three times and then skipped`(reply: String) async throws {
    let lines = Lines()
    let target = ScriptedTarget(reply)
    let score = try await grade([:], target, warn: lines)
    #expect((score.verdict, score.score) == (.skip, 0))
    // The repair call only makes sense when there is something to repair.
    let isBlank = reply.trimmed.isEmpty
    #expect(target.questions.count == (isBlank ? 3 : 4))
    #expect(
      score.assertions.first?.text.hasPrefix("Grader parse failure after 3 attempts: ") == true)
    #expect(lines.all.count == 1)
    #expect(lines.all[0].hasPrefix("⚠ LLM grader \"g\" failed after 3 attempts ("))
    #expect(lines.all[0].hasSuffix(") — skipped"))
  }

  @Test func `a reply without end is refused, not read`() async throws {
    let huge =
      #"{"score": 1, "details": {"x": ""# + String(repeating: "x", count: 9 << 20) + #""}}"#
    let score = try await grade([:], ScriptedTarget(huge))
    #expect(score.verdict == .skip)
    #expect(score.assertions.first?.text.contains("longer than 8 MiB") == true)
  }

  @Test func `the model is asked once to repair its last reply`() async throws {
    let target = ScriptedTarget("x", "y", #"{"score": "good", "why": "z"}"#, #"{"score": 0.7}"#)
    let score = try await grade([:], target)
    #expect(score.score == 0.7)
    let repair = try #require(target.questions.last)
    #expect(repair.prompt.contains(#"{"score": "good", "why": "z"}"#))
    #expect(repair.prompt.contains("score must be a number from 0 to 1"))
    #expect(repair.systemPrompt == target.questions[0].systemPrompt)
  }

  @Test func `a call that fails is tried again, one that cannot work is not`() async throws {
    let flaky = ScriptedTarget([
      .failure(GraderError("connection lost")), .success(GraderReply(text: #"{"score": 1}"#)),
    ])
    #expect(try await grade([:], flaky).score == 1)
    #expect(flaky.questions.count == 2)
    let wrong = ScriptedTarget([.failure(GraderError("no key", isPermanent: true))])
    let score = try await grade([:], wrong)
    #expect(score.verdict == .skip)
    #expect(wrong.questions.count == 1)
  }

  @Test func `a stop while a model is asked leaves no result`() async throws {
    let error = await #expect(throws: GraderError.self) {
      try await self.grade([:], ScriptedTarget([.failure(.cancelled)]))
    }
    #expect(error?.isCancelled == true)
  }

  @Test func `tokens and cost of all calls are summed`() async throws {
    let reply = GraderReply(
      text: "x", tokenUsage: TokenUsage(input: 10, output: 2, cached: 1), costUSD: 0.25)
    var last = reply
    last.text = #"{"score": 1}"#
    let score = try await grade([:], ScriptedTarget([.success(reply), .success(last)]))
    #expect(score.tokenUsage == TokenUsage(input: 20, output: 4, cached: 2))
    #expect(score.costUSD == 0.5)
    #expect(score.json["cost_usd"] == 0.5)
  }

  // MARK: Prompts

  @Test func `the built-in prompt has its sections in order`() async throws {
    let target = ScriptedTarget(#"{"score": 1}"#)
    let score = try await grade([:], target, expected: "42") { run in
      run.fileChanges = "diff"
      run.output[0].toolCalls = [
        ToolCall(tool: "Bash", input: ["command": "ls"]), ToolCall(tool: "Think"),
        ToolCall(tool: "Ask", input: ["n": 1, "q": "who"]),
      ]
    }
    let question = try #require(target.questions.first)
    #expect(
      question.prompt.hasSuffix(
        """
        [[ ## criteria ## ]]
        It is right.

        [[ ## question ## ]]
        What is it?

        [[ ## reference_answer ## ]]
        42

        [[ ## answer ## ]]
        forty-two

        [[ ## file_changes ## ]]
        diff

        [[ ## tool_calls ## ]]
        - Bash: ls
        - Think
        - Ask: who
        """))
    #expect(question.systemPrompt?.contains("\"score\"") == true)
    #expect(score.input?["user_prompt"] == .string(question.prompt))
    #expect(score.input?["system_prompt"] == .string(question.systemPrompt ?? ""))
  }

  @Test func `inline text without variables stands for the criteria`() async throws {
    let target = ScriptedTarget(#"{"score": 1}"#)
    _ = try await grade(["prompt": "Be {{ polite }}."], target)
    #expect(
      target.questions[0].prompt.contains("[[ ## criteria ## ]]\nBe {{ polite }}.\n") == true)
  }

  @Test func `inline text with a variable is the whole prompt`() async throws {
    let target = ScriptedTarget(#"{"score": 1}"#)
    _ = try await grade(
      ["prompt": "Q {{input}} A {{ output }} R {{expected_output}} C {{criteria}} X {{ other }}"],
      target, answer: "{{ input }}", expected: "ref")
    #expect(
      target.questions[0].prompt == "Q What is it? A {{ input }} R ref C It is right. X {{ other }}"
    )
  }

  @Test func `old names of variables work with a warning`() async throws {
    let lines = Lines()
    let target = ScriptedTarget(#"{"score": 1}"#)
    _ = try await grade(
      ["prompt": "{{ input_text }} {{ output_text }} {{ expected_output_text }}"], target,
      expected: "ref", warn: lines)
    #expect(target.questions[0].prompt == "What is it? forty-two ref")
    #expect(lines.all.count == 1)
    #expect(lines.all[0].contains("{{ input_text }} → {{ input }}"))
  }

  @Test(arguments: ["file://prompts/p.md", "prompts/p.md", "./prompts/p.md", "/prompts/p.md"])
  func `a prompt file is the whole prompt`(reference: String) async throws {
    let directory = try TemporaryDirectory()
    try directory.write("prompts/p.md", "Judge {{ output }}\r\nnow")
    let target = ScriptedTarget(#"{"score": 1}"#)
    _ = try await grade(["prompt": .string(reference)], target) {
      $0.test.directory = directory.path
    }
    #expect(target.questions[0].prompt == "Judge forty-two\nnow")
  }

  @Test func `a prompt file that is missing fails the grader`() async throws {
    let score = try await grade(["prompt": "file://nowhere.md"], ScriptedTarget(""))
    #expect(
      score.assertions[0].text.hasPrefix(
        "Grader 'g' failed: prompt file not found: nowhere.md") == true)
    // A bare path to nothing is text.
    let target = ScriptedTarget(#"{"score": 1}"#)
    _ = try await grade(["prompt": "./nowhere.md"], target)
    #expect(target.questions[0].prompt.contains("[[ ## criteria ## ]]\n./nowhere.md"))
  }

  @Test func `a script writes the prompt`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "p/prompt.sh", "cat > in.json; echo; echo \"Judge it in $(basename \"$PWD\")\"; echo")
    let target = ScriptedTarget(#"{"score": 1}"#)
    _ = try await grade(
      ["prompt": ["command": ["sh", "p/prompt.sh"], "config": ["maxWords": 3]]], target
    ) { $0.test.directory = directory.path }
    #expect(target.questions[0].prompt == "Judge it in p")
    let payload = try JSON.parse(FileIO.read(directory.file("p/in.json")))
    #expect(payload["config"] == ["max_words": 3])
    #expect(payload["criteria"] == "It is right.")
    #expect(payload["token_usage"] == nil)
  }

  @Test(arguments: [
    ("exit 0", "Prompt template execution failed: the script wrote nothing"),
    (
      "echo why >&2; exit 3", "Prompt template execution failed: the script exited with code 3: why"
    ),
  ])
  func `a script that writes no prompt fails the grader`(
    script: String, text: String
  ) async throws {
    let directory = try TemporaryDirectory()
    try directory.write("prompt.sh", script)
    let score = try await grade(
      ["prompt": ["command": ["sh", "prompt.sh"]]], ScriptedTarget("")
    ) { $0.test.directory = directory.path }
    #expect(score.assertions.map(\.text) == ["Grader 'g' failed: \(text)"])
  }

  @Test func `a value beyond its limit is cut in the middle and says so`() async throws {
    let target = ScriptedTarget(#"{"score": 1}"#)
    let answer = "BEGIN" + String(repeating: "x", count: 3 << 20) + "END"
    _ = try await grade([:], target, answer: answer)
    let prompt = target.questions[0].prompt
    #expect(prompt.utf8.count < 2 << 20)
    #expect(prompt.contains("BEGIN") && prompt.contains("END"))
    #expect(prompt.contains("bytes left out]"))
  }

  @Test func `the temperature is passed on, one out of range fails the grader`() async throws {
    let target = ScriptedTarget(#"{"score": 1}"#)
    _ = try await grade(["temperature": 0.5], target)
    #expect(target.questions[0].temperature == 0.5)
    let score = try await grade(["temperature": 3], target)
    #expect(score.assertions[0].text.contains("temperature must be a number from 0 to 2, found 3"))
  }

  // MARK: Targets

  @Test func `a target that does not exist is no bad answer`() async throws {
    let score = try await grade(["target": "nobody"], ScriptedTarget(""))
    #expect(score.verdict == .skip)
    #expect(score.assertions.map(\.text) == ["no target 'nobody'"])
  }

  @Test func `a conversation needs a model only where a turn does`() {
    func needs(_ turns: Conversation.Turn...) -> [String?] {
      var test = EvalTest(id: "t", suite: "s", input: [])
      test.conversation = Conversation(turns: turns)
      return GraderRegistry.targetsNeeded(by: test)
    }
    let hello = Message(role: "user", text: "hello")
    let contains = GraderSpec(name: "c", type: "contains", config: ["value": "x"])
    let named = GraderSpec(name: "l", type: "llm-grader", config: ["target": "j"])
    #expect(needs(Conversation.Turn(input: hello)) == [])
    #expect(needs(Conversation.Turn(input: hello, assertions: [contains])) == [])
    #expect(needs(Conversation.Turn(input: hello, assertions: [contains, named])) == ["j"])
    #expect(needs(Conversation.Turn(input: hello, expectedOutput: [hello])) == [nil])
  }

  @Test func `a test's needs are known before its target runs`() {
    func needs(_ specs: GraderSpec...) -> [String?] {
      GraderRegistry.targetsNeeded(
        by: EvalTest(id: "t", suite: "s", input: [], assertions: specs))
    }
    #expect(needs() == [nil])
    #expect(needs(GraderSpec(name: "c", type: "contains")) == [])
    #expect(needs(GraderSpec(name: "c", type: "rubrics")) == [nil])
    var composite = GraderSpec(
      name: "c", type: "composite", config: ["aggregator": ["type": "llm-grader"]])
    composite.members = [
      GraderSpec(name: "m", type: "llm-grader", config: ["target": "b"]),
      GraderSpec(name: "n", type: "contains", config: ["value": "x"]),
    ]
    #expect(
      needs(GraderSpec(name: "l", type: "llm-grader", config: ["target": "a"]), composite) == [
        "a", "b", nil,
      ])
  }
}
