// git, always through the supervisor, never asking anybody anything.

import Core
import EventLoop
import Supervisor

/// Runs git commands.
struct Git: Sendable {
  /// Longest time of one command.
  static let timeout = Duration.seconds(300)
  /// Most output that is kept of one command, bytes.
  static let outputLimitBytes = 64 << 20

  /// Environment of the run.
  let environment: [String: String]
  var log: (@Sendable (String) -> Void)?

  /// What a command said.
  struct Output: Sendable {
    var text: String
    var isSuccess: Bool
    var error: String
  }

  /// The environment without what a git hook above us left, and without a terminal to ask at.
  private var quiet: [String: String] {
    var quiet = environment.filter { !$0.key.hasPrefix("GIT_") || $0.key == "GIT_SSH_COMMAND" }
    quiet["GIT_TERMINAL_PROMPT"] = "0"
    quiet["GIT_ASKPASS"] = ""
    if quiet["GIT_SSH_COMMAND"] == nil { quiet["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes" }
    // Messages are compared nowhere, but people read them.
    quiet["LC_ALL"] = "C.UTF-8"
    return quiet
  }

  /// Runs a command that may fail.
  /// - Throws: `WorkspaceError` when it cannot be started or the run is stopped.
  func attempt(
    _ arguments: [String], in directory: String? = nil, more: [String: String] = [:],
    timeout: Duration = Git.timeout
  ) async throws(WorkspaceError) -> Output {
    let start = ContinuousClock.now
    log?("[repo] git start args=\(arguments.joined(separator: " "))")
    let spec = ProcessSpec(
      executable: "git", arguments: arguments, environment: quiet.merging(more) { $1 },
      workingDirectory: directory, output: .capture(limitBytes: Self.outputLimitBytes))
    let result: ProcessResult
    do throws(SupervisorError) {
      result = try await Supervisor.shared.run(spec, timeout: timeout)
    } catch {
      if error.code == .stopping { throw .cancelled }
      throw WorkspaceError(.clone, "git cannot be run: \(error)")
    }
    if Task.isCancelled || (result.stopped && !result.timedOut) { throw .cancelled }
    let spent = start.duration(to: .now)
    log?("[repo] git \(result.exit.isSuccess ? "ok" : "fail") after \(spent) args=\(arguments)")
    if result.timedOut {
      return Output(
        text: "", isSuccess: false,
        error: "git \(arguments.first ?? "") took more than \(timeout.components.seconds) s")
    }
    let said = result.stderr.text.trimmedLines(last: 8)
    return Output(
      text: result.stdout.text, isSuccess: result.exit.isSuccess,
      error: said.isEmpty ? "git \(arguments.first ?? "") ended with \(result.exit)" : said)
  }

  /// Runs a command that must succeed.
  /// - Returns: what it wrote to stdout.
  @discardableResult
  func run(
    _ arguments: [String], in directory: String? = nil, more: [String: String] = [:],
    timeout: Duration = Git.timeout
  ) async throws(WorkspaceError) -> String {
    let output = try await attempt(arguments, in: directory, more: more, timeout: timeout)
    guard output.isSuccess else { throw WorkspaceError(.clone, output.error) }
    return output.text
  }
}

extension String {
  /// The last lines that say something, joined again.
  func trimmedLines(last count: Int) -> String {
    split(whereSeparator: \.isNewline).suffix(count).joined(separator: "\n")
  }
}
