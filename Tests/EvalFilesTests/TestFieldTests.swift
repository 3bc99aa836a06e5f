import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct TestFieldTests {
  @Test func `all fields of a test are read`() throws {
    let (loaded, notes, _) = try test(
      """
      input: hello
      criteria: be nice
      expected_output: hi
      conversation_id: conv
      metadata: {difficulty: easy}
      execution: {threshold: 0.6, targets: [a, b]}
      assertions: [{type: contains, value: hi}]
      """)
    let found = try #require(loaded)
    #expect(notes.isEmpty)
    #expect(found.input == [Message(role: "user", text: "hello")])
    #expect(found.criteria == "be nice")
    #expect(found.expectedOutput == [Message(role: "assistant", text: "hi")])
    #expect(found.referenceAnswer == "hi")
    #expect(found.conversationID == "conv")
    #expect(found.metadata == ["difficulty": "easy"])
    #expect(found.threshold == 0.6)
    #expect(found.targets == ["a", "b"])
    #expect(found.assertions.map(\.name) == ["contains-hi"])
    #expect(found.line == 2)
    #expect(found.raw["id"] == nil, "what has a property of its own is not kept twice")
  }

  @Test(arguments: [
    ("criteria: c", "(here: input)"),
    ("input: i", "(here: one of criteria/expected_output/assertions)"),
    ("input: ''\ncriteria: c", "(here: input)"),
    ("input: []\ncriteria: c", "(here: input)"),
    ("input: 5\ncriteria: c", "(here: input)"),
    ("input: [{role: robot, content: x}]\ncriteria: c", "(here: input)"),
    ("input: i\nexpected_output: 5", "(here: one of criteria/expected_output/assertions)"),
    ("input: i\ncriteria: ''", "(here: one of criteria/expected_output/assertions)"),
  ])
  func `an incomplete test is left out and says what it lacks`(lines: String, text: String) throws {
    let (loaded, notes, _) = try test(lines)
    #expect(loaded == nil)
    let message = try #require(notes.last)
    #expect(
      message.hasPrefix(
        "evals/a.eval.yaml:2:5: test 't': tests[0]: Skipping incomplete test: t. Missing required "
          + "fields: id, input, and at least one of criteria/expected_output/assertions/turns "))
    #expect(message.hasSuffix(text), "\(message)")
  }

  @Test func `an id that is no text leaves the test out`() throws {
    let (suite, notes, _) = try load("tests:\n  - {id: 5, input: i, criteria: c}")
    #expect(suite.tests.isEmpty)
    #expect(
      notes.last?.contains(
        "Skipping incomplete test: unknown. ") == true)
    #expect(notes.last?.hasSuffix("(here: id (expected a text, found the number 5))") == true)
  }

  @Test(arguments: [
    "assertions: [{type: is-json}]", "assert: []", "expected_output: x", "turns: [{input: a}]",
  ])
  func `one of four fields makes a test complete`(line: String) throws {
    #expect(try test("input: i\n\(line)").test != nil)
  }

  @Test func `a workspace is the test's own or else the suite's`() throws {
    let (suite, _, _) = try load(
      """
      workspace: {template: a}
      tests:
        - {id: t, input: i, criteria: c}
        - {id: u, input: i, criteria: c, workspace: {template: b}}
      """)
    let directory = suite.directory
    #expect(
      suite.tests.map { $0.workspace?.value.template } == ["\(directory)/a", "\(directory)/b"])
    #expect(try test("input: i\ncriteria: c").test?.workspace == nil)
  }

  @Test func `entries that are no tests are left out`() throws {
    let (suite, notes, _) = try load("tests:\n  - 5\n  - text\n  - {id: t, input: i, criteria: c}")
    #expect(suite.tests.count == 1)
    #expect(notes.count == 2)
    #expect(notes[1].contains("Skipping invalid test entry (expected object), found the string"))
  }

  @Test(arguments: [
    ("threshold: 2", "threshold: ignored: expected a number from 0 to 1, found the number 2"),
    ("targets: a", "targets: ignored: expected a list of target names"),
  ])
  func `execution settings that make no sense are ignored`(line: String, text: String) throws {
    let (loaded, notes, _) = try test("input: i\ncriteria: c\nexecution: {\(line)}")
    #expect(loaded?.threshold == nil && loaded?.targets == nil)
    #expect(notes.first?.contains("tests[0].execution.\(text)") == true, "\(notes)")
  }
}

@Suite struct InputTests {
  @Test func `messages are read with all forms of content`() throws {
    let (loaded, notes, _) = try test(
      """
      criteria: c
      input:
        - {role: system, content: be brief}
        - role: user
          content: [plain, {type: text, value: block}, '', {type: custom, value: v}]
        - {role: assistant, content: {key: value}}
        - {role: tool, tool_calls: [{tool: Read, input: {path: a}}]}
        - {role: user}
        - {content: x}
        - text
      """)
    let input = try #require(loaded?.input)
    #expect(input.count == 4)
    #expect(
      input[1].content
        == .blocks([
          ["type": "text", "value": "plain"], ["type": "text", "value": "block"],
          ["type": "custom", "value": "v"],
        ]))
    #expect(input[2].content == .object(["key": "value"]))
    #expect(input[3].toolCalls.map(\.tool) == ["Read"])
    #expect(
      notes.map { $0.split(separator: ": ").dropFirst(2).joined(separator: ": ") } == [
        "tests[0].input[4].content: left out: expected a text, a list of blocks or a mapping, found none",
        "tests[0].input[5].role: left out: expected one of system, user, assistant, tool, found none",
        "tests[0].input[6]: left out: expected a message, a mapping with role and content, found the "
          + "string \"text\"",
      ])
  }

  @Test func `files in content are found through the search roots`() throws {
    let (loaded, notes, project) = try test(
      """
      criteria: c
      input:
        - role: user
          content:
            - {type: file, value: near.txt}
            - {type: file, value: /docs/root.md}
            - {type: file, value: missing.txt}
            - {type: image, value: p.png}
            - {type: image, value: p.tiff}
            - {type: text, value: go}
      """,
      files: [
        "evals/near.txt": "one\r\ntwo", "docs/root.md": "root", "evals/p.png": "abc",
        "evals/p.tiff": "x",
      ])
    let found = try #require(loaded)
    guard case .blocks(let blocks)? = found.input[0].content else {
      Issue.record("no blocks")
      return
    }
    #expect(blocks[0]["text"] == "one\ntwo")
    #expect(blocks[1]["path"] == "docs/root.md")
    #expect(
      blocks[2] == [
        "type": "image", "media_type": "image/png", "source": "data:image/png;base64,YWJj",
      ])
    #expect(
      found.inputFiles == [
        project.directory.file("evals/near.txt"), project.directory.file("docs/root.md"),
      ])
    #expect(notes.count == 2)
    #expect(notes[0].contains("File not found: missing.txt\n  Tried:\n    "))
    #expect(notes[1].contains("Unsupported image extension for p.tiff. Supported: .bmp, .gif"))
  }

  @Test func `input_files stand before a text input, own ones before the suite's`() throws {
    let files = ["evals/a.txt": "A", "evals/b.txt": "B"]
    let inherited = try test(
      "input: go\ncriteria: c", suite: "input_files: [a.txt]", files: files
    ).test
    #expect(inherited?.prompt(style: .llm) == "<file path=\"a.txt\">\nA\n</file>\n\ngo")
    let own = try test(
      "input: go\ncriteria: c\ninput_files: [b.txt]", suite: "input_files: [a.txt]", files: files
    )
    .test
    #expect(own?.inputFiles.map(Path.name) == ["b.txt"])
    let skipped = try test(
      "input: go\ncriteria: c\nexecution: {skip_defaults: true}", suite: "input_files: [a.txt]",
      files: files
    ).test
    #expect(skipped?.input == [Message(role: "user", text: "go")])
  }

  @Test func `input_files with a list of messages are refused, the suite's are passed over`() throws
  {
    let list = "input: [{role: user, content: hi}]\ncriteria: c"
    let own = try test("\(list)\ninput_files: [a.txt]")
    #expect(own.test == nil)
    #expect(own.notes.first?.contains("input_files need an input of plain text") == true)
    let inherited = try test(list, suite: "input_files: [a.txt]")
    #expect(inherited.test?.input.count == 1)
    #expect(inherited.notes.first?.contains("the suite's input_files are not used") == true)
  }

  @Test func `input of the suite comes first unless defaults are skipped`() throws {
    let suite = "input: [{role: system, content: rules}]"
    #expect(
      try test("input: go\ncriteria: c", suite: suite).test?.input.map(\.role)
        == ["system", "user"])
    #expect(
      try test("input: go\ncriteria: c\nexecution: {skip_defaults: true}", suite: suite).test?.input
        .map(\.role) == ["user"])
  }

  @Test(arguments: [
    ("text", [Message(role: "assistant", text: "text")], "text"),
    (
      "[{role: user, content: a}, {role: assistant, content: b}]",
      [Message(role: "user", text: "a"), Message(role: "assistant", text: "b")], "b"
    ),
    ("[1, 2]", [Message(role: "assistant", content: .blocks([1, 2]))], "[\n  1,\n  2\n]"),
    ("{a: 1}", [Message(role: "assistant", content: .object(["a": 1]))], "{\n  \"a\": 1\n}"),
    ("{role: assistant, content: x}", [Message(role: "assistant", text: "x")], "x"),
    ("{role: robot, content: x}", [], ""),
    (
      "[{role: assistant, tool_calls: [{tool: T}]}]",
      [Message(role: "assistant", content: nil, toolCalls: [ToolCall(tool: "T")])],
      "[\n  {\n    \"tool\": \"T\"\n  }\n]"
    ),
  ])
  func `expected output takes all its forms`(
    yaml: String, messages: [Message], reference: String
  ) throws {
    let loaded = try test("input: i\ncriteria: c\nexpected_output: \(yaml)").test
    #expect(loaded?.expectedOutput == messages)
    #expect(loaded?.referenceAnswer == reference)
  }

  @Test(arguments: [
    ("input: ' text '", "text", "text"),
    ("input: [{role: user, content: [a, b]}]", "a\n\nb", "a\n\nb"),
    (
      "input: [{role: system, content: s}, {role: user, content: u}]",
      "@[System]:\ns\n\n@[User]:\nu", "@[System]:\ns\n\n@[User]:\nu"
    ),
    ("input: [{role: user, content: u}, {role: user, content: ' '}]", "u", "u"),
    ("input: [{role: assistant, content: a}]", "@[Assistant]:\na", "@[Assistant]:\na"),
    ("input: [{role: user, content: {k: 1}}]", "{\n  \"k\": 1\n}", "{\n  \"k\": 1\n}"),
    (
      "input: [{role: user, content: [{type: file, value: f.txt}, go]}]",
      "<file path=\"f.txt\">\nF\n</file>\n\ngo", "<file: path=\"DIR/evals/f.txt\">\n\ngo"
    ),
  ])
  func `the prompt is built as upstream builds it`(
    input: String, forModels: String, forAgents: String
  ) throws {
    let (loaded, _, project) = try test("\(input)\ncriteria: c", files: ["evals/f.txt": "F\n"])
    let found = try #require(loaded)
    #expect(found.prompt(style: .llm) == forModels)
    #expect(
      found.prompt(style: .agent) == forAgents.replacing("DIR", with: project.directory.path))
  }
}
