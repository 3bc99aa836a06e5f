// Settings of an agent target, checked when the target is set up.

import Core
import EvalFiles

/// Settings that all agents share, and the reading of the others.
struct AgentSettings: Sendable {
  /// What becomes of the events while a test runs.
  enum StreamLog: String, Sendable {
    case off, raw, summary
  }

  let target: ResolvedTarget
  /// Program and the arguments that belong to its name.
  let command: [String]
  /// Arguments of the user's, after ours.
  let arguments: [String]
  let model: String?
  /// Directory to work in when the test has no workspace, as written.
  let cwd: String?
  let timeout: Duration?
  let systemPrompt: String?
  /// Directory of the stream logs, as written.
  let logDirectory: String?
  let streamLog: StreamLog
  /// Whether what the agent leaves running is let live.
  let keepsProcesses: Bool

  init(_ target: ResolvedTarget, executable: String, splitsCommand: Bool = false)
    throws(ProviderError)
  {
    self.target = target
    let read = AgentSettingReader(target: target)
    let written = try read.text("executable", "command", "binary", "cli_path") ?? executable
    command =
      splitsCommand ? written.split(separator: " ").map(String.init) : [written]
    arguments = try read.list("args", "arguments") ?? []
    model = try read.text("model")
    cwd = try read.text("cwd")
    timeout = try read.positive("timeout_seconds").map {
      .milliseconds(Int(($0 * 1000).rounded(.up)))
    }
    systemPrompt = try read.text("system_prompt")
    logDirectory = try read.text("log_dir", "log_directory")
    streamLog = try read.streamLog()
    keepsProcesses = try read.flag("keep_processes") ?? false
  }

  /// Reads the settings of one agent's own.
  var own: AgentSettingReader { AgentSettingReader(target: target) }
}

/// Reading of settings with messages that name target, setting, value and remedy.
struct AgentSettingReader: Sendable {
  let target: ResolvedTarget

  func problem(_ setting: String, _ text: String) -> ProviderError {
    let place = target.file.map { " (in \($0))" } ?? ""
    return ProviderError(
      .configuration, "target '\(target.name)': '\(setting)' \(text)\(place)")
  }

  /// A text under one of several names; blank ones count as missing.
  func text(_ names: String...) throws(ProviderError) -> String? {
    for name in names {
      guard let value = target.settings[name], !value.isNull else { continue }
      guard value.array == nil, value.object == nil else {
        throw problem(name, "must be a text, found \(value.kind)")
      }
      let text = (value.string ?? value.text).trimmed
      if !text.isEmpty { return text }
    }
    return nil
  }

  /// A text that is one of some words.
  func word(_ name: String, of words: [String]) throws(ProviderError) -> String? {
    guard let text = try text(name) else { return nil }
    guard words.contains(text) else {
      throw problem(name, "must be one of \(words.joined(separator: ", ")), found '\(text)'")
    }
    return text
  }

  /// A list of texts; a single text is split at its spaces.
  func list(_ names: String...) throws(ProviderError) -> [String]? {
    for name in names {
      switch target.settings[name] {
      case nil, .null: continue
      case .string(let text): return text.split(separator: " ").map(String.init)
      case .array(let items):
        var texts: [String] = []
        for item in items {
          guard item.array == nil, item.object == nil, !item.isNull else {
            throw problem(name, "must be a list of texts, found \(item.kind) in it")
          }
          texts.append(item.string ?? item.text)
        }
        return texts
      case .some(let value): throw problem(name, "must be a list of texts, found \(value.kind)")
      }
    }
    return nil
  }

  func flag(_ name: String) throws(ProviderError) -> Bool? {
    switch target.settings[name] {
    case nil, .null: return nil
    case .bool(let flag): return flag
    case .string("true"), .string("1"): return true
    case .string("false"), .string("0"): return false
    case .some(let value): throw problem(name, "must be true or false, found \(value.text)")
    }
  }

  /// A number above 0.
  func positive(_ name: String) throws(ProviderError) -> Double? {
    guard let value = target.settings[name], !value.isNull else { return nil }
    let number = value.double ?? value.string.flatMap { Double($0.trimmed) }
    guard let number, number > 0, number.isFinite, number < 1e9 else {
      throw problem(name, "must be a number above 0, found \(value.text)")
    }
    return number
  }

  fileprivate func streamLog() throws(ProviderError) -> AgentSettings.StreamLog {
    for name in ["stream_log", "log_format", "log_output_format"] {
      switch target.settings[name] {
      case nil, .null: continue
      case .bool(false), .string("false"): return .off
      case .bool(true), .string("true"), .string("summary"): return .summary
      case .string("raw"), .string("json"): return .raw
      case .some(let value):
        throw problem(name, "must be false, raw or summary, found \(value.text)")
      }
    }
    return .summary
  }
}
