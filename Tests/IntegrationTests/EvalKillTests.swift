import Core
import EventLoop
import Glibc
import RunArtifacts
import Supervisor
import TestSupport
import Testing

/// SIGKILL of `agentv eval`: its guard ends what it has left, before anybody else would.
@Suite(.timeLimit(.minutes(1))) struct EvalKillTests {
  private let project: EvalProject
  private var pids: String { project.scratch.file("pids") }

  init() throws { project = try EvalProject() }

  /// A command whose processes ignore SIGTERM, leave session and parent, and wipe their environment.
  private var tree: String {
    let child = Path.directory(FileIO.readLink("/proc/self/exe") ?? "/") + "/TestChild"
    return "\(child) tree --pids \(pids) --life 50 --on-term ignore --setsid-ignore 1 "
      + "--double-fork-ignore 2 --wipe-env"
  }

  private func run(_ files: [String: String]) async throws -> RunningAgentv {
    for (name, text) in files { try project.scratch.write(name, text) }
    let running = try await project.start(
      "eval", "evals", "--targets", "t.yaml", "--output", "out")
    while !text(pids).contains("# ready") { await Task.yield() }
    return running
  }

  private func text(_ path: String) -> String {
    String(decoding: (try? FileIO.read(path)) ?? [], as: UTF8.self)
  }

  private var members: [Int32] {
    text(pids).split(separator: "\n").filter { !$0.hasPrefix("#") }
      .compactMap { Int32($0.split(separator: " ")[1]) }
  }

  /// Whether a process runs; a zombie that nobody has reaped yet does not.
  private func isAlive(_ pid: Int32) -> Bool {
    let stat = text("/proc/\(pid)/stat")
    return !stat.isEmpty && !stat.contains(") Z ")
  }

  private func guardian(of pid: Int32) -> Int32? {
    let children = (try? FileIO.list("/proc/\(pid)/task")) ?? []
    return children.flatMap { text("/proc/\(pid)/task/\($0)/children").split(separator: " ") }
      .compactMap { Int32($0) }.first { text("/proc/\($0)/cmdline").contains("\0guard\0") }
  }

  static let places: [(String, [String: String])] = [
    (
      "a target's command",
      [
        "t.yaml": "targets: [{name: default, provider: cli, command: \"TREE\"}]\n",
        "evals/a.eval.yaml":
          "tests: [{id: a, criteria: c, input: q, assertions: [{type: contains, value: x}]}]\n",
      ]
    ),
    (
      "a script grader",
      [
        "t.yaml": "targets: [{name: default, provider: mock, response: x}]\n",
        "evals/a.eval.yaml":
          "tests: [{id: a, criteria: c, input: q, assertions: [{type: code-grader, command: [sh, -c, \"TREE\"]}]}]\n",
      ]
    ),
  ]

  @Test(arguments: places)
  func `nothing of it lives on`(_ place: String, _ files: [String: String]) async throws {
    let running = try await run(files.mapValues { $0.replacing("TREE", with: tree) })
    let members = members
    #expect(members.count == 4)
    #expect(members.allSatisfy(isAlive))
    await running.signal(SIGKILL)
    let run = try await project.finish(running)
    #expect(run.code == 137)
    #expect(members.filter(isAlive) == [], "\(place)")
    // We, who would kill them after 2 s, had nobody to kill.
    #expect(run.result.census.killed == 0)
  }

  @Test func `a guard that is killed is replaced`() async throws {
    let files = Self.places[0].1.mapValues { $0.replacing("TREE", with: tree) }
    let running = try await run(files)
    let pid = await running.pid
    let first = try #require(guardian(of: pid))
    kill(first, SIGKILL)
    while guardian(of: pid).map({ $0 == first }) ?? true { await Task.yield() }
    await running.signal(SIGKILL)
    let run = try await project.finish(running)
    #expect(members.filter(isAlive) == [])
    #expect(run.result.census.killed == 0)
  }

  @Test func `an orderly end leaves no guard`() async throws {
    try project.suite("a", ["one"])
    let run = try await project.run("eval", "evals", "--output", "out")
    #expect(run.code == 0)
    #expect(run.result.census == Census())
  }
}
