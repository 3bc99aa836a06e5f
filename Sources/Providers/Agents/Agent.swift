// What is particular to one agent. Everything else (start, reading, limits, stop, logs) is shared by
// all of them in `AgentProvider`.

import Core
import EvalFiles
import Supervisor

/// One agent program, set up for one target.
protocol Agent: Sendable {
  /// Settings that all agents share.
  var settings: AgentSettings { get }
  /// What is known about the program.
  var traits: AgentTraits { get }

  /// Command line, environment and input of one call.
  /// - Throws: `ProviderError` with `.configuration`.
  func launch(_ call: AgentCall) throws(ProviderError) -> AgentLaunch

  /// A reader of one call's events.
  func makeReader() -> any AgentReader

  /// Tells why the program could not reach its model, as far as that can be told before a call.
  /// - Parameters:
  ///   - environment: its variables.
  ///   - ask: runs the program with arguments; `nil` when that failed.
  /// - Returns: the problem and its remedy; `nil` when there is none, or nobody can tell.
  func loginProblem(
    _ environment: [String: String], ask: ([String]) async -> ProcessResult?
  ) async -> String?
}

extension Agent {
  func loginProblem(
    _ environment: [String: String], ask: ([String]) async -> ProcessResult?
  ) async -> String? { nil }
}

/// Facts about an agent program.
struct AgentTraits: Sendable {
  /// Its name in messages.
  var name: String
  /// The directory of its stream logs below `.agentv/logs`.
  var logName: String
  /// Variable that turns its stream logs off (`false`, `0` or `off`).
  var logSwitch: String?
  /// How to install it, for the message when it is missing.
  var installation: String
  /// How it is stopped.
  ///
  /// What the signals do to each of them is in docs/agents.md; whatever is left after them is found
  /// by the census and killed.
  var stop: StopPolicy
  /// How long it may stay after its final event.
  var linger: Duration = .seconds(15)
  /// Arguments that make it say its version; `nil` for one that cannot.
  var versionArguments: [String]? = ["--version"]
}

/// One call of an agent.
struct AgentCall: Sendable {
  var request: ProviderRequest
  /// The whole prompt.
  var prompt: String
  /// Instructions before it, the target's.
  var systemPrompt: String?
  /// Directory the agent works in, absolute.
  var directory: String
  /// A directory for files of this call; removed after it.
  var temporaryDirectory: String
}

/// How an agent is started for one call.
struct AgentLaunch: Sendable {
  var arguments: [String]
  /// Standard input, then its end.
  var input: String
  var environment: [String: String]
  /// Files to be written before the start, by absolute path.
  var files: [String: String] = [:]
}

/// Reads the events of one call.
protocol AgentReader: Sendable {
  /// What has been seen so far.
  var record: AgentRecord { get }
  /// The end that the agent itself reported; `nil` before its final event.
  var outcome: AgentOutcome? { get }

  /// Takes one event.
  /// - Returns: a line for the stream log; `nil` for events that tell nothing.
  mutating func read(_ event: JSON, at instant: AgentInstant) -> AgentLogLine?

  /// What to make of an end without a final event; `nil` for the usual message.
  func failure(stderr: String) -> ProviderError?
}

extension AgentReader {
  func failure(stderr: String) -> ProviderError? { nil }
}

/// How a call ended, in the agent's own words.
enum AgentOutcome: Sendable, Hashable {
  case answered
  case failed(ProviderError)
}

/// When an event was read.
struct AgentInstant: Sendable {
  var clock: ContinuousClock.Instant
  var time: Timestamp

  static func now() -> AgentInstant { AgentInstant(clock: .now, time: .now()) }
}

/// One line of a stream log.
struct AgentLogLine: Sendable, Hashable {
  var event: String
  var summary: String
}

extension Agent {
  /// Settings that hold keys, by name.
  var secrets: [String: String] {
    var secrets: [String: String] = [:]
    for name in ["api_key", "github_token"] {
      secrets[name] = settings.target.settings[name]?.string
    }
    for name in ["api_key", "bearer_token"] {
      secrets["byok.\(name)"] = settings.target.settings["byok"]?[name]?.string
    }
    return secrets
  }
}
