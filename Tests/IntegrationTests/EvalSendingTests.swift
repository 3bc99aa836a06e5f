import Core
import RunArtifacts
import Supervisor
import Synchronization
import TestSupport
import Testing

/// What leaves the machine at the end of a run: traces to a collector, the run to a repository.
@Suite(.timeLimit(.minutes(2))) struct EvalSendingTests {
  private let project: EvalProject

  init() throws { project = try EvalProject() }

  /// A collector that answers as it is told, request by request; the last answer is repeated.
  private final class Collector: Sendable {
    let server: ScriptedServer
    private let seen: Seen

    init(_ statuses: [String]) throws {
      let seen = Seen()
      server = try ScriptedServer { connection, _ in
        while let request = connection.request() {
          let number = seen.add(request)
          let status = statuses[min(number, statuses.count - 1)]
          let body = status.hasPrefix("200") ? "{}" : "key sk-secret is not known"
          connection.send(
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n"
              + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
      }
      self.seen = seen
    }

    var bodies: [JSON] {
      seen.all.compactMap { request in
        request.firstRange(of: "\r\n\r\n").flatMap {
          try? JSON.parse(Array(request[$0.upperBound...].utf8))
        }
      }
    }
    var heads: [String] { seen.all }
  }

  private final class Seen: Sendable {
    private let requests = Mutex<[String]>([])

    func add(_ request: String) -> Int {
      requests.withLock {
        $0.append(request)
        return $0.count - 1
      }
    }

    var all: [String] { requests.withLock { $0 } }
  }

  private func environment(_ collector: Collector) -> [String: String] {
    [
      "OTEL_EXPORTER_OTLP_ENDPOINT": collector.server.url,
      "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20sk-secret",
    ]
  }

  private static func tests(_ body: JSON) -> [String] {
    let spans = body["resourceSpans"]?.array?.first?["scopeSpans"]?.array?.first?["spans"]?.array
    return (spans ?? []).filter { $0["name"] == "agentv.eval" }.compactMap { span in
      span["attributes"]?.array?.first { $0["key"] == "agentv.test_id" }?["value"]?["stringValue"]?
        .string
    }
  }

  @Test func `traces of all tests go to the collector, once, and a resume sends the new ones`()
    async throws
  {
    try project.suite("a", ["one", "error-two"])
    let collector = try Collector(["503 Busy", "200 OK"])
    let run = try await project.run(
      "eval", "evals", "-o", "out", "--export-otel", "--max-retries", "0",
      "--workers", "1", environment: environment(collector))
    #expect(run.code == 0, "\(run.stderr)")
    #expect(run.stdout.contains("Traces of 2 test(s) sent to the collector."), "\(run.stdout)")
    #expect(collector.bodies.map(Self.tests) == [["one", "error-two"], ["one", "error-two"]])
    #expect(
      collector.heads.allSatisfy {
        $0.hasPrefix("POST /v1/traces ") && $0.contains("Bearer sk-secret")
      })
    // run.json remembers that traces are wanted.
    try project.scratch.write(
      "agent.sh", "printf '%s' \"$1\" > \"$2\"\n")
    let resumed = try await project.run(
      "eval", "-o", "out", "--resume", environment: environment(collector))
    #expect(resumed.code == 0, "\(resumed.stderr)")
    #expect(collector.bodies.count == 3)
    #expect(collector.bodies.last.map(Self.tests) == ["error-two"])
  }

  @Test func `a collector that refuses or is not there is a warning, without the key`() async throws
  {
    try project.suite("a", ["one"])
    let collector = try Collector(["401 Unauthorized"])
    let refused = try await project.run(
      "eval", "evals", "-o", "a", "--export-otel", environment: environment(collector))
    #expect(refused.code == 0)
    #expect(refused.stderr.contains("traces of 1 of 1 test(s) were not sent"), "\(refused.stderr)")
    #expect(refused.stderr.contains("HTTP 401"))
    #expect(!(refused.stdout + refused.stderr).contains("sk-secret"))
    #expect(collector.heads.count == 1, "what cannot pass is not tried again")
    let absent = try await project.run(
      "eval", "evals", "-o", "b", "--export-otel", "--otel-backend", "langfuse")
    #expect(absent.code == 0)
    #expect(absent.stderr.contains("LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"))
    #expect(try project.contents("b").rows.count == 1)
  }

  @Test func `turns get spans of their own when that is asked for`() async throws {
    try project.suite("a", ["one"])
    let collector = try Collector(["200 OK"])
    try project.scratch.write(
      "agent.sh",
      #"""
      cat > "$2" <<'END'
      {"output":[{"role":"user","content":"q"},{"role":"assistant","content":"one"},
       {"role":"user","content":"r"},{"role":"assistant","content":"one"}]}
      END
      """#)
    let run = try await project.run(
      "eval", "evals", "-o", "out", "--export-otel", "--otel-group-turns",
      environment: environment(collector))
    #expect(run.code == 0, "\(run.stderr)")
    let text = try #require(collector.bodies.first).text
    #expect(text.contains("agentv.turn.1") && text.contains("agentv.turn.2"))
  }

  private func git(_ arguments: String...) async throws -> String {
    var environment = ProcessEnvironment.current().filter { !$0.key.hasPrefix("GIT_") }
    environment["HOME"] = project.path
    let identity = ["-c", "user.name=t", "-c", "user.email=t@t"]
    let result = try await Supervisor.shared.run(
      ProcessSpec(
        executable: "git", arguments: identity + arguments, environment: environment,
        workingDirectory: project.path, output: .capture(limitBytes: 1 << 20)),
      timeout: .seconds(60))
    try #require(result.exit.isSuccess, "\(result.stderr.text)")
    return result.stdout.text
  }

  @Test func `a run is pushed to the results repository, and again after a resume`() async throws {
    _ = try await git("init", "--quiet", "--bare", "--initial-branch=main", "results.git")
    _ = try await git("clone", "--quiet", "results.git", "seed")
    try project.scratch.write("seed/README.md", "results")
    _ = try await git("-C", "seed", "add", ".")
    _ = try await git("-C", "seed", "commit", "--quiet", "-m", "first")
    _ = try await git("-C", "seed", "push", "--quiet", "origin", "HEAD:main")
    try project.scratch.write(
      ".agentv/config.yaml",
      "results: {export: {repo: \(project.path)/results.git, path: runs/, auto_push: true}}\n")
    try project.suite("a", ["one", "flaky-two"])
    let run = try await project.run(
      "eval", "evals", "--experiment", "x", "--max-retries", "0")
    #expect(run.stdout.contains("Results pushed to"), "\(run.stdout)\(run.stderr)")
    let log = try await git("--git-dir", "results.git", "log", "--format=%s", "main")
    #expect(log.contains("feat(results): x - 1/2 PASS (0.500)"), "\(log)")
    let files = try await git("--git-dir", "results.git", "ls-tree", "-r", "--name-only", "main")
    #expect(files.contains("README.md"), "what was there stays")
    #expect(files.contains("/index.jsonl") && files.contains("runs/x/"))
    #expect(!files.contains(".writer.lock"))
    try project.scratch.write("fixed", "")
    let resumed = try await project.run("eval", "--resume")
    #expect(resumed.stdout.contains("Results pushed to"), "\(resumed.stdout)\(resumed.stderr)")
    let count = try await git("--git-dir", "results.git", "rev-list", "--count", "main")
    #expect(count.hasPrefix("3"))
  }

  @Test func `a repository that cannot be pushed to is a warning, without its password`()
    async throws
  {
    try project.scratch.write(
      ".agentv/config.yaml",
      """
      results:
        export: {repo: "http://me:pa55word@127.0.0.1:1/r.git", path: r, auto_push: true}

      """)
    try project.suite("a", ["one"])
    let run = try await project.run("eval", "evals", "-o", "out")
    #expect(run.code == 0)
    #expect(run.stderr.contains("was not pushed to the results repository"), "\(run.stderr)")
    #expect(!(run.stdout + run.stderr).contains("pa55word"))
  }

  @Test func `documents that were asked for are written again after a resume`() async throws {
    try project.suite("a", ["one", "error-two"])
    try await project.run(
      "eval", "evals", "-o", "out", "--export", "r.xml", "--max-retries", "0")
    try FileIO.remove(project.scratch.file("r.xml"))
    try project.scratch.write("agent.sh", "printf '%s' \"$1\" > \"$2\"\n")
    let resumed = try await project.run("eval", "-o", "out", "--resume")
    #expect(resumed.stdout.contains("Export file(s) written: r.xml"), "\(resumed.stdout)")
    let text = String(
      decoding: try FileIO.read(project.scratch.file("r.xml")), as: UTF8.self)
    #expect(text.contains("error-two") && text.contains("failures=\"0\""))
  }

  @Test func `an answer of 300 MB is refused for its test alone, in bounded memory`() async throws {
    try project.suite("a", ["one", "huge", "last"])
    try project.scratch.write(
      "agent.sh",
      """
      case $1 in
        huge) head -c 300000000 /dev/zero | tr '\\0' x > "$2"; head -c 300000000 /dev/zero ;;
        *) printf '%s' "$1" > "$2" ;;
      esac
      """)
    let run = try await project.run(
      "eval", "evals", "-o", "out", "--workers", "1", "--max-retries", "0")
    #expect(run.code == 0, "\(run.stderr)")
    let rows = try project.contents("out").effectiveRows
    #expect(rows.map(\.executionStatus) == [.ok, .executionError, .ok])
    #expect(rows[1].error?.isEmpty == false)
    #expect(run.result.maxResidentBytes < 250 << 20, "\(run.result.maxResidentBytes)")
  }
}
