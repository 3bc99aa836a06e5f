// The real binary with targets that grade: a script as a model, scripts that ask it, a mock model.

import Core
import Glibc
import RunArtifacts
import TestSupport
import Testing

/// A project whose target answers `the answer is 42`, and whose judge is a script.
private struct GradingProject: Sendable {
  let project: EvalProject

  init() throws {
    project = try EvalProject()
    try project.scratch.write(
      ".agentv/targets.yaml",
      """
      targets:
        - {name: default, provider: cli, grader_target: judge,
           command: "touch ../asked; echo the answer is 42 > {OUTPUT_FILE}"}
        - {name: judge, provider: cli, command: "sh ../judge.sh {PROMPT_FILE} {OUTPUT_FILE}"}
        - {name: strict, provider: cli,
           command: "echo '{\\"score\\": 0.1}' > {OUTPUT_FILE}"}
        - {name: lonely, provider: cli,
           command: "touch ../asked; echo the answer is 42 > {OUTPUT_FILE}"}
      """)
    // Garbage for prompts that hold the word, and when it is to be repaired; else what the form asks
    // for.
    try project.scratch.write(
      "judge.sh",
      """
      if grep -q -e GARBAGE -e "well," "$1"; then echo 'well, {"score": "fine' > "$2"
      elif grep -q -e HUGE -e xxxxxxxx "$1"; then head -c 12000000 /dev/zero | tr '\\0' x > "$2"
      elif grep -q EMPTY "$1"; then : > "$2"
      elif grep -q '"satisfied"' "$1"; then
        echo '{"checks": [{"id": "rubric-1", "satisfied": true, "reasoning": "r"}]}' > "$2"
      else
        printf '%s' '{"text": "{\\"score\\": 0.9, \\"assertions\\": [{\\"text\\": \\"good\\", \\"passed\\": true}]}", "token_usage": {"input": 10, "output": 3}, "cost_usd": 0.25}' > "$2"
      fi
      """)
  }

  /// Writes the eval file: every test with its assertions in YAML flow style; none for the implicit
  /// grader.
  func suite(_ tests: [(id: String, assertions: String?)], more: String = "") throws {
    var text = "name: a\n\(more)\ntests:\n"
    for test in tests {
      text += "  - id: \(test.id)\n    criteria: It says 42.\n    input: What is it?\n"
      if let assertions = test.assertions { text += "    assertions: \(assertions)\n" }
    }
    try project.scratch.write("evals/a.eval.yaml", text)
  }

  func rows(_ directory: String = "out") throws -> [String: ResultRow] {
    var rows: [String: ResultRow] = [:]
    for row in try project.contents(directory).effectiveRows { rows[row.testID] = row }
    return rows
  }
}

@Suite(.timeLimit(.minutes(2))) struct EvalGradingTests {
  private let grading: GradingProject
  private var project: EvalProject { grading.project }

  init() throws { grading = try GradingProject() }

  @Test func `a target grades the answers of another one`() async throws {
    try grading.suite([
      ("implicit", nil), ("free", "[{type: llm-grader, prompt: Be short.}]"),
      ("list", "[It mentions a number.]"),
    ])
    let run = try await project.run("eval", "evals/a.eval.yaml", "-o", "out")
    #expect(run.code == 0, "\(run.stderr)")
    let rows = try grading.rows()
    #expect(rows["implicit"]?.score == 0.9)
    #expect(rows["implicit"]?.executionStatus == .ok)
    let free = try #require(rows["free"]?.scores.first)
    #expect(free["score"] == 0.9)
    #expect(free["target"] == "judge")
    #expect(free["token_usage"] == ["input": 10, "output": 3])
    #expect(free["cost_usd"] == 0.25)
    #expect(
      free["input"]?["user_prompt"]?.string?.contains("[[ ## criteria ## ]]\nBe short.") == true)
    let list = try #require(rows["list"]?.scores.first)
    #expect(list["type"] == "llm-grader")
    #expect(
      list["assertions"] == [
        ["text": "[rubric-1] It mentions a number.", "passed": true, "evidence": "r"]
      ])
  }

  @Test(arguments: ["GARBAGE", "EMPTY", "HUGE"])
  func `a model that replies nonsense spoils its own test alone`(word: String) async throws {
    try grading.suite([
      ("bad", "[{type: llm-grader, name: judge, prompt: \(word)}]"),
      ("good", "[{type: llm-grader}]"),
    ])
    let run = try await project.run("eval", "evals/a.eval.yaml", "-o", "out")
    let rows = try grading.rows()
    #expect(rows["good"]?.executionStatus == .ok)
    #expect(rows["bad"]?.executionStatus == .executionError)
    #expect(rows["bad"]?.failureReasonCode == "evaluator_error")
    #expect(rows["bad"]?.scores.first?["verdict"] == "skip")
    #expect(run.stderr.contains("⚠ LLM grader \"judge\" failed after 3 attempts ("))
  }

  @Test func `without a grading target the target is not called`() async throws {
    try grading.suite([
      ("a", nil), ("b", "[{type: contains, value: x}, {type: rubrics, criteria: [y]}]"),
    ])
    let run = try await project.run(
      "eval", "evals/a.eval.yaml", "-o", "out", "--target", "lonely")
    #expect(run.code == 2)
    for row in try grading.rows().values {
      #expect(row.executionStatus == .executionError)
      #expect(
        row.error?.hasPrefix(
          "No grader provider available for LLM grading: target 'lonely' (cli) cannot grade")
          == true)
    }
    #expect(!FileIO.exists(project.scratch.file("asked")))
  }

  @Test func `the command line's grading target goes first, and a resume keeps it`() async throws {
    try grading.suite([("a", nil)])
    let run = try await project.run(
      "eval", "evals/a.eval.yaml", "-o", "out", "--grader-target", "strict")
    #expect(run.code == 0)
    #expect(try grading.rows()["a"]?.score == 0.1)
    _ = try await project.run("eval", "--rerun-failed", "-o", "out")
    #expect(try grading.rows()["a"]?.score == 0.1)
  }

  @Test(arguments: [
    (["--grader-target", "nobody"], "--grader-target 'nobody': grading target: Target 'nobody'"),
    (["--grader-target", "agentv"], "--grader-target agentv requires --model"),
  ])
  func `a grading target that cannot be is refused before anything runs`(
    options: [String], text: String
  ) async throws {
    try grading.suite([("a", nil)])
    let process = try await RunningAgentv(
      ["eval", "evals/a.eval.yaml", "-o", "out"] + options, in: project.path)
    let run = try await project.finish(process)
    #expect(run.code == 1)
    #expect(run.stderr.contains(text), "\(run.stderr)")
    #expect(!FileIO.exists(project.scratch.file("asked")))
  }

  @Test func `a dry run mocks the grading target, but not one that a grader names`() async throws {
    try grading.suite([
      ("free", "[{type: llm-grader}]"), ("list", "[A criterion.]"),
      ("named", "[{type: llm-grader, target: strict}]"), ("implicit", nil),
    ])
    let run = try await project.run("eval", "evals/a.eval.yaml", "-o", "out", "--dry-run")
    #expect(run.code == 0, "\(run.stderr)")
    let scores = try grading.rows().mapValues(\.score)
    #expect(scores == ["free": 1, "list": 0, "named": 0.1, "implicit": 1])
    #expect(!FileIO.exists(project.scratch.file("asked")))
  }

  @Test func `a composite grades with scripts and models`() async throws {
    try grading.suite([
      (
        "c",
        """

              - type: composite
                name: both
                aggregator: {type: threshold, threshold: 0.5}
                assertions:
                  - {name: text, type: contains, value: "42"}
                  - {name: model, type: llm-grader}
                  - {name: script, type: code-grader, command: [sh, -c, exit 1]}
        """
      )
    ])
    let run = try await project.run("eval", "evals/a.eval.yaml", "-o", "out")
    #expect(run.code == 1 || run.code == 0, "\(run.stderr)")
    let entry = try #require(try grading.rows()["c"]?.scores.first)
    #expect(entry["verdict"] == "pass")
    #expect(entry["assertions"]?[0]?["text"] == "2/3 evaluators passed (threshold: 0.5)")
    #expect(
      entry["scores"]?.array?.map { $0["name"] ?? .null } == ["text", "model", "script"])
  }

  // MARK: Scripts

  @Test func `a script asks the grading target, and only as often as it may`() async throws {
    try project.scratch.write(
      "ask.py",
      """
      import json, os, urllib.error, urllib.request
      url, token = os.environ["AGENTV_TARGET_PROXY_URL"], os.environ["AGENTV_TARGET_PROXY_TOKEN"]
      def ask(question):
          request = urllib.request.Request(url + "/invoke", json.dumps({"question": question}).encode(),
              {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
          return json.load(urllib.request.urlopen(request))
      first = json.loads(ask("how good?")["rawText"])
      try:
          ask("again?")
          second = 200
      except urllib.error.HTTPError as error:
          second = error.code
      print(json.dumps({"score": first["score"], "assertions": [{"text": str(second), "passed": True}]}))
      """)
    try grading.suite([
      ("asks", "[{type: code-grader, command: [python3, ../ask.py], target: {max_calls: 1}}]"),
      ("may-not", "[{type: code-grader, command: [python3, ../ask.py]}]"),
    ])
    _ = try await project.run("eval", "evals/a.eval.yaml", "-o", "out")
    let rows = try grading.rows()
    let asks = try #require(rows["asks"]?.scores.first)
    #expect(asks["score"] == 0.9, "\(asks)")
    #expect(asks["assertions"] == [["text": "429", "passed": true]])
    #expect(asks["input"]?["target_proxy"] == ["call_count": 1, "max_calls": 1])
    #expect(asks["token_usage"] == ["input": 10, "output": 3])
    #expect(asks["target"] == "judge")
    #expect(
      rows["may-not"]?.scores.first?["assertions"]?[0]?["text"]?.string?
        .contains("AGENTV_TARGET_PROXY_URL") == true)
  }

  @Test func `scripts that never end or never stop writing spoil their own test alone`()
    async throws
  {
    try grading.suite([
      ("endless", "[{type: code-grader, command: [sleep, '600']}]"),
      ("flood", "[{type: code-grader, command: [yes]}]"),
      ("bytes", "[{type: code-grader, command: [printf, 'a\\377\\376b']}]"),
      ("good", "[{type: code-grader, command: ['true']}]"),
    ])
    let run = try await project.run(
      "eval", "evals/a.eval.yaml", "-o", "out", "--agent-timeout", "8", "--workers", "4")
    #expect(run.code == 0, "\(run.stderr)")
    let texts = try grading.rows().mapValues {
      $0.scores.first?["assertions"]?[0]?["text"]?.string ?? ""
    }
    #expect(texts["endless"] == "Code evaluator failed: timed out after 8 s")
    #expect(
      texts["flood"] == "Code evaluator failed: Code evaluator wrote more than 16 MiB to stdout")
    #expect(texts["bytes"] == "a\u{FFFD}\u{FFFD}b")
    #expect(texts["good"] == "exit 0")
    #expect(project.processes().isEmpty)
  }

  @Test func `a file of the project defines a grader type`() async throws {
    try project.scratch.write(
      ".agentv/assertions/polite.sh",
      "#!/bin/sh\ngrep -q '\"max_words\": 3' && echo polite || { echo rude; exit 1; }\n")
    #expect(chmod(project.scratch.file(".agentv/assertions/polite.sh"), 0o755) == 0)
    try grading.suite([
      ("yes", "[{type: polite, max_words: 3}]"), ("no", "[{type: polite}]"),
      ("unknown", "[{type: impolite}]"),
    ])
    _ = try await project.run("eval", "evals/a.eval.yaml", "-o", "out")
    let rows = try grading.rows()
    #expect(rows["yes"]?.score == 1)
    #expect(rows["yes"]?.scores.first?["type"] == "polite")
    #expect(rows["no"]?.scores.first?["assertions"]?[0]?["text"] == "rude")
    #expect(
      rows["unknown"]?.scores.first?["assertions"]?[0]?["text"]
        == "Grader 'impolite' failed: Unknown grader type: impolite")
  }

  @Test func `files in an answer become text for the grading model`() async throws {
    try project.scratch.write("evals/report.csv", "a,b\r\n1,2\r\n")
    try project.scratch.write("evals/pages.pdf", "%PDF\0")
    try project.scratch.write(
      "evals/pdf.sh", "cat > request.json; echo text of the pages")
    try project.scratch.write(
      "answer.json",
      """
      {"output": [{"role": "assistant", "content": [
        {"type": "text", "text": "See the files."},
        {"type": "file", "media_type": "text/csv", "path": "report.csv"},
        {"type": "file", "media_type": "application/pdf", "path": "pages.pdf"},
        {"type": "file", "media_type": "text/csv", "path": "missing.csv"}]}]}
      """)
    try project.scratch.write(
      ".agentv/targets.yaml",
      """
      targets:
        - {name: default, provider: cli, grader_target: judge, command: "cp ../answer.json {OUTPUT_FILE}"}
        - {name: judge, provider: cli, command: "sh ../judge.sh {PROMPT_FILE} {OUTPUT_FILE}"}
      """)
    try grading.suite(
      [("a", "[{type: llm-grader}]")],
      more: "preprocessors: [{type: pdf, command: [sh, pdf.sh]}]")
    let run = try await project.run("eval", "evals/a.eval.yaml", "-o", "out")
    #expect(run.code == 0, "\(run.stderr)")
    let prompt = try grading.rows()["a"]?.scores.first?["input"]?["user_prompt"]?.string ?? ""
    #expect(
      prompt.contains(
        """
        [[ ## answer ## ]]
        See the files.
        [[ file: report.csv ]]
        a,b
        1,2

        [[ file: pages.pdf ]]
        text of the pages
        [file preprocessing warning] missing.csv (text/csv): there is no file
        """), "\(prompt)")
    let request = try JSON.parse(FileIO.read(project.scratch.file("evals/request.json")))
    #expect(request["original_path"] == "pages.pdf")
    #expect(request["media_type"] == "application/pdf")
  }
}
