import Core
import RunArtifacts
import TestSupport
import Testing

/// Every mistake gets a message that names the thing and the remedy, and its exit code.
@Suite(.timeLimit(.minutes(1))) struct EvalBadInputTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  struct Mistake: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var files: [String: String] = [:]
    var arguments: [String]
    var says: [String]
    var code = 1
  }

  static let good = "tests:\n  - {id: a, criteria: c, input: q, assertions: [{type: is-json}]}\n"

  static let mistakes = [
    Mistake(testDescription: "no path", arguments: ["eval"], says: ["No eval paths provided."]),
    Mistake(
      testDescription: "only what is left out", arguments: ["eval", "!x"],
      says: ["No eval paths provided"]),
    Mistake(
      testDescription: "a missing file", arguments: ["eval", "nothing.yaml"],
      says: ["No eval files matched", "nothing.yaml"]),
    Mistake(
      testDescription: "a glob without a match", arguments: ["eval", "evals/**/*.zzz"],
      says: ["No eval files matched", "evals/**/*.zzz"]),
    Mistake(
      testDescription: "broken YAML", files: ["b.eval.yaml": "tests: [\n  - {id: a\n"],
      arguments: ["eval", "b.eval.yaml"], says: ["b.eval.yaml:"]),
    Mistake(
      testDescription: "a root that is no mapping", files: ["b.eval.yaml": "- 1\n- 2\n"],
      arguments: ["eval", "b.eval.yaml"], says: ["b.eval.yaml"]),
    Mistake(
      testDescription: "no tests", files: ["b.eval.yaml": "name: x\n"],
      arguments: ["eval", "b.eval.yaml"], says: ["b.eval.yaml", "tests"]),
    Mistake(
      testDescription: "an empty suite", files: ["b.eval.yaml": "tests: []\n"],
      arguments: ["eval", "b.eval.yaml"], says: ["No tests matched"]),
    Mistake(
      testDescription: "an unknown target", files: ["b.eval.yaml": good],
      arguments: ["eval", "b.eval.yaml", "--target", "nobody"],
      says: ["Target 'nobody' not found in", "targets.yaml", "default"]),
    Mistake(
      testDescription: "a missing targets file", files: ["b.eval.yaml": good],
      arguments: ["eval", "b.eval.yaml", "--targets", "no/such.yaml"], says: ["no/such.yaml"]),
    Mistake(
      testDescription: "a provider that this version lacks",
      files: [
        "b.eval.yaml": good, "t.yaml": "targets: [{name: default, provider: agentv}]\n",
      ], arguments: ["eval", "b.eval.yaml", "--targets", "t.yaml"], says: ["agentv", "default"]),
    Mistake(
      testDescription: "a missing variable",
      files: [
        "b.eval.yaml": good,
        "t.yaml": "targets: [{name: default, provider: cli, command: \"${{ AGENTV_NOT_SET }}\"}]\n",
      ], arguments: ["eval", "b.eval.yaml", "--targets", "t.yaml"], says: ["AGENTV_NOT_SET"]),
    Mistake(
      testDescription: "no test with that id", files: ["b.eval.yaml": good],
      arguments: ["eval", "b.eval.yaml", "--test-id", "zzz"],
      says: ["No tests matched the provided filters."]),
    Mistake(
      testDescription: "a threshold out of range", files: ["b.eval.yaml": good],
      arguments: ["eval", "b.eval.yaml", "--threshold", "2"],
      says: ["--threshold must be between 0 and 1"]),
    Mistake(
      testDescription: "a negative threshold", files: ["b.eval.yaml": good],
      arguments: ["eval", "b.eval.yaml", "--threshold", "-0.1"],
      says: ["--threshold must be between 0 and 1"]),
    Mistake(
      testDescription: "too many workers", files: ["b.eval.yaml": good],
      arguments: ["eval", "b.eval.yaml", "--workers", "51"],
      says: ["Workers must be between 1 and 50, got: 51"]),
    Mistake(
      testDescription: "a number that is none", arguments: ["eval", "x", "--workers", "many"],
      says: ["many", "--workers"]),
    Mistake(
      testDescription: "an experiment with a slash",
      arguments: ["eval", "x", "--experiment", "a/b"],
      says: ["Invalid experiment name \"a/b\"."]),
    Mistake(
      testDescription: "an unknown option", arguments: ["eval", "x", "--nonsense"],
      says: ["Unknown option '--nonsense'"]),
    Mistake(
      testDescription: "an unknown command", arguments: ["evaluate"], says: ["evaluate"]),
    Mistake(
      testDescription: "a run to retry that is not there",
      arguments: ["eval", "x", "--retry-errors", "no/run"],
      says: ["Retry-errors JSONL file not found: no/run"]),
    Mistake(
      testDescription: "an unwritable directory", files: ["b.eval.yaml": good],
      arguments: ["eval", "b.eval.yaml", "--output", "/proc/nothing/run"],
      says: ["/proc/nothing"]),
    Mistake(
      testDescription: "a file in the place of the directory",
      files: ["b.eval.yaml": good, "file": ""],
      arguments: ["eval", "b.eval.yaml", "--output", "file/run"], says: ["file/run"]),
  ]

  @Test(arguments: mistakes)
  func `a mistake is named with its remedy`(_ mistake: Mistake) async throws {
    for (name, text) in mistake.files { try project.scratch.write(name, text) }
    let run = try await project.finish(
      try await RunningAgentv(mistake.arguments, in: project.path))
    #expect(run.code == mistake.code)
    for text in mistake.says { #expect(run.stderr.contains(text), "\(run.stderr)") }
    #expect(run.stderr.contains("Error: "))
    #expect(!FileIO.exists(project.scratch.file(".agentv/results")))
  }

  @Test func `a missing executable is an error of its test only`() async throws {
    try project.suite("a", ["one"])
    try project.scratch.write(
      "t.yaml", "targets: [{name: default, provider: cli, command: /no/such/program}]\n")
    let run = try await project.run(
      "eval", "evals", "--targets", "t.yaml", "--max-retries", "0", "--output", "out")
    #expect(run.code == 2)
    #expect(try project.contents("out").rows.first?.error?.contains("/no/such/program") == true)
  }

  @Test func `strange ids stay inside the run directory`() async throws {
    let ids = ["../../escape", "a/b", "..", ".hidden", "index.jsonl", "%2F", "ünï cödé"]
    try project.suite("a", ids)
    let run = try await project.run("eval", "evals", "--target", "mock", "--output", "out")
    #expect(run.code == 0)
    let rows = try project.contents("out").rows
    #expect(Set(rows.map(\.testID)) == Set(ids))
    #expect(Set(rows.compactMap(\.gradingPath)).count == ids.count)
    for row in rows {
      let path = try #require(row.gradingPath)
      let real = try #require(FileIO.realPath(project.scratch.file("out/\(path)")))
      #expect(Path.isInside(real, project.scratch.file("out")))
    }
  }

  @Test func `a broken file stops no sound one when it is not asked for`() async throws {
    try project.suite("a", ["one"])
    try project.scratch.write("evals/broken.eval.yaml", "tests: [")
    #expect(try await project.run("eval", "evals").code == 1)
    #expect(try await project.run("eval", "evals", "!evals/broken*").code == 0)
  }

  @Test func `a large file that is changed while its tests run costs the changed test only`()
    async throws
  {
    // Its tests are not kept in memory, so it is read again for each.
    let padding = String(repeating: "x", count: 200)
    let lines = (0..<2_000).map {
      #"{"id":"t-\#($0)","input":"question-\#($0).","criteria":"\#(padding)","#
        + #""assertions":[{"type":"contains","value":"fine"}]}"#
    }
    try project.scratch.write("big.jsonl", lines.joined(separator: "\n") + "\n")
    try project.scratch.write(
      "t.yaml",
      """
      targets:
        - name: default
          provider: cli
          command: "sed -i s/question-7[.]/question-X./ big.jsonl; printf fine > {OUTPUT_FILE}"
      """)
    let ids = ["t-1", "t-7", "t-9"].flatMap { ["--test-id", $0] }
    let process = try await RunningAgentv(
      ["eval", "big.jsonl", "--targets", "t.yaml", "-o", "out", "--workers", "1"] + ids,
      in: project.path)
    _ = try await project.finish(process)
    let rows = try project.contents("out").effectiveRows
    #expect(rows.map(\.executionStatus) == [.ok, .executionError, .ok])
    #expect(rows[1].failureReasonCode == "eval_file_changed")
    #expect(rows[1].error?.contains("big.jsonl:8") == true)
    #expect(rows[1].error?.contains("was changed after the run had begun") == true)
  }
}
