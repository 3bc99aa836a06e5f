import Core
import EvalFiles
import TestSupport
import Testing

@testable import Providers

@Suite struct ModelBodyTests {
  /// A conversation with everything in it.
  private var conversation: ModelConversation {
    let image: JSON = [
      "type": "image", "media_type": "image/png", "source": "data:image/png;base64,QUJD",
    ]
    let test = EvalTest(
      id: "t", suite: "s",
      input: [
        Message(role: "system", text: "one"), Message(role: "system", text: "two"),
        Message(
          role: "user", content: .blocks([["type": "text", "value": "look"], image])),
        Message(role: "assistant", text: "seen"), Message(role: "tool", text: "result"),
        Message(role: "user", text: "and?"),
      ])
    let chat = test.chat(style: .llm)
    var request = ProviderRequest(test: test, environment: [:])
    request.systemPrompt = chat.system
    request.chat = chat.messages
    return ModelConversation(request, temperature: 0.5, maxOutputTokens: 100)
  }

  private func body(_ provider: String, _ settings: JSONObject = [:]) throws -> JSON {
    var settings = settings
    settings["api_key"] = "k"
    settings["model"] = settings["model"] ?? "m"
    if provider == "azure" { settings["endpoint"] = "r" }
    return try ModelSettings(target(provider, settings)).api([:]).body(conversation)
  }

  @Test func `chat completions`() throws {
    let body = try body("openai", ["base_url": "http://other"])
    #expect(
      body == [
        "model": "m", "stream": true, "stream_options": ["include_usage": true],
        "max_completion_tokens": 100, "temperature": 0.5,
        "messages": [
          ["role": "system", "content": "one\n\ntwo"],
          [
            "role": "user",
            "content": [
              ["type": "text", "text": "look"],
              ["type": "image_url", "image_url": ["url": "data:image/png;base64,QUJD"]],
            ],
          ],
          ["role": "assistant", "content": "seen"],
          ["role": "assistant", "content": "@[Tool]:\nresult"],
          ["role": "user", "content": "and?"],
        ],
      ])
  }

  @Test func `OpenAI itself stores nothing, and its reasoning models get a developer`() throws {
    let body = try body("openai", ["model": "gpt-5-mini"])
    #expect(body["store"] == false)
    #expect(body["messages"]?[0]?["role"] == "developer")
  }

  @Test func `openrouter asks for costs and marks what Anthropic may cache`() throws {
    let body = try body("openrouter", ["model": "anthropic/claude"])
    #expect(body["usage"] == ["include": true])
    #expect(
      body["messages"]?.array?.last?["content"] == [
        ["type": "text", "text": "and?", "cache_control": ["type": "ephemeral"]]
      ])
    #expect(try self.body("openrouter")["messages"]?.array?.last?["content"] == "and?")
  }

  @Test func `responses`() throws {
    let expected: JSON = [
      "model": "m", "stream": true, "store": false, "max_output_tokens": 100, "temperature": 0.5,
      "input": [
        ["role": "system", "content": "one\n\ntwo"],
        [
          "role": "user",
          "content": [
            ["type": "input_text", "text": "look"],
            [
              "type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,QUJD",
            ],
          ],
        ],
        ["role": "assistant", "content": [["type": "output_text", "text": "seen"]]],
        ["role": "assistant", "content": [["type": "output_text", "text": "@[Tool]:\nresult"]]],
        ["role": "user", "content": [["type": "input_text", "text": "and?"]]],
      ],
    ]
    #expect(try body("openai", ["api_format": "responses"]) == expected)
    var azure = try #require(expected.object)
    azure["store"] = nil
    #expect(try body("azure") == .object(azure))
  }

  @Test func `messages of Anthropic`() throws {
    let body = try body("anthropic")
    #expect(body["max_tokens"] == 100 && body["temperature"] == 0.5 && body["stream"] == true)
    #expect(
      body["system"] == [
        ["type": "text", "text": "one\n\ntwo", "cache_control": ["type": "ephemeral"]]
      ])
    #expect(
      body["messages"]?[0] == [
        "role": "user",
        "content": [
          ["type": "text", "text": "look"],
          [
            "type": "image",
            "source": ["type": "base64", "media_type": "image/png", "data": "QUJD"],
          ],
        ],
      ])
    let thinking = try self.body("anthropic", ["thinking_budget": 2000])
    #expect(thinking["thinking"] == ["type": "enabled", "budget_tokens": 2000])
    #expect(thinking["max_tokens"] == 2100 && thinking["temperature"] == nil)
  }

  @Test func `contents of Gemini`() throws {
    let body = try body("gemini")
    #expect(body["systemInstruction"] == ["parts": [["text": "one\n\ntwo"]]])
    #expect(body["generationConfig"] == ["temperature": 0.5, "maxOutputTokens": 100])
    #expect(
      body["contents"]?[0] == [
        "role": "user",
        "parts": [
          ["text": "look"], ["inlineData": ["mimeType": "image/png", "data": "QUJD"]],
        ],
      ])
    #expect(body["contents"]?[1]?["role"] == "model")
  }

  @Test func `a call without instructions gets the usual ones`() {
    let conversation = ModelConversation(question(" hi "), temperature: nil, maxOutputTokens: nil)
    #expect(conversation.system == ModelConversation.defaultSystem)
    #expect(conversation.turns == [.init(isUser: true, parts: [.text("hi")])])
  }

  @Test(
    arguments: [
      (
        "openai",
        #"{"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":18,"completion_tokens_details":{"reasoning_tokens":3}},"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}"#,
        TokenUsage(input: 10, output: 8, reasoning: 3)
      ),
      (
        "gemini",
        #"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"x"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":3}}"#,
        TokenUsage(input: 6, output: 8, cached: 4, reasoning: 3)
      ),
      (
        "anthropic",
        #"{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"x"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"cache_creation_input_tokens":2,"cache_read_input_tokens":4,"output_tokens":8}}"#,
        TokenUsage(input: 12, output: 8, cached: 4)
      ),
      (
        "azure",
        #"{"status":"completed","output":[{"type":"reasoning"},{"type":"message","content":[{"type":"output_text","text":"x"}]}],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":8,"output_tokens_details":{"reasoning_tokens":3}}}"#,
        TokenUsage(input: 6, output: 8, cached: 4, reasoning: 3)
      ),
    ] as [(String, String, TokenUsage)])
  func `tokens are counted once, cached ones apart`(
    provider: String, answer: String, usage: TokenUsage
  ) throws {
    var settings: JSONObject = ["api_key": "k", "model": "m"]
    if provider == "azure" { settings["endpoint"] = "r" }
    var reader = try ModelSettings(target(provider, settings)).api([:]).reader()
    let json = try JSON.parse(answer)
    if provider == "openai" || provider == "gemini" {
      try reader.take(json)
    } else {
      try reader.take(whole: json)
    }
    let read = try reader.answer()
    #expect(read.text == "x" && read.usage == usage)
  }
}
