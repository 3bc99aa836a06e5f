// What the tests of `agentv ps`, `watch`, `logs`, `stop` and `resume` share.

import Core
import TestSupport
import Testing

extension EvalProject {
  /// Starts a run that holds a test, and waits until that test runs.
  func startHeld(
    _ output: String = "out", ids: [String] = ["one", "block-1", "two"]
  ) async throws -> RunningAgentv {
    if !FileIO.exists(scratch.file("evals/a.eval.yaml")) { try suite("a", ids) }
    let running = try await start("eval", "evals", "--output", output, "--workers", "1")
    let held = ids.first { $0.hasPrefix("block") || $0.hasPrefix("deaf") } ?? "?"
    #expect(await running.says("🔄 \(held)"))
    return running
  }

  /// Starts a shell command in the project.
  func startShell(_ command: String) async throws -> RunningAgentv {
    try await RunningAgentv([], in: path, by: ["sh", "-c", command])
  }

  /// Runs a command with --json and gives the document.
  func json(_ arguments: String...) async throws -> JSON {
    let running = try await RunningAgentv(arguments + ["--json"], in: path)
    let run = try await finish(running)
    return try JSON.parse(Array(run.stdout.utf8))
  }

  /// The objects of a command that prints one a line.
  static func lines(_ text: String) throws -> [JSON] {
    try text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
  }

  /// The only run directory that was made without --output.
  func onlyRun() throws -> String {
    let root = scratch.file(".agentv/results/runs/default")
    let name = try #require(try FileIO.list(root).first)
    return "\(root)/\(name)"
  }
}
