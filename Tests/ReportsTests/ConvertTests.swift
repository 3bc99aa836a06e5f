import Core
import EvalFiles
import TestSupport
import Testing

@testable import Reports

@Suite struct ConvertTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  @Test func `a trimmed row keeps what a comparison needs, also in the other spelling`() throws {
    let row: JSON = [
      "timestamp": "t", "test_id": "a", "score": 1, "target": "x", "costUsd": 1, "cost_usd": 1,
      "output": [], "trace": ["x": 1], "duration_ms": 3, "grading_path": "g", "metadata": ["k": 1],
      "own": "kept", "assertions": [["text": "t", "passed": true]],
      "scores": [
        [
          "name": "g", "score": 1, "input": ["q": 1], "raw_request": 1,
          "scores": [["name": "inner", "score": 0, "rawRequest": 2]],
        ]
      ],
    ]
    let trimmed = ResultTrimmer.trimmed(try #require(row.object))
    #expect(
      trimmed.names == [
        "timestamp", "test_id", "score", "target", "metadata", "own", "assertions", "scores",
      ])
    #expect(
      trimmed["scores"] == [
        ["name": "g", "score": 1, "scores": [["name": "inner", "score": 0]]]
      ])
  }

  private static let skill = """
    {"skill_name":"pdf","evals":[
      {"id":1,"prompt":"Read \\"it\\":\\nplease","expected_output":"Two\\nlines",
       "files":["evals/files/a.pdf"],"assertions":["It names the author","It is short"]},
      {"prompt":"Again"}]}
    """

  @Test func `Agent-Skills evals become an eval file that loads`() throws {
    let yaml = try SkillEvals.evalFile(Array(Self.skill.utf8), name: "evals.json")
    try scratch.write("evals/files/a.pdf", "pdf")
    let path = try scratch.write("skill.eval.yaml", yaml)
    let file = try #require(YAMLFile.read(path, limitBytes: 1 << 20))
    #expect(file["description"] == "Evals of the skill pdf")
    let first = try #require(file["tests"]?[0])
    #expect(first["id"] == "1")
    #expect(first["criteria"] == "Two\nlines")
    #expect(first["input"]?[0]?["content"]?[0] == ["type": "file", "value": "evals/files/a.pdf"])
    #expect(first["input"]?[0]?["content"]?[1]?["value"] == "Read \"it\":\nplease")
    #expect(
      first["assertions"]?[1]
        == ["name": "assertion-2", "type": "llm-grader", "prompt": "It is short"])
    #expect(file["tests"]?[1]?["id"] == "2")
    let suite = try EvalLoader.load(
      file: path, workingDirectory: scratch.path, environment: [:]
    ).suite
    #expect(suite.tests.map(\.id).contains("1"))
  }

  @Test(arguments: [
    ("nonsense", "is no JSON"), ("{}", "has no \"evals\" list"), (#"{"evals":[]}"#, "no cases"),
    (#"{"evals":[{"id":1}]}"#, "case 1 has no \"prompt\""),
  ])
  func `what is no evals.json is refused with the reason`(_ text: String, _ message: String) {
    #expect {
      try SkillEvals.evalFile(Array(text.utf8), name: "evals.json")
    } throws: {
      "\($0)".contains(message) && "\($0)".contains("evals.json")
    }
  }
}

@Suite struct ScaffoldTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  @Test func `a new project has targets that can be used at once`() throws {
    let outcomes = try ProjectScaffold.write(in: scratch.path, replaces: false)
    #expect(outcomes.map(\.outcome) == [.created, .created, .created, .created])
    #expect(
      outcomes.map(\.path) == [
        ".env.example", ".agentv/.gitignore", ".agentv/config.yaml", ".agentv/targets.yaml",
      ])
    let targets = YAMLFile.read(scratch.file(".agentv/targets.yaml"), limitBytes: 1 << 20)
    #expect(targets?["targets"]?.array?.compactMap { $0["name"]?.string } == ["default", "mock"])
    #expect(YAMLFile.read(scratch.file(".agentv/config.yaml"), limitBytes: 1 << 20) != nil)
  }

  @Test func `what is there is kept, unless it is to be replaced`() throws {
    try scratch.write(".agentv/targets.yaml", "mine")
    let kept = try ProjectScaffold.write(in: scratch.path, replaces: false)
    #expect(kept.map(\.outcome) == [.created, .created, .created, .kept])
    #expect(
      String(decoding: try FileIO.read(scratch.file(".agentv/targets.yaml")), as: UTF8.self)
        == "mine")
    let replaced = try ProjectScaffold.write(in: scratch.path, replaces: true)
    #expect(replaced.allSatisfy { $0.outcome == .replaced })
  }

  @Test(arguments: ["default", "rubric"])
  func `a created eval loads, with the tests of its second file`(_ template: String) throws {
    let skeleton = try Skeleton.make(.eval, name: "my-agent", template: template)
    for file in skeleton.files { try scratch.write(file.path, file.text) }
    let suite = try EvalLoader.load(
      file: scratch.file("evals/my-agent.eval.yaml"), workingDirectory: scratch.path,
      environment: [:]
    ).suite
    #expect(suite.tests.map(\.id) == ["greeting", "thanks"])
    #expect(suite.tests.allSatisfy { !$0.assertions.isEmpty })
  }

  @Test(arguments: Skeleton.Kind.allCases)
  func `every template of every kind gives files without empty ones`(_ kind: Skeleton.Kind) throws {
    for template in Skeleton.templates(kind) {
      let skeleton = try Skeleton.make(kind, name: "x", template: template)
      #expect(!skeleton.files.isEmpty)
      #expect(skeleton.files.allSatisfy { $0.text.hasSuffix("\n") && $0.path.contains("x.") })
    }
    #expect {
      try Skeleton.make(kind, name: "x", template: "none")
    } throws: {
      "\($0)".contains("Available: default")
    }
  }

  @Test(arguments: [
    "", "../x", "a/b", ".hidden", "-x", "a b", "ü", String(repeating: "x", count: 101),
  ])
  func `a name that would lead elsewhere is refused`(_ name: String) {
    #expect(throws: ReportError.self) { try Skeleton.make(.eval, name: name, template: nil) }
  }

  @Test(arguments: [
    "targets:\n  - name: a\n    provider: mock\n", "targets:\n- name: a\n  provider: mock",
    "# c\n$schema: x\ntargets:\n  - {name: a, provider: mock}\n  # end\n",
  ])
  func `a target is added to the list that is there`(_ text: String) throws {
    let path = try scratch.write("targets.yaml", text)
    try TargetSkeleton.add("new", provider: "openai", to: path)
    let after = String(decoding: try FileIO.read(path), as: UTF8.self)
    #expect(after.hasPrefix(text))
    let targets = YAMLFile.read(path, limitBytes: 1 << 20)?["targets"]?.array ?? []
    #expect(targets.compactMap { $0["name"]?.string } == ["a", "new"])
    #expect(targets[1]["api_key"] == "${{ OPENAI_API_KEY }}")
    #expect(try FileIO.list(scratch.path) == ["targets.yaml"])
  }

  @Test(arguments: [
    ("targets:\n  - name: a\n    provider: mock\nother: 1\n", "is not the last list"),
    ("targets: [\n", "mend it first"), ("targets:\n  - name: new\n    provider: mock\n", "already"),
    ("targets: {}\n", "mend it first"),
  ])
  func `a file that would not read as before is left alone`(
    _ text: String, _ message: String
  ) throws {
    let path = try scratch.write("targets.yaml", text)
    #expect {
      try TargetSkeleton.add("new", provider: "cli", to: path)
    } throws: {
      "\($0)".contains(message)
    }
    #expect(String(decoding: try FileIO.read(path), as: UTF8.self) == text)
    #expect(try FileIO.list(scratch.path) == ["targets.yaml"])
  }

  @Test func `a targets file that is missing is created`() throws {
    let path = scratch.file(".agentv/targets.yaml")
    try TargetSkeleton.add("mine", provider: "cli", to: path)
    #expect(YAMLFile.read(path, limitBytes: 1 << 20)?["targets"]?[0]?["name"] == "mine")
    #expect(throws: ReportError.self) { try TargetSkeleton.add("x", provider: "none", to: path) }
  }
}
