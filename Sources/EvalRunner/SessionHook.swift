// `hooks.before_session` of config.yaml: a command that makes ready what the runs of a project need,
// such as a key from a vault.

import Core
import Supervisor

/// The hook of a session.
struct SessionHook: Sendable {
  /// Longest time that the command may take; somebody may have to type a password.
  static let timeLimit = Duration.seconds(300)
  /// Output that is kept, bytes.
  static let outputBytes = 1 << 20

  /// The shell command.
  let command: String
  let workingDirectory: String

  /// Runs the command and takes variables from its output.
  /// - Parameters:
  ///   - environment: variables of this process; they go before those of the hook.
  ///   - console: where to say what runs.
  /// - Returns: the variables with those that the hook added.
  /// - Throws: `EvalRunError` when it cannot be run, takes too long or exits with another code than 0.
  func run(
    _ environment: [String: String], _ console: Console
  ) async throws(EvalRunError) -> [String: String] {
    console.say("Running before_session hook: \(command)")
    let spec = ProcessSpec(
      executable: "/bin/sh", arguments: ["-c", command], environment: environment,
      workingDirectory: workingDirectory, output: .capture(limitBytes: Self.outputBytes))
    let result: ProcessResult
    do throws(SupervisorError) {
      result = try await Supervisor.shared.run(spec, timeout: Self.timeLimit)
    } catch {
      throw EvalRunError("before_session hook cannot be run: \(error.description)")
    }
    let said = result.stderr.text
    if !said.isEmpty { console.complain(said.hasSuffix("\n") ? String(said.dropLast()) : said) }
    if result.timedOut {
      throw EvalRunError("before_session hook took longer than \(Self.timeLimit): \(command)")
    }
    guard result.exit.isSuccess else {
      throw EvalRunError(
        "before_session hook exited with code \(result.exit.shellCode): \(command)")
    }
    let added = Self.variables(in: result.stdout.text).filter { environment[$0.key] == nil }
    if !added.isEmpty {
      console.say("before_session hook injected \(added.count) environment variable(s).")
    }
    return environment.merging(added) { own, _ in own }
  }

  /// Lines `NAME=value` and `export NAME="value"`; all others are passed over.
  static func variables(in output: String) -> [String: String] {
    var variables: [String: String] = [:]
    for line in output.split(separator: "\n") {
      var text = line.drop { $0 == " " || $0 == "\t" }
      if text.hasPrefix("export ") { text = text.dropFirst(7) }
      guard let equals = text.firstIndex(of: "=") else { continue }
      let name = text[..<equals]
      guard let first = name.first, first == "_" || (first.isASCII && first.isLetter),
        name.allSatisfy({ $0.isASCII && ($0 == "_" || $0.isLetter || $0.isNumber) })
      else { continue }
      var value = text[text.index(after: equals)...]
      while value.last?.isWhitespace == true { value.removeLast() }
      if value.count > 1, let quote = value.first, quote == "\"" || quote == "'",
        value.last == quote
      {
        value = value.dropFirst().dropLast()
      }
      variables[String(name)] = String(value)
    }
    return variables
  }
}
