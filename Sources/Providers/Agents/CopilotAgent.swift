// GitHub Copilot CLI: one prompt on standard input, events as JSON lines.

import Core
import EvalFiles
import Supervisor

/// `copilot --output-format json`.
struct CopilotAgent: Agent {
  /// `tools`: every tool, but files only below the working directory and the temporary one; `all`:
  /// every path and address as well.
  static let permissionModes = ["tools", "all"]

  let settings: AgentSettings
  private let permissionMode: String
  private let variables: [String: String]

  let traits: AgentTraits

  init(_ target: ResolvedTarget) throws(ProviderError) {
    settings = try AgentSettings(target, executable: "copilot")
    let isSDK = target.provider == "copilot-sdk"
    traits = AgentTraits(
      name: "Copilot CLI", logName: isSDK ? "copilot-sdk" : "copilot-cli",
      logSwitch: isSDK ? "AGENTV_COPILOT_SDK_STREAM_LOGS" : "AGENTV_COPILOT_CLI_STREAM_LOGS",
      installation: "install GitHub Copilot CLI (https://github.com/github/copilot-cli)",
      stop: StopPolicy(target: .leader))
    let own = settings.own
    permissionMode =
      try own.word("permission_mode", of: Self.permissionModes) ?? Self.permissionModes[0]
    if try own.text("cli_url") != nil {
      throw own.problem(
        "cli_url",
        "names a running server, which agentv cannot stop; remove it, so that the CLI is "
          + "started for each test")
    }
    variables = try Self.variables(own)
  }

  /// Keys and endpoints go by the environment, never by the command line.
  private static func variables(
    _ own: AgentSettingReader
  ) throws(ProviderError) -> [String: String] {
    var variables: [String: String] = [:]
    variables["COPILOT_GITHUB_TOKEN"] = try own.text("github_token")
    guard let byok = own.target.settings["byok"], !byok.isNull else { return variables }
    guard let address = byok["base_url"]?.string, !address.isEmpty else {
      throw own.problem("byok.base_url", "is missing: it is the address of the model's API")
    }
    let names = [
      "type": "COPILOT_PROVIDER_TYPE", "base_url": "COPILOT_PROVIDER_BASE_URL",
      "api_key": "COPILOT_PROVIDER_API_KEY", "bearer_token": "COPILOT_PROVIDER_BEARER_TOKEN",
      "api_version": "COPILOT_PROVIDER_AZURE_API_VERSION",
      "wire_api": "COPILOT_PROVIDER_WIRE_API",
    ]
    for (key, value) in byok.object ?? [:] {
      guard let name = names[key] else {
        throw own.problem(
          "byok.\(key)", "is not known; known are \(names.keys.sorted().joined(separator: ", "))")
      }
      variables[name] = value.string ?? value.text
    }
    return variables
  }

  func launch(_ call: AgentCall) -> AgentLaunch {
    var arguments = ["--output-format", "json", "--allow-all-tools"]
    if permissionMode == "all" { arguments += ["--allow-all-paths", "--allow-all-urls"] }
    if let model = settings.model { arguments += ["--model", model] }
    var environment = call.request.environment
    if environment["COPILOT_AUTO_UPDATE"] == nil { environment["COPILOT_AUTO_UPDATE"] = "false" }
    environment.merge(variables) { $1 }
    let prompt = [call.systemPrompt, call.prompt].compactMap { $0 }.joined(separator: "\n\n")
    return AgentLaunch(
      arguments: arguments + settings.arguments, input: prompt, environment: environment)
  }

  func makeReader() -> any AgentReader { CopilotReader() }
}

/// Reads the events of `copilot --output-format json`.
struct CopilotReader: AgentReader {
  private(set) var record = AgentRecord()
  private(set) var outcome: AgentOutcome?
  private var wasAborted = false
  private var error: (message: String, status: Int?)?

  mutating func read(_ event: JSON, at instant: AgentInstant) -> AgentLogLine? {
    let data = event["data"]
    switch event["type"]?.string {
    case "assistant.message": return message(data, at: instant)
    case "tool.execution_start":
      let id = data?["toolCallId"]?.string ?? ""
      let name = data?["toolName"]?.string ?? "unknown"
      if record.hasOpenTool(id) {
        record.runTool(id, at: instant)
      } else {
        record.startTool(id, name, data?["arguments"], at: instant)
      }
      return AgentLogLine(
        event: "tool", summary: "\(name) \(data?["arguments"]?.plain ?? "")")
    case "tool.execution_complete":
      let output = data?["result"]?["content"] ?? data?["error"] ?? data?["result"]
      record.endTool(data?["toolCallId"]?.string ?? "", output: output, at: instant)
      return AgentLogLine(event: "tool_result", summary: output?.plain ?? "")
    case "assistant.usage":
      let before = record.tokenUsage ?? TokenUsage(input: 0, output: 0)
      record.tokenUsage = TokenUsage(
        input: before.input + (data?["inputTokens"]?.int ?? 0),
        output: before.output + (data?["outputTokens"]?.int ?? 0),
        cached: data?["cacheReadTokens"]?.int.map { $0 + (before.cached ?? 0) } ?? before.cached)
      return nil
    case "model.call_failure", "session.error":
      let message = data?["message"]?.string ?? data?["errorMessage"]?.string
      let status = data?["statusCode"]?.int ?? error?.status
      error = (message ?? error?.message ?? "a call of the model failed", status)
      return AgentLogLine(
        event: "error", summary: "\(error?.message ?? "") \(status.map(String.init) ?? "")")
    case "abort":
      wasAborted = true
      return AgentLogLine(event: "abort", summary: data?["reason"]?.string ?? "")
    case "result": return result(event)
    default: return nil
    }
  }

  private mutating func message(_ data: JSON?, at instant: AgentInstant) -> AgentLogLine? {
    // Messages of agents below it belong to its tool calls.
    if data?["parentToolCallId"]?.string != nil { return nil }
    let text = data?["content"]?.string ?? ""
    if text.isEmpty { record.beginMessage() } else { record.say(text) }
    for request in data?["toolRequests"]?.array ?? [] {
      record.startTool(
        request["toolCallId"]?.string ?? "", request["name"]?.string ?? "unknown",
        request["arguments"], at: instant)
    }
    return text.isEmpty ? nil : AgentLogLine(event: "message", summary: text)
  }

  private mutating func result(_ event: JSON) -> AgentLogLine? {
    record.durationMS = event["usage"]?["sessionDurationMs"]?.int
    let code = event["exitCode"]?.int
    if wasAborted {
      outcome = .failed(ProviderError(.failed, "Copilot CLI was interrupted"))
    } else if code == 0 {
      outcome = .answered
    } else {
      outcome = .failed(
        AgentFailure.error(
          "Copilot CLI", error?.message ?? "ended with code \(code.map(String.init) ?? "?")",
          status: error?.status))
    }
    return AgentLogLine(event: "result", summary: "exit code \(code.map(String.init) ?? "?")")
  }

  func failure(stderr: String) -> ProviderError? {
    guard stderr.contains("No authentication information found") else { return nil }
    return ProviderError(
      .authentication,
      "Copilot CLI is not logged in: run `copilot login`, set COPILOT_GITHUB_TOKEN or "
        + "`github_token`, or name a model's API of your own (`byok`, COPILOT_PROVIDER_BASE_URL)")
  }
}
