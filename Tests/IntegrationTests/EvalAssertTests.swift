import Core
import Glibc
import TestSupport
import Testing

/// `agentv eval assert`: a script of the project's graders by itself.
@Suite(.timeLimit(.minutes(1))) struct EvalAssertTests {
  private let project: EvalProject

  init() throws {
    project = try EvalProject()
    try script(
      "graders/says-42.sh",
      #"""
      grep -q '"content": *"42"' && s=1 || s=0
      printf '{"score": %s, "assertions": [{"text": "says 42", "passed": true}]}' $s
      """#)
  }

  private func script(_ name: String, _ body: String) throws {
    let path = try project.scratch.write(".agentv/\(name)", "#!/bin/sh\n\(body)\n")
    guard chmod(path, 0o755) == 0 else {
      throw FileError(operation: "change mode of", path: path, code: errno)
    }
  }

  @Test(arguments: ["says-42", "says-42.sh"])
  func `a script judges an answer and prints its judgement`(_ name: String) async throws {
    let good = try await project.run("eval", "assert", name, "--agent-output", "42")
    #expect(good.code == 0, "\(good.stderr)")
    #expect(try JSON.parse(good.stdout)["score"]?.double == 1)
    #expect(try JSON.parse(good.stdout)["assertions"]?[0]?["text"] == "says 42")
    let bad = try await project.run("eval", "assert", name, "--agent-output", "41")
    #expect(bad.code == 1)
    #expect(try JSON.parse(bad.stdout)["score"]?.double == 0)
  }

  @Test func `answer and question can come from a file`() async throws {
    try project.scratch.write(
      "case.json", #"{"output": [{"role": "assistant", "content": "42"}], "input": "6 × 7?"}"#)
    #expect(
      try await project.run("eval", "assert", "says-42", "--file", "case.json").code == 0)
  }

  @Test func `half a point is enough, less is not`() async throws {
    for (score, code) in [("0.5", 0), ("0.49", 1)] {
      try script("judges/half.sh", "cat > /dev/null; echo '{\"score\": \(score)}'")
      #expect(
        try await project.run("eval", "assert", "half", "--agent-output", "x").code == code)
    }
  }

  @Test(arguments: [
    (["nobody", "--agent-output", "x"], "Error: no grader 'nobody'"),
    (["contains", "--agent-output", "x"], "Error: no grader 'contains'"),
    (["says-42"], "Error: nothing to judge: give --agent-output TEXT or --file FILE"),
    (["says-42", "--file", "missing.json"], "Error: cannot use --file missing.json: "),
  ])
  func `what cannot be run is said`(_ arguments: [String], _ message: String) async throws {
    let process = try await RunningAgentv(["eval", "assert"] + arguments, in: project.path)
    let run = try await project.finish(process)
    #expect(run.code == 1)
    #expect(run.stderr.hasPrefix(message), "\(run.stderr)")
  }
}
