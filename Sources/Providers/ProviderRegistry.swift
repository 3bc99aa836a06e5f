// From a target to the provider that runs it.

public import EvalFiles
import Core

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
  /// Sets up the provider of a target. One instance serves all tests of a target in a file.
  /// - Throws: `ProviderError` with `.configuration` or `.unavailable`, naming target and setting.
  public static func make(
    _ target: ResolvedTarget, options: ProviderOptions = ProviderOptions()
  ) throws(ProviderError) -> any Provider {
    throw ProviderError(.unavailable, target.provider)
  }
}
