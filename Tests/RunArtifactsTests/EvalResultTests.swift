import Core
import RunArtifacts
import TestSupport
import Testing

@Suite struct EvalResultTests {
  private let scratch: TemporaryDirectory
  private let directory: RunDirectory

  init() throws {
    scratch = try TemporaryDirectory()
    directory = RunDirectory(path: scratch.file("run"), project: scratch.path)
    // A run's directory is there before its tests' artifacts: one that vanished is not made again.
    try FileIO.createDirectories(directory.path)
  }

  @Test func `a result is put together from the artifacts that the row points to`() throws {
    var row = EffectiveRowsTests.row("a")
    row.durationMS = 40
    row.tokenUsage = TokenCount(input: 1, output: 2)
    let scores: [JSON] = [["name": "g", "type": "contains", "score": 1, "weight": 1]]
    try TestArtifacts(
      input: [["role": "system", "content": "Be brief."], ["role": "user", "content": "Q\n\nR"]],
      output: [["role": "assistant", "content": "A"]],
      assertions: [["text": "Output contains \"A\"", "passed": true]], graders: scores
    ).write(for: &row, at: "s/a", in: directory.path)
    let json = evalResultJSON(row, in: directory)
    #expect(json["testId"] == "a")
    #expect(json["durationMs"] == 40)
    #expect(json["tokenUsage"]?["input"] == 1)
    #expect(
      json["assertions"]
        == [["text": "Output contains \"A\"", "passed": true, "evidence": ""]])
    #expect(json["scores"]?[0]?["name"] == "g")
    #expect(
      json["input"] == [
        ["role": "system", "content": "Be brief."], ["role": "user", "content": "Q\n\nR"],
      ])
    #expect(json["output"] == [["role": "assistant", "content": "A"]])
    #expect(json["error"] == nil)
  }

  @Test func `inline members of upstream's raw rows are shown`() throws {
    let raw: JSON = [
      "test_id": "a", "target": "t", "score": 1, "execution_status": "ok",
      "assertions": [["text": "x", "passed": true]],
      "output": [["role": "assistant", "content": "A"]],
      "scores": [["name": "g", "score": 1]],
    ]
    let row = try #require(ResultRow(json: raw))
    let json = evalResultJSON(row, in: directory)
    #expect(json["assertions"] == raw["assertions"])
    #expect(json["output"] == raw["output"])
    #expect(json["scores"] == raw["scores"])
  }

  @Test(arguments: ["../secret.md", "link.md", "/etc/hostname", "folder"])
  func `a path out of the run is not followed`(_ path: String) throws {
    try scratch.write("secret.md", "secret")
    try FileIO.createDirectories(directory.file("folder"))
    try scratch.link("run/link.md", to: scratch.file("secret.md"))
    var row = EffectiveRowsTests.row("a")
    row.outputPath = path
    #expect(evalResultJSON(row, in: directory)["output"] == nil)
  }

  @Test func `text without role lines is one message`() {
    #expect(
      Transcript.parse("plain\ntext\n", defaultRole: "assistant")
        == [["role": "assistant", "content": "plain\ntext"]])
    #expect(
      Transcript.parse("@[user]:\na\n\nb\n\n@[assistant]:\n\n", defaultRole: "user")
        == [["role": "user", "content": "a\n\nb"], ["role": "assistant", "content": ""]])
  }
}
