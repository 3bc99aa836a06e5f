// Fields that entries of targets.yaml may have.

/// Known settings by provider.
enum TargetSettings {
  /// Spellings of former versions and the names that replace them.
  static let camelCase = [
    "providerBatching": "provider_batching", "subagentModeAllowed": "subagent_mode_allowed",
    "fallbackTargets": "fallback_targets",
    "requestsPerMinute": "requests_per_minute", "resourceName": "endpoint", "baseUrl": "base_url",
    "apiKey": "api_key", "deploymentName": "model", "thinkingBudget": "thinking_budget",
    "maxTokens": "max_output_tokens", "apiFormat": "api_format",
    "timeoutSeconds": "timeout_seconds", "logDir": "log_dir", "logDirectory": "log_directory",
    "logFormat": "log_format", "logOutputFormat": "log_output_format",
    "systemPrompt": "system_prompt", "maxTurns": "max_turns", "maxBudgetUsd": "max_budget_usd",
    "dryRun": "dry_run", "subagentRoot": "subagent_root", "filesFormat": "files_format",
    "attachmentsFormat": "attachments_format", "cliUrl": "cli_url", "cliPath": "cli_path",
    "githubToken": "github_token", "sessionDir": "session_dir", "sessionId": "session_id",
    "sessionStateDir": "session_state_dir", "maxRetries": "max_retries",
    "retryInitialDelayMs": "retry_initial_delay_ms", "retryMaxDelayMs": "retry_max_delay_ms",
    "retryBackoffFactor": "retry_backoff_factor", "retryStatusCodes": "retry_status_codes",
    "useTarget": "use_target", "graderTarget": "grader_target", "judgeTarget": "judge_target",
  ]

  private static let common: Set<String> = [
    "name", "provider", "use_target", "grader_target", "judge_target", "workers", "$schema",
    "provider_batching", "subagent_mode_allowed", "fallback_targets", "requests_per_minute",
  ]
  private static let retries: Set<String> = [
    "max_retries", "retry_initial_delay_ms", "retry_max_delay_ms", "retry_backoff_factor",
    "retry_status_codes",
  ]
  private static let model: Set<String> = [
    "api_key", "model", "deployment", "variant", "temperature", "max_output_tokens", "base_url",
    "endpoint", "timeout_seconds",
  ]
  private static let agent: Set<String> = [
    "executable", "command", "binary", "model", "cwd", "timeout_seconds", "log_dir",
    "log_directory", "log_format", "log_output_format", "stream_log", "system_prompt", "args",
    "arguments", "keep_processes",
  ]
  private static let pi: Set<String> = [
    "subprovider", "pi_model", "api_key", "base_url", "endpoint", "tools", "pi_tools", "thinking",
    "pi_thinking",
  ]

  /// Settings that a provider knows; `nil` for one whose settings are not checked.
  static func known(_ provider: String) -> Set<String>? {
    let own: Set<String>? =
      switch provider {
      case "cli":
        [
          "command", "files_format", "attachments_format", "cwd", "timeout_seconds", "healthcheck",
          "verbose", "cli_verbose", "keep_temp_files", "keep_output_files",
        ]
      case "mock": ["response", "trace"]
      case "openai":
        retries.union(model).union(["endpoint", "base_url", "api_format"])
      case "openrouter", "gemini": retries.union(model)
      case "anthropic": retries.union(model).union(["thinking_budget"])
      case "azure":
        retries.union(model).union(["endpoint", "resource", "version", "api_version"])
      case "agentv": retries.union(model).subtracting(["api_key"]).union(["resource"])
      case "copilot-log":
        ["session_dir", "session_id", "discover", "session_state_dir", "cwd"]
      case "codex": agent.union(["sandbox"])
      case "copilot-cli": agent.union(["permission_mode"])
      case "pi-cli", "pi-coding-agent": agent.union(pi)
      case "copilot-sdk":
        agent.union(["cli_url", "cli_path", "github_token", "byok", "permission_mode"])
      case "claude-cli", "claude-sdk":
        agent.union([
          "max_turns", "max_budget_usd", "variant", "permission_mode", "allowed_tools",
          "disallowed_tools",
        ])
      case "vscode", "vscode-insiders":
        [
          "executable", "command", "binary", "args", "arguments", "cwd", "wait", "dry_run",
          "subagent_root", "timeout_seconds", "keep_processes",
        ]
      default: nil
      }
    return own.map { $0.union(common) }
  }
}
