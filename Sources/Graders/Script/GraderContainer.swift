// Script graders of tests whose workspace names a container image: they run inside of it.

import Core
import EvalFiles

/// The container of `workspace.docker`.
struct GraderContainer {
  /// Time that the removal of a container gets.
  private static let removalLimit = Duration.seconds(30)

  private var image: String
  private var options: [String] = []
  private var timeLimit: Duration
  /// Repositories inside of the image that are set to a commit before the script runs.
  private var checkouts: [(path: String, commit: String)] = []

  /// The container that a test asks for; `nil` when it asks for none.
  init?(_ input: GraderInput) {
    guard let workspace = input.test.workspace?.value, let docker = workspace.docker,
      !docker.image.isEmpty, !docker.image.hasPrefix("-")
    else { return nil }
    image = docker.image
    timeLimit = .seconds(docker.timeoutSeconds)
    if let memory = docker.memory { options.append("--memory=\(memory)") }
    if let cpus = docker.cpus { options.append("--cpus=\(NumberText.plain(cpus))") }
    for repository in workspace.repos ?? [] {
      guard let commit = repository.baseCommit ?? repository.ref, !commit.hasPrefix("-") else {
        continue
      }
      checkouts.append((repository.path, commit))
    }
  }

  /// Runs a command inside; the container is gone afterwards, also after a stop.
  func run(
    _ command: [String], _ bytes: [UInt8], _ environment: [String: String], _ input: GraderInput
  ) async throws(GraderError) -> GraderProgram.Outcome {
    let name = "agentv-grader-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    var words = ["docker", "run", "--rm", "-i", "--name=\(name)"] + options
    // Only the names: the command line of the client is for everybody to see.
    words += environment.keys.sorted().map { "--env=\($0)" }
    if !environment.isEmpty { words.append("--network=host") }
    words += [image] + inside(command)
    let program = GraderProgram(
      subject: "Code evaluator", command: words, directory: input.test.directory,
      standardInput: bytes, environment: environment,
      timeLimit: input.agentTimeout ?? timeLimit)
    do throws(GraderError) {
      return try await program.run(input)
    } catch {
      await remove(name, input)
      throw error
    }
  }

  /// The command behind the checkouts that go before it.
  private func inside(_ command: [String]) -> [String] {
    guard !checkouts.isEmpty else { return command }
    var script = "set -e\n"
    var arguments: [String] = []
    for checkout in checkouts {
      script += "git -C \"$1\" reset --hard \"$2\" >/dev/null\nshift 2\n"
      arguments += [checkout.path.isEmpty ? "." : checkout.path, checkout.commit]
    }
    return ["sh", "-c", script + "exec \"$@\"", "sh"] + arguments + command
  }

  /// The client may be gone while the container lives on: it belongs to the engine.
  private func remove(_ name: String, _ input: GraderInput) async {
    let program = GraderProgram(
      subject: "docker", command: ["docker", "rm", "-f", name], directory: "/",
      standardInput: [], timeLimit: Self.removalLimit)
    // A task of its own: the one that is being stopped could start nothing any more.
    _ = await Task { try? await program.run(input) }.value
  }
}
