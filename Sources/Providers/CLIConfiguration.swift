// Settings of a `cli` target.

import Core
import EvalFiles

/// Settings, checked when the target is set up.
struct CLIConfiguration: Sendable, Hashable {
  /// A check before the first call.
  enum HealthCheck: Sendable, Hashable {
    /// The command must exit 0.
    case command(String, cwd: String?, timeout: Duration?)
    /// GET must be answered with 2xx.
    case url(String, timeout: Duration?)
  }

  /// Name of the target, for messages.
  var targetName: String
  var command: String
  /// Relative to the eval file; `nil` for its directory.
  var cwd: String?
  /// How a file appears in `{FILES}`.
  var filesFormat = "{path}"
  var timeout: Duration?
  var healthCheck: HealthCheck?
  var isVerbose = false
  var keepsTemporaryFiles = false
  /// Whether one call is made for all tests of a file.
  var wantsBatches = false

  /// Reads the settings of a target.
  /// - Throws: `ProviderError` with `.configuration`, naming target, setting and remedy.
  init(_ target: ResolvedTarget, defaultCommand: String?) throws(ProviderError) {
    let settings = CLISettings(target: target)
    targetName = target.name
    guard let command = try settings.text("command") ?? defaultCommand else {
      throw settings.problem(
        "command", "is missing; a cli target needs `command`, the shell command to run")
    }
    self.command = command
    try settings.checkPlaceholders(command, "command")
    cwd = try settings.text("cwd")
    filesFormat = try settings.text("files_format", "attachments_format") ?? "{path}"
    timeout = try settings.seconds(settings.target.settings["timeout_seconds"], "timeout_seconds")
    isVerbose = try settings.flag("verbose", "cli_verbose")
    keepsTemporaryFiles = try settings.flag("keep_temp_files", "keep_output_files")
    wantsBatches = try settings.flag("provider_batching")
    if let value = target.settings["healthcheck"], !value.isNull {
      healthCheck = try settings.healthCheck(value)
    }
  }
}

/// Reading of settings with messages that name the target.
private struct CLISettings {
  let target: ResolvedTarget

  func problem(_ setting: String, _ text: String) -> ProviderError {
    let place = target.file.map { " (in \($0))" } ?? ""
    return ProviderError(
      .configuration, "target '\(target.name)': '\(setting)' \(text)\(place)")
  }

  /// A text under one of several names; blank ones count as missing.
  func text(_ names: String...) throws(ProviderError) -> String? {
    for name in names {
      if name == "command", let variable = target.unsetVariables[name] {
        throw problem(
          name,
          "is the environment variable \(variable), which is not set; export it or put it "
            + "into a .env file")
      }
      guard let value = target.settings[name], !value.isNull else { continue }
      guard let text = value.string else {
        throw problem(name, "must be a text, found \(value.kind)")
      }
      if !text.trimmed.isEmpty { return text }
    }
    return nil
  }

  func flag(_ names: String...) throws(ProviderError) -> Bool {
    for name in names {
      switch target.settings[name] {
      case nil, .null: continue
      case .bool(let flag): return flag
      case .string("true"), .string("1"): return true
      case .string("false"), .string("0"): return false
      case .some(let value): throw problem(name, "must be true or false, found \(value.text)")
      }
    }
    return false
  }

  func seconds(_ value: JSON?, _ name: String) throws(ProviderError) -> Duration? {
    guard let value, !value.isNull else { return nil }
    let number = value.double ?? value.string.flatMap { Double($0.trimmed) }
    guard let number, number > 0, number.isFinite, number < 1e9 else {
      throw problem(name, "must be a number of seconds above 0, found \(value.text)")
    }
    return .milliseconds(Int((number * 1000).rounded(.up)))
  }

  func healthCheck(_ value: JSON) throws(ProviderError) -> CLIConfiguration.HealthCheck {
    let timeout = try seconds(value["timeout_seconds"], "healthcheck.timeout_seconds")
    if let url = value["url"]?.string, !url.trimmed.isEmpty {
      guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
        throw problem("healthcheck.url", "must begin with http:// or https://, found \(url)")
      }
      return .url(url, timeout: timeout)
    }
    guard let command = value["command"]?.string, !command.trimmed.isEmpty else {
      throw problem("healthcheck", "must have either 'url' (HTTP) or 'command' (command)")
    }
    try checkPlaceholders(command, "healthcheck.command")
    return .command(command, cwd: value["cwd"]?.string, timeout: timeout)
  }

  func checkPlaceholders(_ template: String, _ name: String) throws(ProviderError) {
    for placeholder in CLITemplate.placeholders(in: template)
    where !CLITemplate.known.contains(placeholder) {
      throw problem(
        name,
        "includes unsupported placeholder '{\(placeholder)}'. Supported placeholders: "
          + CLITemplate.known.joined(separator: ", "))
    }
  }
}
