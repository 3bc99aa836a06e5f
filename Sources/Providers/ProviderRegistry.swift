// From a target to the provider that runs it.

import Core
public import EvalFiles

/// How a run wants its providers.
public struct ProviderOptions: Sendable {
  /// Delay of each answer of a dry run, in milliseconds; equal bounds for a fixed one.
  public var dryRunDelayMS: ClosedRange<Int>
  /// Where verbose lines go; `nil` for nowhere.
  public var log: (@Sendable (String) -> Void)?

  /// Options.
  public init(dryRunDelayMS: ClosedRange<Int> = 0...0, log: (@Sendable (String) -> Void)? = nil) {
    self.dryRunDelayMS = dryRunDelayMS
    self.log = log
  }
}

/// All providers by name.
public enum ProviderRegistry {
  /// Providers that this version runs.
  public static let available = ["cli", "mock"]

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
    case let name where ProviderNames.known.contains(name):
      throw ProviderError(
        .unavailable,
        "target '\(target.requested)' uses the provider '\(target.writtenProvider)', which is not "
          + "available in this version; available are \(available.joined(separator: " and ")). "
          + "Choose another target with --target, or try the suite with --dry-run")
    case let name:
      return CLIProvider(
        configuration: try CLIConfiguration(
          target, defaultCommand: "bun run .agentv/providers/\(name).ts {PROMPT}"),
        log: options.log)
    }
  }
}
