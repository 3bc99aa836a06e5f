// From a target to the provider that runs it.

import Core
public import EvalFiles

/// How a run wants its providers.
public struct ProviderOptions: Sendable {
  /// Delay of each answer of a dry run, in milliseconds; equal bounds for a fixed one.
  public var dryRunDelayMS: ClosedRange<Int>
  /// Where verbose lines go; `nil` for nowhere.
  public var log: (@Sendable (String) -> Void)?
  /// Directory of the project, absolute; agents that are told no other one work there.
  public var projectDirectory: String
  /// Variables of this process, for what is looked up when a target is set up.
  public var environment: [String: String]

  /// Options.
  public init(
    dryRunDelayMS: ClosedRange<Int> = 0...0, log: (@Sendable (String) -> Void)? = nil,
    projectDirectory: String = "/", environment: [String: String] = [:]
  ) {
    self.dryRunDelayMS = dryRunDelayMS
    self.log = log
    self.projectDirectory = projectDirectory
    self.environment = environment
  }
}

/// All providers by name.
public enum ProviderRegistry {
  /// Providers that this version runs.
  public static let available =
    ["cli", "mock", "claude", "codex", "copilot", "pi", "vscode"] + models + [
      "transcript", "copilot-log",
    ]

  /// Providers that call a model over HTTPS.
  private static let models = [
    "openai", "azure", "anthropic", "gemini", "openrouter", "agentv",
  ]

  /// What to do instead of using a provider that is not there.
  private static let remedies = [
    "bedrock": gateway, "vertex": gateway,
  ]
  private static let gateway =
    "Call the model through a gateway that offers OpenAI's API: a target of provider openai with "
    + "`base_url`"

  /// Sets up the provider of a target.
  ///
  /// One instance serves all tests of a target in a file: it remembers its health check.
  /// - Parameters:
  ///   - target: the target.
  ///   - options: delays of a dry run, verbose lines.
  /// - Returns: the provider.
  /// - Throws: `ProviderError` with `.configuration` or `.unavailable`, naming target and setting.
  public static func make(
    _ target: ResolvedTarget, options: ProviderOptions = ProviderOptions()
  ) throws(ProviderError) -> any Provider {
    switch target.provider {
    case "mock":
      return MockProvider(
        response: target.settings["response"]?.string ?? MockProvider.defaultResponse,
        delayMS: options.dryRunDelayMS)
    case "cli":
      return CLIProvider(
        configuration: try CLIConfiguration(target, defaultCommand: nil), log: options.log)
    case let name where models.contains(name):
      return ModelProvider(settings: try ModelSettings(target), log: options.log)
    case "transcript": return try TranscriptProvider(target)
    case "copilot-log": return try CopilotLogProvider(target)
    case "vscode", "vscode-insiders":
      return try VSCodeProvider(target, projectDirectory: options.projectDirectory)
    case let name where AgentRegistry.names.contains(name):
      return AgentProvider(
        try AgentRegistry.make(target, environment: options.environment),
        projectDirectory: options.projectDirectory, log: options.log)
    case let name where ProviderNames.known.contains(name):
      throw ProviderError(
        .unavailable,
        "target '\(target.requested)' uses the provider '\(target.writtenProvider)', which is not "
          + "available in this version; available are \(available.joined(separator: ", ")). "
          + (remedies[name]
            ?? "Choose another target with --target, or try the suite with --dry-run"))
    case let name:
      return CLIProvider(
        configuration: try CLIConfiguration(
          target, defaultCommand: "bun run .agentv/providers/\(name).ts {PROMPT}"),
        log: options.log)
    }
  }
}
