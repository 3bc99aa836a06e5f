// Google's Gemini API.

import Core
import EvalFiles
import HTTPClient

/// `POST BASE/models/MODEL:streamGenerateContent?alt=sse`.
struct GeminiAPI: ModelAPI {
  let url: String
  let headers: [HTTPClientField]

  init(base: String, key: String, model: String) {
    let name = model.hasPrefix("models/") ? String(model.dropFirst("models/".count)) : model
    url = "\(base)/models/\(ModelURL.escaped(name)):streamGenerateContent?alt=sse"
    headers = [HTTPClientField("x-goog-api-key", key)]
  }

  func body(_ conversation: ModelConversation) -> JSON {
    let contents = conversation.turns.map { turn -> JSON in
      let parts = turn.parts.map { part -> JSON in
        switch part {
        case .text(let text): ["text": .string(text)]
        case .image(let type, let data):
          ["inlineData": ["mimeType": .string(type), "data": .string(data)]]
        }
      }
      return ["role": turn.isUser ? "user" : "model", "parts": .array(parts)]
    }
    var configuration: JSONObject = [:]
    configuration["temperature"] = conversation.temperature.map(JSON.double)
    configuration["maxOutputTokens"] = conversation.maxOutputTokens.map(JSON.int)
    var body: JSONObject = [
      "contents": .array(contents),
      "systemInstruction": ["parts": [["text": .string(conversation.system)]]],
    ]
    if !configuration.isEmpty { body["generationConfig"] = .object(configuration) }
    return .object(body)
  }

  func reader() -> any ModelAnswerReader { Reader() }

  private struct Reader: ModelAnswerReader {
    /// Ends at which an answer is one.
    private static let goodEnds: Set<String> = ["STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED"]

    /// The stream has no event of its own for its end, and counts may follow the reason.
    var isComplete = false
    private var text = ""
    private var finish: String?
    private var usage: TokenUsage?

    mutating func take(_ event: JSON) throws(ModelFault) {
      // Errors may come as the only element of a list.
      let event = event.array?.first ?? event
      if let error = event["error"], !error.isNull { throw .reported(error) }
      if let reason = event["promptFeedback"]?["blockReason"]?.string {
        throw ModelFault(.refused, "the prompt was blocked (\(reason))")
      }
      if let candidate = event["candidates"]?[0] {
        for part in candidate["content"]?["parts"]?.array ?? [] where part["thought"] != true {
          text += part["text"]?.string ?? ""
        }
        finish = candidate["finishReason"]?.string ?? finish
      }
      if let json = event["usageMetadata"], json.object != nil {
        let cached = json["cachedContentTokenCount"]?.tokens ?? 0
        let thoughts = json["thoughtsTokenCount"]?.tokens ?? 0
        usage = TokenUsage(
          input: max(0, (json["promptTokenCount"]?.tokens ?? 0) - cached),
          output: (json["candidatesTokenCount"]?.tokens ?? 0) + thoughts,
          cached: cached > 0 ? cached : nil, reasoning: thoughts > 0 ? thoughts : nil)
      }
    }

    mutating func take(whole answer: JSON) throws(ModelFault) {
      // Without `alt=sse` the stream is a list of the same objects.
      for event in answer.array ?? [answer] { try take(event) }
    }

    func answer() throws(ModelFault) -> ModelAnswer {
      guard let finish else {
        throw ModelFault(.incomplete, "the answer ended before it was complete")
      }
      guard Self.goodEnds.contains(finish) else {
        throw ModelFault(.refused, "the model ended with \(finish)")
      }
      return ModelAnswer(
        text: text, usage: usage, warnings: finish == "MAX_TOKENS" ? [ModelWarning.cutOff] : [])
    }
  }
}
