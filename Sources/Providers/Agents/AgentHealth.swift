// The check before the first call: the program is there, says its version, and can reach its model
// as far as that can be told.

import Core
import EvalFiles
import EventLoop
import Supervisor

/// Checks one agent, once for all tests of its target.
struct AgentHealth: Sendable {
  /// A program takes this long to say its version at most; the largest unpacks itself first.
  static let limit = Duration.seconds(60)

  private let gate = HealthGate()
  private let versions = AgentVersions.shared

  /// Passes when the agent can be used.
  /// - Returns: the version of the program, if it says one.
  /// - Throws: `ProviderError` with `.configuration` or `.authentication`, naming the remedy.
  func check(
    _ agent: any Agent, executable: String, environment: [String: String], directory: String
  ) async throws(ProviderError) -> String? {
    try await gate.pass { () async throws(ProviderError) in
      guard let arguments = agent.traits.versionArguments else { return }
      let target = agent.settings.target.name
      let name = agent.traits.name
      let first = agent.settings.command.dropFirst()
      @Sendable func ask(
        _ arguments: [String]
      ) async throws(SupervisorError) -> ProcessResult {
        try await Supervisor.shared.run(
          ProcessSpec(
            executable: executable, arguments: first + arguments, environment: environment,
            workingDirectory: directory, output: .capture(limitBytes: 64 << 10)),
          timeout: Self.limit, policy: agent.traits.stop)
      }
      if await versions.version(of: executable) == nil {
        let result: ProcessResult
        do throws(SupervisorError) {
          result = try await ask(arguments)
        } catch {
          if error.code == .stopping || Task.isCancelled { throw .cancelled }
          throw ProviderError(
            .configuration,
            "target '\(target)': \(name) is not there: \(error.description). "
              + "\(agent.traits.installation), or set `executable`")
        }
        if Task.isCancelled || (result.stopped && !result.timedOut) { throw .cancelled }
        guard result.exit.isSuccess, !result.timedOut else {
          throw ProviderError(
            .configuration,
            "target '\(target)': \(name) does not start: '\(executable) "
              + "\(arguments.joined(separator: " "))' "
              + (result.timedOut ? "did not answer" : "exited with \(result.exit.shellCode)")
              + ": \((result.stderr.text + result.stdout.text).prefix(400)). "
              + "\(agent.traits.installation), or set `executable`")
        }
        let text = result.stdout.text + "\n" + result.stderr.text
        await versions.set(Self.version(in: text) ?? "unknown", for: executable)
      }
      let problem = await agent.loginProblem(environment) { arguments in
        do throws(SupervisorError) {
          let result = try await ask(arguments)
          return result.stopped ? nil : result
        } catch {
          return nil
        }
      }
      if Task.isCancelled { throw .cancelled }
      if let problem {
        throw ProviderError(.authentication, "target '\(target)': \(problem)")
      }
    }
    let version = await versions.version(of: executable)
    return version == "unknown" ? nil : version
  }

  /// The first word of a text that looks like a version: it begins with a digit and has a dot.
  static func version(in text: String) -> String? {
    for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
      let word = word.first == "v" ? word.dropFirst() : word
      guard let first = word.first, first.isASCII, first.isNumber, word.contains(".") else {
        continue
      }
      let version = word.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || ".-+".contains($0)) }
      return String(version.last == "." ? version.dropLast() : version)
    }
    return nil
  }
}

/// Versions of programs that were asked in this process.
///
/// Saying it costs some of them seconds.
actor AgentVersions {
  static let shared = AgentVersions()

  private struct Program: Hashable {
    var path: String
    var modified: Int
  }
  private var versions: [Program: String] = [:]

  func version(of path: String) -> String? { versions[program(path)] }

  func set(_ version: String, for path: String) { versions[program(path)] = version }

  private func program(_ path: String) -> Program {
    Program(path: path, modified: FileIO.status(path)?.modifiedNanoseconds ?? 0)
  }
}
