import Core
import EvalFiles
import Glibc
import TestSupport
import Testing

@testable import Graders

/// Script graders in containers, with a stand-in for the docker client that runs commands here.
@Suite(.timeLimit(.minutes(1))) struct ContainerTests {
  private func grade(
    _ command: JSON, _ docker: DockerSpec, repos: [RepoSpec]? = nil, fake: String,
    timeout: Duration? = nil
  ) async throws -> (score: GraderScore, calls: [String]) {
    let directory = try TemporaryDirectory()
    try directory.write(
      "bin/docker", "#!/bin/sh\necho \"$@\" >> '\(directory.path)/calls'\n\(fake)")
    _ = chmod(directory.file("bin/docker"), 0o755)
    var test = EvalTest(id: "t", suite: "s", input: [Message(role: "user", text: "hi")])
    test.directory = directory.path
    test.workspace = Shared(
      WorkspaceSpec(repos: repos, docker: docker, directory: directory.path))
    let score = try await GraderRegistry.grade(
      GraderSpec(
        name: "g", type: "code-grader", config: ["command": command],
        searchRoots: [directory.path]),
      input(
        "x", test: test, environment: ["PATH": "\(directory.file("bin")):/usr/bin:/bin"],
        timeout: timeout))
    let calls = (try? FileIO.read(directory.file("calls"))).map {
      String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    return (score, calls ?? [])
  }

  /// Runs what stands behind the image.
  private static let runs = """
    while [ "$1" != "img" ]; do shift; done; shift; exec "$@"
    """

  @Test func `the command runs in the image with its limits`() async throws {
    let (score, calls) = try await grade(
      ["sh", "-c", "grep -c criteria"], DockerSpec(image: "img", memory: "4g", cpus: 1.5),
      fake: Self.runs)
    #expect(score.assertions == [AssertionResult("1", passed: true)])
    #expect(calls.count == 1)
    #expect(calls[0].hasPrefix("run --rm -i --name=agentv-grader-"))
    #expect(calls[0].hasSuffix("--memory=4g --cpus=1.5 img sh -c grep -c criteria"))
  }

  @Test func `a container that is stopped is removed`() async throws {
    let (score, calls) = try await grade(
      ["sleep", "600"], DockerSpec(image: "img", timeoutSeconds: 0.5),
      fake: "case $1 in rm) exit 0 ;; esac\n" + Self.runs)
    #expect(
      score.assertions == [
        AssertionResult("Code evaluator failed: timed out after 0.5 s", passed: false)
      ])
    #expect(calls.count == 2)
    let name = calls[0].split(separator: " ").first { $0.hasPrefix("--name=") }?.dropFirst(7)
    #expect(calls[1] == "rm -f \(name ?? "")")
  }

  @Test func `repositories in the image are set to their commit first`() async throws {
    let (_, calls) = try await grade(
      ["true"], DockerSpec(image: "img"),
      repos: [RepoSpec(path: "/testbed", source: nil, baseCommit: "abc")], fake: "exit 0")
    #expect(calls.joined(separator: " ").contains("git -C \"$1\" reset --hard \"$2\""))
    #expect(calls.joined(separator: " ").hasSuffix("sh /testbed abc true"))
  }

  @Test func `without a docker client the grader fails and says so`() async throws {
    let directory = try TemporaryDirectory()
    var test = EvalTest(id: "t", suite: "s", input: [Message(role: "user", text: "hi")])
    test.workspace = Shared(
      WorkspaceSpec(docker: DockerSpec(image: "img"), directory: directory.path))
    let score = try await GraderRegistry.grade(
      GraderSpec(name: "g", type: "code-grader", config: ["command": ["true"]]),
      input("x", test: test, environment: ["PATH": directory.path]))
    #expect(score.score == 0)
    #expect(score.assertions.first?.text.contains("docker") == true)
  }
}
