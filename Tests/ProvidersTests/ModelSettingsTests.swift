import Core
import EvalFiles
import TestSupport
import Testing

@testable import Providers

@Suite struct ModelSettingsTests {
  @Test(
    arguments: [
      ("openai", [:], "'api_key' is missing"),
      ("openai", ["api_key": "k"], "'model' is missing; the name of the model to call"),
      (
        "openai", ["api_key": "k", "model": "m", "api_format": "soap"],
        "'api_format' must be chat or responses, found soap"
      ),
      (
        "openai", ["api_key": "k", "model": "m", "base_url": "localhost:1"],
        "'base_url' must begin with http:// or https://"
      ),
      (
        "openai", ["api_key": "k", "model": "m", "temperature": "hot"],
        "'temperature' must be a number from 0 to 2, found \"hot\""
      ),
      (
        "openai", ["api_key": "k", "model": "m", "max_output_tokens": 0],
        "'max_output_tokens' must be a whole number from 1 to"
      ),
      (
        "openai", ["api_key": "k", "model": "m", "retry_status_codes": [9]],
        "'retry_status_codes' must be a list of HTTP statuses, found 9"
      ),
      (
        "openai", ["api_key": "k", "model": "m", "retry_status_codes": 500],
        "'retry_status_codes' must be a list"
      ),
      ("azure", ["api_key": "k"], "'deployment' is missing"),
      ("azure", ["api_key": "k", "model": "m"], "'endpoint' is missing; the resource's name"),
      (
        "azure", ["api_key": "k", "model": "m", "endpoint": "r", "api_format": "chat"],
        "'api_format' is not known to azure"
      ),
      (
        "anthropic", ["api_key": "k", "model": "m", "thinking_budget": 10],
        "'thinking_budget' must be a whole number from 1024"
      ),
      ("agentv", [:], "'model' is missing; provider and model, for example openai:gpt-5-mini"),
      ("agentv", ["model": "gpt"], "'model' must be written as provider:model"),
      ("agentv", ["model": "x:y"], "must begin with openai:, anthropic:, azure: or google:"),
      ("agentv", ["model": "azure:d"], "'endpoint' is missing"),
    ] as [(String, JSONObject, String)])
  func `settings that make no sense are refused with their name`(
    provider: String, settings: JSONObject, text: String
  ) {
    let error = #expect(throws: ProviderError.self) {
      try ProviderRegistry.make(target(provider, settings))
    }
    #expect(error?.code == .configuration)
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix("target 'tgt': ") == true)
  }

  @Test func `a key in an unset variable names the variable`() {
    var target = target("openai", ["model": "m"])
    target.unsetVariables = ["api_key": "MY_KEY"]
    let error = #expect(throws: ProviderError.self) { try ProviderRegistry.make(target) }
    #expect(
      error?.description.contains("is the environment variable MY_KEY, which is not set") == true)
  }

  @Test(
    arguments: [
      ("openai", [:], "https://api.openai.com/v1/chat/completions"),
      ("openai", ["base_url": "http://h/x/"], "http://h/x/v1/chat/completions"),
      ("openai", ["endpoint": "http://h/v1"], "http://h/v1/chat/completions"),
      ("openai", ["api_format": "responses"], "https://api.openai.com/v1/responses"),
      ("openrouter", [:], "https://openrouter.ai/api/v1/chat/completions"),
      ("anthropic", [:], "https://api.anthropic.com/v1/messages"),
      (
        "gemini", [:],
        "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse"
      ),
      (
        "azure", ["resource": "res"],
        "https://res.openai.azure.com/openai/v1/responses?api-version=v1"
      ),
      (
        "azure", ["endpoint": "https://x.azure.com/", "version": "api-version=2025-04-01-preview"],
        "https://x.azure.com/openai/v1/responses?api-version=2025-04-01-preview"
      ),
      (
        "azure", ["endpoint": "https://x.azure.com/openai/v1"],
        "https://x.azure.com/openai/v1/responses?api-version=v1"
      ),
    ] as [(String, JSONObject, String)])
  func `addresses follow from what is given`(
    provider: String, settings: JSONObject, url: String
  ) throws {
    var settings = settings
    settings["api_key"] = "k"
    settings["model"] = "m"
    let api = try ModelSettings(target(provider, settings)).api([:])
    #expect(api.url == url)
  }

  @Test func `numbers may be texts, as environment variables are`() throws {
    let settings = try ModelSettings(
      target(
        "openai",
        [
          "api_key": "k", "model": "m", "temperature": "0.7", "max_output_tokens": "5",
          "max_retries": "0", "retry_backoff_factor": "3", "retry_status_codes": ["500"],
          "timeout_seconds": "2.5",
        ]))
    #expect(settings.temperature == 0.7 && settings.maxOutputTokens == 5)
    #expect(settings.retry.maximum == 0 && settings.retry.factor == 3)
    #expect(settings.retry.statusCodes == [500] && settings.timeout == .milliseconds(2500))
  }
}

@Suite struct RetrySettingsTests {
  @Test(arguments: [(1, 1000), (2, 2000), (3, 4000), (7, 60_000), (1000, 60_000)])
  func `pauses double up to their maximum`(failures: Int, milliseconds: Int) {
    let settings = RetrySettings()
    #expect(
      settings.delay(afterFailures: failures, jitter: 1, asked: nil)
        == .milliseconds(milliseconds))
  }

  @Test func `a pause that is asked for is kept, unless it is beyond the maximum`() {
    let settings = RetrySettings()
    #expect(settings.delay(afterFailures: 1, jitter: 0.75, asked: .seconds(7)) == .seconds(7))
    #expect(settings.delay(afterFailures: 1, jitter: 1, asked: .seconds(61)) == nil)
  }

  @Test(
    arguments: [
      ("7", nil, 7000), ("1.5", nil, 1500), ("0", nil, 0), ("7", "250", 250),
      ("Fri, 08 May 2026 09:34:43 GMT", nil, 10_000),
      ("Friday, 08-May-26 09:34:43 GMT", nil, 10_000), ("Fri May  8 09:34:43 2026", nil, 10_000),
      ("Fri, 08 May 2026 09:34:03 GMT", nil, 0), ("soon", nil, nil), ("-1", nil, nil),
      (nil, nil, nil),
    ] as [(String?, String?, Int?)])
  func `Retry-After is read in all its forms`(
    seconds: String?, milliseconds: String?, expected: Int?
  ) throws {
    let now = try #require(Timestamp("2026-05-08T09:34:33Z"))
    #expect(
      RetryAfter.parse(seconds: seconds, milliseconds: milliseconds, now: now)
        == expected.map { .milliseconds($0) })
  }
}

@Suite struct StreamedEventsTests {
  @Test(
    arguments: [
      ("data: a\n\ndata: b\n\n", ["a", "b"]), ("data:a\r\n\r\n", ["a"]),
      ("data: a\rdata: b\r\r", ["a\nb"]),
      (": ping\n\nevent: x\nid: 1\ndata: {}\n\n", ["{}"]), ("data\n\n", [""]), ("\n\n\n", []),
      ("data: last", ["last"]), ("database: x\n\n", []),
      ("\u{FEFF}data: a\n\n\u{FEFF}data: b\n\n", ["a"]), ("\n\u{FEFF}data: a\n\n", []),
    ] as [(String, [String])])
  func `events are the same however the bytes are cut`(text: String, expected: [String]) {
    let bytes = Array(text.utf8)
    for size in 1...bytes.count {
      var reader = StreamedEvents()
      var events: [[UInt8]] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        events += reader.take(Array(bytes[start..<min(start + size, bytes.count)]))
      }
      if let last = reader.finish() { events.append(last) }
      #expect(events.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
  }
}
