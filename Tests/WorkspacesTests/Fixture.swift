// What the tests of workspaces share: a home of their own, repositories, sets.

import Core
import EvalFiles
import Supervisor
import Synchronization
import TestSupport
import Testing

@testable import Workspaces

/// A directory with everything that a set of workspaces needs.
struct Fixture {
  let directory: TemporaryDirectory
  let warnings = Warnings()

  final class Warnings: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }
    func add(_ text: String) { texts.withLock { $0.append(text) } }
  }

  init(_ files: [String: String] = [:]) throws {
    directory = try TemporaryDirectory()
    for (name, text) in files { try directory.write(name, text) }
  }

  var environment: [String: String] {
    [
      "PATH": ProcessEnvironment.current()["PATH"] ?? "/usr/bin:/bin", "HOME": directory.path,
      "AGENTV_HOME": directory.file("home"),
    ]
  }

  var settings: WorkspaceSettings {
    let warnings = self.warnings
    return WorkspaceSettings(
      home: WorkspaceHome(environment: environment, workingDirectory: directory.path),
      workingDirectory: directory.path, environment: environment, warn: { warnings.add($0) })
  }

  func spec(_ change: (inout WorkspaceSpec) -> Void) -> Shared<WorkspaceSpec> {
    var spec = WorkspaceSpec(directory: directory.path)
    change(&spec)
    return Shared(spec)
  }

  func test(_ id: String, _ workspace: Shared<WorkspaceSpec>?) -> EvalTest {
    EvalTest(
      id: id, suite: "s", input: [Message(role: "user", text: "question of \(id)")],
      metadata: ["k": .string(id)], workspace: workspace, directory: directory.path)
  }

  func set(
    _ tests: [EvalTest], workers: Int = 1, hooks: HookSet? = nil,
    _ change: (inout WorkspaceSettings) -> Void = { _ in }
  ) -> WorkspaceSet {
    var settings = settings
    change(&settings)
    return WorkspaceSet(
      workspaces: tests.map(\.workspace), settings: settings, targetHooks: hooks, workers: workers)
  }

  func shell(_ script: String) -> HookSpec { HookSpec(command: ["sh", "-c", script]) }

  func read(_ path: String) throws -> String {
    String(decoding: try FileIO.read(path), as: UTF8.self)
  }

  /// Runs git where the test says; it must succeed.
  @discardableResult
  func git(_ arguments: String..., in name: String) async throws -> String {
    let who = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    let result = try await Supervisor.shared.run(
      ProcessSpec(
        executable: "git", arguments: who + arguments,
        environment: environment.merging(["GIT_CONFIG_GLOBAL": "/dev/null"]) { $1 },
        workingDirectory: directory.file(name)))
    #expect(result.exit.isSuccess, "\(result.stderr.text)")
    return result.stdout.text.trimmed
  }

  /// A repository with three commits on `main`, one more on `side`, and a tag `v1` on the second.
  func repository(_ name: String = "source") async throws -> String {
    try FileIO.createDirectories(directory.file(name))
    try await git("init", "--quiet", "--initial-branch=main", in: name)
    for number in 1...3 {
      try directory.write("\(name)/file.txt", "commit \(number)\n")
      try directory.write("\(name)/src/a.txt", "a")
      try directory.write("\(name)/docs/b.txt", "b")
      try await git("add", "-A", in: name)
      try await git("commit", "--quiet", "-m", "c\(number)", in: name)
      if number == 2 { try await git("tag", "v1", in: name) }
    }
    try await git("checkout", "--quiet", "-b", "side", in: name)
    try directory.write("\(name)/file.txt", "side\n")
    try await git("commit", "--quiet", "-a", "-m", "side", in: name)
    try await git("checkout", "--quiet", "main", in: name)
    return directory.file(name)
  }
}

extension WorkspaceSet {
  /// A workspace that must be there.
  func mustBegin(_ test: EvalTest) async throws -> WorkspaceLease {
    try #require(try await begin(test))
  }
}
