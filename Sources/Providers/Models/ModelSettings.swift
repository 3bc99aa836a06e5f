// Settings of targets that are models.

import Core
import EvalFiles

/// Settings, checked when the target is set up.
struct ModelSettings: Sendable {
  /// The kinds and how each is reached.
  enum Kind: Sendable, Hashable {
    case chat(base: String, isOpenRouter: Bool)
    case responses(base: String)
    case azure(base: String, version: String)
    case anthropic(base: String, thinkingBudget: Int?)
    case gemini(base: String)
  }

  /// Where the key comes from.
  enum Key: Sendable, Hashable {
    case value(String)
    /// The first of these environment variables that is set.
    case environment([String])
  }

  let targetName: String
  /// The kind as people write it, for messages.
  let provider: String
  let model: String
  let kind: Kind
  let key: Key
  let temperature: Double?
  let maxOutputTokens: Int?
  let retry: RetrySettings
  /// Longest time of one call, retries included.
  let timeout: Duration?

  /// Reads the settings of a target.
  /// - Throws: `ProviderError` with `.configuration`, naming target, setting and remedy.
  init(_ target: ResolvedTarget) throws(ProviderError) {
    let reader = TargetReader(target)
    targetName = target.name
    retry = try RetrySettings(reader)
    timeout = try reader.seconds("timeout_seconds")
    maxOutputTokens = try reader.whole("max_output_tokens", 1...100_000_000)
    let temperature = try reader.number("temperature", 0...2)
    let base = try Self.base(reader)
    if target.provider == "agentv" {
      let shorthand = try ModelShorthand(reader, base: base)
      provider = shorthand.provider
      model = shorthand.model
      kind = shorthand.kind
      key = .environment(shorthand.keyVariables)
      self.temperature = temperature ?? 0
      return
    }
    provider = target.provider
    self.temperature = temperature
    key = .value(
      try reader.required(
        "api_key", hint: "the key of the service, as ${{ VARIABLE }}, never the key itself"))
    model = try Self.model(reader)
    kind = try Self.kind(reader, base: base)
  }

  private static func model(_ reader: TargetReader) throws(ProviderError) -> String {
    if reader.target.provider == "gemini" {
      return try reader.text("model", "deployment", "variant") ?? "gemini-2.5-flash"
    }
    return reader.target.provider == "azure"
      ? try reader.required(
        "deployment", "model", "variant", hint: "the name of the deployment to call")
      : try reader.required(
        "model", "deployment", "variant", hint: "the name of the model to call")
  }

  private static func base(_ reader: TargetReader) throws(ProviderError) -> String? {
    guard let text = try reader.text("base_url", "endpoint") else { return nil }
    if reader.target.provider == "azure", !text.contains("://") { return text }
    let scheme = text.prefix { $0 != ":" }.lowercased()
    guard scheme == "http" || scheme == "https", text.contains("://") else {
      throw reader.problem("base_url", "must begin with http:// or https://, found \(text)")
    }
    return text
  }

  private static func kind(
    _ reader: TargetReader, base: String?
  ) throws(ProviderError) -> Kind {
    let format = try reader.text("api_format")
    switch reader.target.provider {
    case "openrouter":
      return .chat(base: ModelURL.openRouter(base), isOpenRouter: true)
    case "anthropic":
      return .anthropic(
        base: ModelURL.anthropic(base),
        thinkingBudget: try reader.whole("thinking_budget", 1024...1_000_000))
    case "gemini": return .gemini(base: ModelURL.gemini(base))
    case "azure":
      guard format == nil else {
        throw reader.problem(
          "api_format", "is not known to azure, which always uses the Responses API; remove it")
      }
      let endpoint: String
      if let base {
        endpoint = base
      } else {
        endpoint = try reader.required(
          "endpoint", "resource", hint: "the resource's name or its URL, as ${{ VARIABLE }}")
      }
      return .azure(
        base: ModelURL.azure(endpoint),
        version: version(try reader.text("version", "api_version")))
    default:
      switch format?.lowercased() {
      case nil, "chat": return .chat(base: ModelURL.openAI(base), isOpenRouter: false)
      case "responses": return .responses(base: ModelURL.openAI(base))
      case .some(let other):
        throw reader.problem("api_format", "must be chat or responses, found \(other)")
      }
    }
  }

  /// `v1` by default; the prefix that people copy from URLs is taken off.
  static func version(_ text: String?) -> String {
    guard let text else { return "v1" }
    let prefix = "api-version="
    let version = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    return version.trimmed.isEmpty ? "v1" : version.trimmed
  }

  /// The API, with the key.
  func api(_ environment: [String: String]) throws(ProviderError) -> any ModelAPI {
    let key = try key(environment)
    switch kind {
    case .chat(let base, let isOpenRouter):
      return OpenAIChatAPI(base: base, key: key, model: model, isOpenRouter: isOpenRouter)
    case .responses(let base): return ResponsesAPI(base: base, key: key, model: model)
    case .azure(let base, let version):
      return ResponsesAPI(azure: base, key: key, deployment: model, version: version)
    case .anthropic(let base, let budget):
      return AnthropicAPI(base: base, key: key, model: model, thinkingBudget: budget)
    case .gemini(let base): return GeminiAPI(base: base, key: key, model: model)
    }
  }

  /// The key.
  func key(_ environment: [String: String]) throws(ProviderError) -> String {
    switch key {
    case .value(let key): return key
    case .environment(let names):
      for name in names {
        if let value = environment[name]?.trimmed, !value.isEmpty { return value }
      }
      throw ProviderError(
        .configuration,
        "target '\(targetName)' needs the key of \(provider) in the environment variable "
          + "\(names.joined(separator: " or ")); export it or put it into a .env file")
    }
  }
}

/// A model written as `provider:model`, with everything else from the environment.
struct ModelShorthand: Sendable {
  let provider: String
  let model: String
  let kind: ModelSettings.Kind
  let keyVariables: [String]

  /// Reads `model` of an `agentv` target.
  init(_ reader: TargetReader, base: String?) throws(ProviderError) {
    let written = try reader.required(
      "model", hint: "provider and model, for example openai:gpt-5-mini")
    guard let colon = written.firstIndex(of: ":"), colon != written.startIndex,
      written.index(after: colon) != written.endIndex
    else {
      throw reader.problem(
        "model",
        "must be written as provider:model, for example openai:gpt-5-mini, found \(written)")
    }
    provider = String(written[..<colon]).lowercased()
    model = String(written[written.index(after: colon)...])
    switch provider {
    case "openai":
      kind = .chat(base: ModelURL.openAI(base), isOpenRouter: false)
      keyVariables = ["OPENAI_API_KEY"]
    case "anthropic":
      kind = .anthropic(base: ModelURL.anthropic(base), thinkingBudget: nil)
      keyVariables = ["ANTHROPIC_API_KEY"]
    case "google", "gemini":
      kind = .gemini(base: ModelURL.gemini(base))
      keyVariables = ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"]
    case "azure":
      let resource = try reader.text("resource")
      guard let endpoint = base ?? resource else {
        throw reader.problem(
          "endpoint", "is missing; azure models need the resource's name or its URL")
      }
      kind = .azure(base: ModelURL.azure(endpoint), version: "v1")
      keyVariables = ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"]
    default:
      throw reader.problem(
        "model", "must begin with openai:, anthropic:, azure: or google:, found \(written)")
    }
  }
}
