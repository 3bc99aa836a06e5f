import Core
import RunArtifacts
import Supervisor
import Synchronization
import TestSupport
import Testing

/// Says yes once.
private final class Once: Sendable {
  private let isTaken = Mutex(false)

  func take() -> Bool {
    isTaken.withLock { taken in
      defer { taken = true }
      return !taken
    }
  }
}

/// Runs whose targets are models or recordings.
@Suite(.timeLimit(.minutes(2))) struct EvalModelTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  /// A target `gpt` that is a server of the test's own.
  private func model(_ server: ScriptedServer, _ more: String = "") throws {
    try project.scratch.write(
      ".agentv/targets.yaml",
      """
      targets:
        - name: default
          provider: openai
          api_key: ${{ MY_KEY }}
          model: ${{ MY_MODEL }}
          base_url: \(server.url)
          \(more)
      """)
  }

  private let environment = ["MY_KEY": "sesame-key-1234", "MY_MODEL": "m", "NO_PROXY": "*"]

  private func suite(_ prompts: [String]) throws {
    let tests = prompts.map {
      "  - {id: \"\($0)\", criteria: c, input: \"\($0)\", assertions: [{type: contains, value: \"\($0)\"}]}"
    }
    try project.scratch.write(
      "evals/a.eval.yaml", "name: a\ntests:\n" + tests.joined(separator: "\n") + "\n")
  }

  private static func answer(_ text: String) -> String {
    "{\"choices\":[{\"message\":{\"content\":\"\(text)\"},\"finish_reason\":\"stop\"}]}"
  }

  @Test func `a stop closes the request of a model, and resume makes it again`() async throws {
    let (closed, feed) = AsyncStream.makeStream(of: Bool.self)
    let isFirst = Once()
    let server = try ScriptedServer { connection, _ in
      while let request = connection.request() {
        // The first request for `slow` is never answered.
        if request.contains("slow"), isFirst.take() {
          feed.yield(false)
          feed.yield(connection.waitForEnd())
          return
        }
        connection.answer(
          "200 OK", ["Content-Type: application/json"],
          body: Self.answer(request.contains("slow") ? "slow" : "fast"))
      }
    }
    try model(server)
    try suite(["fast", "slow"])
    let run = try await project.start(
      "eval", "evals", "--output", "out", environment: environment)
    var events = closed.makeAsyncIterator()
    #expect(await events.next() == false)
    #expect(await run.says("✅ fast"))
    await run.signal(15)
    #expect(await events.next() == true)
    #expect(try await project.finish(run).code == 143)
    #expect(try project.contents("out").rows.map(\.testID) == ["fast"])
    let resumed = try await project.run(
      "eval", "--resume", "--output", "out", environment: environment)
    #expect(resumed.code == 0)
    #expect(resumed.stdout.contains("1/1   ✅ slow"), "\(resumed.stdout)\(resumed.stderr)")
    #expect(try project.contents("out").rows.count == 2)
  }

  @Test func `a key is in no output and no file, even when the service repeats it`() async throws {
    let server = try ScriptedServer { connection, _ in
      while connection.request() != nil {
        connection.answer(
          "401 Unauthorized", ["Content-Type: application/json"],
          body: "{\"error\":{\"message\":\"bad key sesame-key-1234\"}}")
      }
    }
    try model(server)
    try suite(["one"])
    let run = try await project.run(
      "eval", "evals", "--output", "out", "--verbose", environment: environment)
    #expect(run.stdout.contains("HTTP 401: bad key [key]"))
    #expect(!(run.stdout + run.stderr).contains("sesame"))
    let found = try await Supervisor.shared.run(
      ProcessSpec(
        executable: "grep", arguments: ["-rl", "sesame", project.path],
        environment: ProcessEnvironment.current()))
    #expect(found.stdout.text.isEmpty)
  }

  @Test func `an unset key is told before anything runs`() async throws {
    let server = try ScriptedServer { _, _ in }
    try model(server)
    try suite(["one"])
    let run = try await project.run("eval", "evals", "--output", "out")
    #expect(run.code == 1)
    #expect(run.stderr.contains("MY_KEY"))
    #expect(!FileIO.exists(project.scratch.file("out/index.jsonl")))
  }

  @Test func `a transcript is graded, in part and again`() async throws {
    try suite(["one", "two", "three"])
    let lines = ["three", "one", "two"].map {
      "{\"test_id\":\"\($0)\",\"message_index\":0,\"role\":\"assistant\",\"content\":\"I am \($0)\"}"
    }
    try project.scratch.write("old.jsonl", lines.joined(separator: "\n") + "\n")
    let first = try await project.run(
      "eval", "evals", "--transcript", "old.jsonl", "--test-id", "two", "--output", "out")
    #expect(first.code == 0, "\(first.stderr)")
    #expect(first.stdout.contains("Using target: transcript (old.jsonl)"))
    // The transcript is stored with the launch.
    let resumed = try await project.run("eval", "--resume", "--output", "out", "--test-id", "*")
    #expect(resumed.code == 0, "\(resumed.stderr)")
    let rows = try project.contents("out").rows
    #expect(Set(rows.map(\.testID)) == ["one", "two", "three"])
    #expect(rows.allSatisfy { $0.target == "transcript" && $0.executionStatus == .ok })
    let refused = try await project.run(
      "eval", "evals", "--transcript", "old.jsonl", "--dry-run", "--output", "new")
    #expect(refused.code == 1)
    #expect(refused.stderr.contains("leave out --dry-run"))
  }

  @Test func `the binary links no libcurl`() async throws {
    let linked = try await Supervisor.shared.run(
      ProcessSpec(
        executable: "ldd", arguments: [agentvBinary], environment: ProcessEnvironment.current()))
    #expect(linked.stdout.text.contains("libevent_core"))
    #expect(!linked.stdout.text.contains("curl"))
  }
}
