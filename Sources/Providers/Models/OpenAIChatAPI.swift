// OpenAI's chat completions, which many other services offer as well.

import Core
import EvalFiles
import HTTPClient

/// `POST BASE/chat/completions`.
struct OpenAIChatAPI: ModelAPI {
  let url: String
  let headers: [HTTPClientField]
  let model: String
  /// OpenRouter reports costs, and passes cache marks on to Anthropic's models.
  let isOpenRouter: Bool
  /// Whether this is OpenAI itself: others know neither `store` nor the role `developer`.
  private let isOpenAI: Bool

  init(base: String, key: String, model: String, isOpenRouter: Bool = false) {
    url = base + "/chat/completions"
    headers = [HTTPClientField("Authorization", "Bearer \(key)")]
    self.model = model
    self.isOpenRouter = isOpenRouter
    isOpenAI = ModelURL.host(base) == "api.openai.com"
  }

  func body(_ conversation: ModelConversation) -> JSON {
    let role = isOpenAI && OpenAIModel.reasons(model) ? "developer" : "system"
    var messages: [JSON] = [["role": .string(role), "content": .string(conversation.system)]]
    let marked =
      isOpenRouter && model.hasPrefix("anthropic/")
      ? conversation.turns.lastIndex { $0.isUser && !$0.text.isEmpty } : nil
    for (index, turn) in conversation.turns.enumerated() {
      messages.append(message(turn, isMarked: index == marked))
    }
    var body: JSONObject = [
      "model": .string(model), "messages": .array(messages), "stream": true,
      "stream_options": ["include_usage": true],
    ]
    if isOpenAI { body["store"] = false }
    if isOpenRouter { body["usage"] = ["include": true] }
    body["max_completion_tokens"] = conversation.maxOutputTokens.map(JSON.int)
    body["temperature"] = conversation.temperature.map(JSON.double)
    return .object(body)
  }

  private func message(_ turn: ModelConversation.Turn, isMarked: Bool) -> JSON {
    let role: JSON = turn.isUser ? "user" : "assistant"
    if turn.isPlain, !isMarked { return ["role": role, "content": .string(turn.text)] }
    var parts = turn.parts.map { part -> JSONObject in
      switch part {
      case .text(let text): ["type": "text", "text": .string(text)]
      case .image(let type, let data):
        ["type": "image_url", "image_url": ["url": .string("data:\(type);base64,\(data)")]]
      }
    }
    if isMarked, let last = parts.lastIndex(where: { $0["type"] == "text" }) {
      parts[last]["cache_control"] = ["type": "ephemeral"]
    }
    return ["role": role, "content": .array(parts.map(JSON.object))]
  }

  func reader() -> any ModelAnswerReader { Reader() }

  private struct Reader: ModelAnswerReader {
    var isComplete = false
    private var text = ""
    private var refusal = ""
    private var finish: String?
    private var usage: TokenUsage?
    private var cost: Double?

    mutating func take(_ event: JSON) throws(ModelFault) {
      // The end of a stream: `[DONE]` is no JSON and comes as a plain text.
      if event == "[DONE]" {
        isComplete = true
        return
      }
      if let error = event["error"], !error.isNull { throw .reported(error) }
      if let choice = event["choices"]?[0] { take(choice, choice["delta"]) }
      take(usage: event["usage"])
    }

    mutating func take(whole answer: JSON) throws(ModelFault) {
      if let error = answer["error"], !error.isNull { throw .reported(error) }
      guard let choice = answer["choices"]?[0] else {
        throw ModelFault(.unreadable, "the answer has no choices: \(answer.text.prefix(200))")
      }
      take(choice, choice["message"])
      take(usage: answer["usage"])
      isComplete = true
    }

    private mutating func take(_ choice: JSON, _ message: JSON?) {
      switch message?["content"] {
      case .string(let part)?: text += part
      case .array(let parts)?: text += parts.compactMap { $0["text"]?.string }.joined()
      default: break
      }
      refusal += message?["refusal"]?.string ?? ""
      finish = choice["finish_reason"]?.string ?? finish
    }

    private mutating func take(usage json: JSON?) {
      guard let json, json.object != nil else { return }
      let prompt = json["prompt_tokens"]?.tokens ?? 0
      let written = json["completion_tokens"]?.tokens ?? 0
      let cached = json["prompt_tokens_details"]?["cached_tokens"]?.tokens ?? 0
      let reasoning = json["completion_tokens_details"]?["reasoning_tokens"]?.tokens ?? 0
      // OpenAI counts reasoning among the tokens written, some others beside them; the sum tells.
      let isBeside = json["total_tokens"]?.tokens == prompt + written + reasoning
      usage = TokenUsage(
        input: max(0, prompt - cached), output: isBeside ? written + reasoning : written,
        cached: cached > 0 ? cached : nil, reasoning: reasoning > 0 ? reasoning : nil)
      if let reported = json["cost"]?.double, reported.isFinite, reported > 0 { cost = reported }
    }

    func answer() throws(ModelFault) -> ModelAnswer {
      if finish == "content_filter" {
        throw ModelFault(.refused, "a content filter took the answer away")
      }
      if text.isEmpty, !refusal.isEmpty { throw ModelFault(.refused, refusal) }
      guard isComplete || finish != nil else {
        throw ModelFault(.incomplete, "the answer ended before it was complete")
      }
      return ModelAnswer(
        text: text, usage: usage, costUSD: cost,
        warnings: finish == "length" ? [ModelWarning.cutOff] : [])
    }
  }
}

/// What is known about OpenAI's models by their names.
enum OpenAIModel {
  /// Whether a model reasons, so that instructions go to it as `developer`.
  static func reasons(_ model: String) -> Bool {
    let name = model.split(separator: "/").last.map(String.init) ?? model
    return ["o1", "o3", "o4", "gpt-5"].contains { name.hasPrefix($0) } && name != "o1-mini"
  }
}

/// Odd things about answers.
enum ModelWarning {
  static let cutOff = "the answer was cut off at the limit of output tokens"
}
