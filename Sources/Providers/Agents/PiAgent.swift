// pi: `pi --mode json --print`, the prompt on standard input.

import Core
import EvalFiles
import Supervisor

/// `pi --mode json --print`.
struct PiAgent: Agent {
  let settings: AgentSettings
  let traits: AgentTraits
  private let subprovider: String?
  private let model: String?
  private let tools: String?
  private let thinking: String?
  private let variables: [String: String]

  /// The variable in which pi looks for the key of each provider of models.
  private static let keyVariables = [
    "google": "GEMINI_API_KEY", "gemini": "GEMINI_API_KEY", "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY", "openrouter": "OPENROUTER_API_KEY",
    "azure-openai-responses": "AZURE_OPENAI_API_KEY", "groq": "GROQ_API_KEY",
    "xai": "XAI_API_KEY", "mistral": "MISTRAL_API_KEY", "cerebras": "CEREBRAS_API_KEY",
    "zai": "ZAI_API_KEY",
  ]

  init(_ target: ResolvedTarget) throws(ProviderError) {
    settings = try AgentSettings(target, executable: "pi", splitsCommand: true)
    traits = AgentTraits(
      name: "pi", logName: target.provider == "pi-cli" ? "pi-cli" : "pi-coding-agent",
      logSwitch: "AGENTV_PI_STREAM_LOGS",
      installation: "install pi (npm install -g @mariozechner/pi-coding-agent)",
      // It has no signal handlers in this mode, so everybody is told.
      stop: StopPolicy(target: .tree))
    let own = settings.own
    let name = try own.text("subprovider")
    subprovider = name == "azure" ? "azure-openai-responses" : name
    model = try own.text("model", "pi_model")
    tools = try own.list("tools", "pi_tools")?.joined(separator: ",")
    thinking = try own.text("thinking", "pi_thinking")
    var variables: [String: String] = [:]
    if let key = try own.text("api_key") {
      guard let variable = Self.keyVariables[subprovider ?? "google"] else {
        throw own.problem(
          "api_key",
          "cannot be passed for the subprovider '\(subprovider ?? "")'; export the "
            + "variable that pi reads for it instead")
      }
      variables[variable] = key
    }
    if let address = try own.text("base_url", "endpoint") {
      guard subprovider == "azure-openai-responses" else {
        throw own.problem(
          "base_url", "can be passed for azure only; add the model to pi's own models.json")
      }
      variables["AZURE_OPENAI_BASE_URL"] = address
    }
    self.variables = variables
  }

  func launch(_ call: AgentCall) -> AgentLaunch {
    var arguments: [String] = []
    if let subprovider { arguments += ["--provider", subprovider] }
    if let model { arguments += ["--model", model] }
    arguments += ["--mode", "json", "--print", "--no-session"]
    if let tools { arguments += ["--tools", tools] }
    if let thinking { arguments += ["--thinking", thinking] }
    arguments += settings.arguments
    arguments += call.request.test.inputFiles.map { "@\($0)" }
    let prompt = [call.systemPrompt, call.request.prompt].compactMap { $0 }
      .joined(separator: "\n\n")
    return AgentLaunch(
      arguments: arguments, input: prompt,
      environment: call.request.environment.merging(variables) { $1 })
  }

  func makeReader() -> any AgentReader { PiReader() }
}

/// Reads the events of `pi --mode json`.
struct PiReader: AgentReader {
  private(set) var record = AgentRecord()
  private(set) var outcome: AgentOutcome?
  private var lastAnswer: JSON?
  private var ended: [JSON] = []

  mutating func read(_ event: JSON, at instant: AgentInstant) -> AgentLogLine? {
    switch event["type"]?.string {
    case "tool_execution_start":
      let name = event["toolName"]?.string ?? "unknown"
      let id = event["toolCallId"]?.string ?? ""
      record.startTool(id, name, event["args"], at: instant)
      return AgentLogLine(event: "tool", summary: "\(name) \(event["args"]?.plain ?? "")")
    case "tool_execution_end":
      let result = event["result"].map(Self.text)
      record.endTool(event["toolCallId"]?.string ?? "", output: result, at: instant)
      return AgentLogLine(event: "tool_result", summary: result?.plain ?? "")
    case "message_end":
      guard let message = event["message"], message["role"] == "assistant" else { return nil }
      lastAnswer = message
      ended.append(message)
      let text = Self.text(message["content"] ?? "").plain
      return text.isEmpty ? nil : AgentLogLine(event: "message", summary: text)
    case "agent_end": return end(event)
    default: return nil
    }
  }

  private mutating func end(_ event: JSON) -> AgentLogLine? {
    let messages = (event["messages"]?.array ?? ended).filter { $0["role"] == "assistant" }
    let last = messages.last ?? lastAnswer
    record.replaceMessages(messages.map(Self.message))
    if record.messages.answer.isEmpty, let lastAnswer {
      let text = Self.text(lastAnswer["content"] ?? "").plain
      if !text.isEmpty { record.say(text) }
    }
    record.tokenUsage = event["usage"].flatMap(Self.usage) ?? Self.sum(messages)
    let costs = messages.compactMap { $0["usage"]?["cost"]?["total"]?.double }
    record.costUSD = costs.isEmpty ? nil : costs.reduce(0, +)
    if last?["stopReason"] == "error" || last?["stopReason"] == "aborted" {
      let message = last?["errorMessage"]?.string ?? "the call of the model failed"
      outcome = .failed(AgentFailure.error("pi", message))
      return AgentLogLine(event: "agent_end", summary: "error: \(message)")
    }
    if record.messages.answer.isEmpty {
      outcome = .failed(ProviderError(.badAnswer, "pi ended without an answer"))
    } else {
      outcome = .answered
    }
    return AgentLogLine(event: "agent_end", summary: record.messages.answer)
  }

  private static func message(_ message: JSON) -> Message {
    let content = message["content"] ?? ""
    let text = Self.text(content).plain
    let calls = (content.array ?? []).compactMap { part -> ToolCall? in
      guard ["toolCall", "tool_call", "tool_use"].contains(part["type"]?.string) else {
        return nil
      }
      let tool = ToolNames.normalized(
        part["name"]?.string ?? part["toolName"]?.string ?? "unknown",
        input: part["arguments"] ?? part["input"] ?? part["args"])
      return ToolCall(tool: tool.name, input: tool.input, id: part["id"]?.string)
    }
    return Message(
      role: "assistant", content: text.isEmpty ? nil : .text(text), toolCalls: calls)
  }

  /// The text of content or of a tool's result.
  private static func text(_ content: JSON) -> JSON {
    if content.string != nil { return content }
    let parts = content.array ?? content["content"]?.array ?? []
    let texts = parts.compactMap { $0["text"]?.string }
    return parts.isEmpty && content.array == nil ? content : .string(texts.joined(separator: "\n"))
  }

  private static func usage(_ usage: JSON) -> TokenUsage? {
    func first(_ names: String...) -> Int? {
      names.compactMap { usage[$0]?.int }.first
    }
    guard let input = first("input", "inputTokens", "input_tokens"),
      let output = first("output", "outputTokens", "output_tokens")
    else { return nil }
    return TokenUsage(
      input: input, output: output,
      cached: first("cacheRead", "cached", "cachedTokens", "cache_read_input_tokens"))
  }

  private static func sum(_ messages: [JSON]) -> TokenUsage? {
    let all = messages.compactMap { $0["usage"].flatMap(usage) }
    guard !all.isEmpty else { return nil }
    let cached = all.compactMap(\.cached)
    return TokenUsage(
      input: all.reduce(0) { $0 + $1.input }, output: all.reduce(0) { $0 + $1.output },
      cached: cached.isEmpty ? nil : cached.reduce(0, +))
  }
}
