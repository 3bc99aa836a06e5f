// OpenAI's Responses API, also as Azure offers it.

import Core
import EvalFiles
import HTTPClient

/// `POST BASE/responses`.
struct ResponsesAPI: ModelAPI {
  let url: String
  let headers: [HTTPClientField]
  let model: String
  /// `store: false` keeps a call out of OpenAI's records; Azure's form of the API has no such field.
  private let isAzure: Bool

  /// OpenAI's own.
  init(base: String, key: String, model: String) {
    url = base + "/responses"
    headers = [HTTPClientField("Authorization", "Bearer \(key)")]
    self.model = model
    isAzure = false
  }

  /// Azure's.
  init(azure base: String, key: String, deployment: String, version: String) {
    url = "\(base)/responses?api-version=\(ModelURL.escaped(version))"
    headers = [HTTPClientField("api-key", key)]
    model = deployment
    isAzure = true
  }

  func body(_ conversation: ModelConversation) -> JSON {
    let role = OpenAIModel.reasons(model) ? "developer" : "system"
    var input: [JSON] = [["role": .string(role), "content": .string(conversation.system)]]
    for turn in conversation.turns {
      let parts = turn.parts.map { part -> JSON in
        switch part {
        case .text(let text):
          ["type": turn.isUser ? "input_text" : "output_text", "text": .string(text)]
        case .image(let type, let data):
          [
            "type": "input_image", "detail": "auto",
            "image_url": .string("data:\(type);base64,\(data)"),
          ]
        }
      }
      input.append(["role": turn.isUser ? "user" : "assistant", "content": .array(parts)])
    }
    var body: JSONObject = ["model": .string(model), "input": .array(input), "stream": true]
    if !isAzure { body["store"] = false }
    body["max_output_tokens"] = conversation.maxOutputTokens.map(JSON.int)
    body["temperature"] = conversation.temperature.map(JSON.double)
    return .object(body)
  }

  func reader() -> any ModelAnswerReader { Reader() }

  private struct Reader: ModelAnswerReader {
    var isComplete = false
    private var text = ""
    private var refusal = ""
    private var isCutOff = false
    private var usage: TokenUsage?

    mutating func take(_ event: JSON) throws(ModelFault) {
      switch event["type"]?.string {
      case "response.output_text.delta": text += event["delta"]?.string ?? ""
      case "response.refusal.delta": refusal += event["delta"]?.string ?? ""
      case "response.completed", "response.incomplete", "response.failed":
        if let response = event["response"] { try take(whole: response) }
        isComplete = true
      case "error":
        // Some servers put the fields into an object of their own.
        throw .reported(event["error"] ?? event)
      default:
        if event["type"] == nil, let error = event["error"], !error.isNull {
          throw .reported(error)
        }
      }
    }

    mutating func take(whole response: JSON) throws(ModelFault) {
      if let error = response["error"], !error.isNull { throw .reported(error) }
      guard response["status"] != "failed" else {
        throw ModelFault(.status(500), "the response failed without a reason")
      }
      if text.isEmpty { text = Self.text(of: response) }
      if let reason = response["incomplete_details"]?["reason"]?.string {
        guard reason != "content_filter" else {
          throw ModelFault(.refused, "a content filter took the answer away")
        }
        isCutOff = true
      }
      if let json = response["usage"], json.object != nil {
        let cached = json["input_tokens_details"]?["cached_tokens"]?.tokens ?? 0
        let reasoning = json["output_tokens_details"]?["reasoning_tokens"]?.tokens ?? 0
        usage = TokenUsage(
          input: max(0, (json["input_tokens"]?.tokens ?? 0) - cached),
          output: json["output_tokens"]?.tokens ?? 0, cached: cached > 0 ? cached : nil,
          reasoning: reasoning > 0 ? reasoning : nil)
      }
      isComplete = true
    }

    private static func text(of response: JSON) -> String {
      (response["output"]?.array ?? []).filter { $0["type"] == "message" }
        .flatMap { $0["content"]?.array ?? [] }
        .compactMap { $0["type"] == "output_text" ? $0["text"]?.string : nil }.joined()
    }

    func answer() throws(ModelFault) -> ModelAnswer {
      if text.isEmpty, !refusal.isEmpty { throw ModelFault(.refused, refusal) }
      guard isComplete else {
        throw ModelFault(.incomplete, "the answer ended before it was complete")
      }
      return ModelAnswer(
        text: text, usage: usage, warnings: isCutOff ? [ModelWarning.cutOff] : [])
    }
  }
}
