// From the provider of a target to the agent that it names.

import EvalFiles

/// All agents by provider.
enum AgentRegistry {
  /// Providers that are agents started here.
  static let names: Set<String> = [
    "claude-cli", "claude-sdk", "codex", "copilot-cli", "copilot-sdk", "pi-cli", "pi-coding-agent",
  ]

  /// Sets up the agent of a target.
  /// - Throws: `ProviderError` with `.configuration`.
  static func make(
    _ target: ResolvedTarget, environment: [String: String]
  ) throws(ProviderError) -> any Agent {
    switch target.provider {
    case "codex": try CodexAgent(target)
    case "copilot-cli", "copilot-sdk": try CopilotAgent(target)
    case "pi-cli", "pi-coding-agent": try PiAgent(target)
    default: try ClaudeAgent(target, environment: environment)
    }
  }
}
