// The real binary with a model that grades over HTTP, played by a mock of the models' APIs.

import Core
import RunArtifacts
import TestSupport
import Testing

private let mockModel = TestTools.directory.map { Path.join($0, "mock_llm/mock_llm.py") }
  .flatMap { FileIO.isFile($0) ? $0 : nil }

@Suite(
  .timeLimit(.minutes(2)),
  .enabled(if: mockModel != nil, "AGENTV_TEST_TOOLS does not hold mock_llm")
)
struct EvalModelGradingTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  private func start() async throws -> ServerProcess {
    let server = try await ServerProcess.start(["python3", try #require(mockModel), "--port", "0"])
    try project.scratch.write(
      ".agentv/targets.yaml",
      """
      targets:
        - {name: default, provider: cli, grader_target: judge, command: "echo 42 > {OUTPUT_FILE}"}
        - {name: judge, provider: openai, base_url: "\(server.url)/v1", api_key: "${{ TEST_KEY }}",
           model: "${{ TEST_MODEL }}", max_retries: 0}
        - {name: builtin, provider: agentv, base_url: "\(server.url)/v1", model: "openai:m"}
      """)
    return server
  }

  private func suite(_ prompts: [String: String]) throws {
    var text = "name: a\ntests:\n"
    for (id, prompt) in prompts.sorted(by: { $0.key < $1.key }) {
      text += """
          - id: \(id)
            input: What is it?
            assertions:
              - type: llm-grader
                prompt: '\(prompt)'

        """
    }
    try project.scratch.write("evals/a.eval.yaml", text)
  }

  private func run(_ more: String...) async throws -> ([String: ResultRow], FinishedAgentv) {
    let process = try await RunningAgentv(
      ["eval", "evals/a.eval.yaml", "-o", "out"] + more, in: project.path,
      environment: ["TEST_KEY": "sesame-key", "TEST_MODEL": "m", "OPENAI_API_KEY": "sesame-key"])
    let finished = try await project.finish(process)
    var rows: [String: ResultRow] = [:]
    for row in try project.contents("out").effectiveRows { rows[row.testID] = row }
    return (rows, finished)
  }

  @Test func `a model grades over HTTP and its tokens are counted`() async throws {
    let server = try await start()
    try suite(["a": #"[[mock:answer={"score": 0.75}]] [[mock:usage=100/20]]"#])
    let (rows, finished) = try await run()
    #expect(rows["a"]?.score == 0.75, "\(finished.stderr)")
    let entry = try #require(rows["a"]?.scores.first)
    #expect(entry["target"] == "judge")
    #expect(entry["token_usage"]?["input"] == 100)
    #expect(entry["token_usage"]?["output"] == 20)
    #expect(!(finished.stdout + finished.stderr).contains("sesame"))
    await server.stop()
  }

  @Test func `a model that fails, drops, hangs or babbles spoils its own test alone`() async throws
  {
    let server = try await start()
    try suite([
      "good": #"[[mock:answer={"score": 1}]]"#, "fails": "[[mock:fail=500]]",
      "drops": "[[mock:drop]]", "babbles": "[[mock:answer=I think it is {fine]]",
      "hangs": "[[mock:delay=600]]", "refuses": "[[mock:fail=401]]",
    ])
    let (rows, finished) = try await run("--agent-timeout", "3", "--workers", "6")
    #expect(rows.count == 6, "\(finished.stderr)")
    #expect(rows["good"]?.executionStatus == .ok)
    for id in ["fails", "drops", "babbles", "hangs", "refuses"] {
      #expect(rows[id]?.executionStatus == .executionError, "\(id)")
      #expect(rows[id]?.failureReasonCode == "evaluator_error", "\(id)")
    }
    // A wrong key is wrong the second time as well.
    #expect(rows["refuses"]?.error?.contains("after 1 attempt") == true)
    await server.stop()
  }

  @Test func `the built-in grader is a model where there is no workspace`() async throws {
    let server = try await start()
    try suite(["a": #"[[mock:answer={"score": 0.6}]]"#])
    let (rows, finished) = try await run("--grader-target", "builtin")
    #expect(rows["a"]?.score == 0.6, "\(finished.stderr)")
    #expect(rows["a"]?.scores.first?["target"] == "builtin")
    await server.stop()
  }

  @Test func `a failure that passes is overcome`() async throws {
    let server = try await start()
    try suite([
      "a": #"[[mock:fail=503]][[mock:fail_times=2]][[mock:answer={"score": 1}]]"#
    ])
    let (rows, finished) = try await run()
    #expect(rows["a"]?.executionStatus == .ok, "\(finished.stderr)")
    await server.stop()
  }
}
