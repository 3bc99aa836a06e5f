// Anthropic's Messages API.

import Core
import EvalFiles
import HTTPClient

/// `POST BASE/v1/messages`.
struct AnthropicAPI: ModelAPI {
  let url: String
  let headers: [HTTPClientField]
  let model: String
  /// Tokens that the model may think with; `nil` for no thinking.
  let thinkingBudget: Int?

  init(base: String, key: String, model: String, thinkingBudget: Int?) {
    url = base + "/messages"
    headers = [
      HTTPClientField("x-api-key", key), HTTPClientField("anthropic-version", "2023-06-01"),
    ]
    self.model = model
    self.thinkingBudget = thinkingBudget
  }

  func body(_ conversation: ModelConversation) -> JSON {
    let messages = conversation.turns.map { turn -> JSON in
      let parts = turn.parts.map { part -> JSON in
        switch part {
        case .text(let text): ["type": "text", "text": .string(text)]
        case .image(let type, let data):
          [
            "type": "image",
            "source": ["type": "base64", "media_type": .string(type), "data": .string(data)],
          ]
        }
      }
      return ["role": turn.isUser ? "user" : "assistant", "content": .array(parts)]
    }
    var limit = conversation.maxOutputTokens ?? Self.outputTokens(model)
    var body: JSONObject = [
      "model": .string(model), "max_tokens": .int(limit),
      "system": [
        [
          "type": "text", "text": .string(conversation.system),
          "cache_control": ["type": "ephemeral"],
        ]
      ],
      "messages": .array(messages), "stream": true,
    ]
    if let thinkingBudget {
      // The limit covers thinking as well and must be above its budget; the temperature is fixed.
      if limit <= thinkingBudget { limit += thinkingBudget }
      body["max_tokens"] = .int(limit)
      body["thinking"] = ["type": "enabled", "budget_tokens": .int(thinkingBudget)]
    } else {
      body["temperature"] = conversation.temperature.map(JSON.double)
    }
    return .object(body)
  }

  /// A limit for models whose call names none: the API demands one and refuses what a model cannot do.
  static func outputTokens(_ model: String) -> Int {
    if model.contains("claude-3-5-") { return 8192 }
    let isOld = ["claude-3-opus", "claude-3-sonnet", "claude-3-haiku", "claude-2"]
      .contains { model.contains($0) }
    return isOld ? 4096 : 16_384
  }

  func reader() -> any ModelAnswerReader { Reader() }

  private struct Reader: ModelAnswerReader {
    var isComplete = false
    private var text = ""
    private var stop: String?
    private var counts: JSONObject = [:]

    mutating func take(_ event: JSON) throws(ModelFault) {
      switch event["type"]?.string {
      case "message_start": count(event["message"]?["usage"])
      case "content_block_start": text += event["content_block"]?["text"]?.string ?? ""
      case "content_block_delta": text += event["delta"]?["text"]?.string ?? ""
      case "message_delta":
        stop = event["delta"]?["stop_reason"]?.string ?? stop
        count(event["usage"])
      case "message_stop": isComplete = true
      case "error": throw .reported(event["error"] ?? event)
      default: break
      }
    }

    mutating func take(whole answer: JSON) throws(ModelFault) {
      if answer["type"] == "error" { throw .reported(answer["error"] ?? answer) }
      guard let blocks = answer["content"]?.array else {
        throw ModelFault(.unreadable, "the answer has no content: \(answer.text.prefix(200))")
      }
      text = blocks.compactMap { $0["type"] == "text" ? $0["text"]?.string : nil }.joined()
      stop = answer["stop_reason"]?.string
      count(answer["usage"])
      isComplete = true
    }

    /// Later counts replace earlier ones: they are sums.
    private mutating func count(_ usage: JSON?) {
      for (name, value) in usage?.object ?? [:] where value.double != nil { counts[name] = value }
    }

    func answer() throws(ModelFault) -> ModelAnswer {
      if stop == "refusal" { throw ModelFault(.refused, "the model declined to answer") }
      guard isComplete || stop != nil else {
        throw ModelFault(.incomplete, "the answer ended before it was complete")
      }
      let cached = counts["cache_read_input_tokens"]?.tokens ?? 0
      let usage = TokenUsage(
        input: (counts["input_tokens"]?.tokens ?? 0)
          + (counts["cache_creation_input_tokens"]?.tokens ?? 0),
        output: counts["output_tokens"]?.tokens ?? 0, cached: cached > 0 ? cached : nil)
      return ModelAnswer(
        text: text, usage: counts.isEmpty ? nil : usage,
        warnings: stop == "max_tokens" ? [ModelWarning.cutOff] : [])
    }
  }
}
