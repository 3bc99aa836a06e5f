// `openai`, `azure`, `anthropic`, `gemini`, `openrouter`, `agentv`: models over HTTPS.

import Core
import EvalFiles
import HTTPClient

/// Calls a model for each test, with retries inside.
struct ModelProvider: Provider {
  let promptStyle = PromptStyle.llm
  let settings: ModelSettings
  let log: (@Sendable (String) -> Void)?

  init(settings: ModelSettings, log: (@Sendable (String) -> Void)? = nil) {
    self.settings = settings
    self.log = log
  }

  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    if Task.isCancelled { throw .cancelled }
    let api = try settings.api(request.environment)
    let key = try settings.key(request.environment)
    let conversation = ModelConversation(
      request, temperature: settings.temperature, maxOutputTokens: settings.maxOutputTokens)
    let call = ModelCall(
      api: api, body: api.body(conversation).serialized(),
      network: HTTPClientNetwork(environment: request.environment),
      failures: ModelFailures(settings: settings, secret: key))
    let gate = await RateGates.shared.gate("\(api.url)\n\(settings.model)\n\(key)")
    var limit = ModelTimeLimit(target: settings.timeout, run: request.timeout)
    var failures = 0
    while true {
      let arrived = ContinuousClock.now
      let pass = try await gate.pass()
      // Waiting for others' rate limit is not the call's own time.
      limit.extend(by: arrived.duration(to: .now))
      do throws(ModelFailure) {
        let response = try await call.make(limit) { await gate.settle(pass) }
        await gate.settle(pass)
        return response
      } catch {
        failures += 1
        let wait = delay(failures, error)
        if error.error.code == .rateLimited, let wait {
          await gate.pause(for: wait)
        } else {
          await gate.settle(pass)
        }
        guard error.mayPass, failures <= settings.retry.maximum, let wait,
          limit.allows(wait) || error.error.code == .rateLimited
        else { throw final(error, failures, wait) }
        log?(
          "[\(settings.provider):\(settings.targetName)] \(error.error.description); next call in "
            + "\(wait.text)")
        if error.error.code == .rateLimited { continue }
        do {
          try await Task.sleep(for: wait)
        } catch {
          throw .cancelled
        }
      }
    }
  }

  private func delay(_ failures: Int, _ failure: ModelFailure) -> Duration? {
    settings.retry.delay(
      afterFailures: failures, jitter: Double.random(in: 0.75...1.25),
      asked: failure.error.retryAfter)
  }

  /// The error of the last call, with what was tried.
  private func final(
    _ failure: ModelFailure, _ calls: Int, _ wait: Duration?
  ) -> ProviderError {
    var error = failure.error
    if error.isCancelled || Task.isCancelled { return .cancelled }
    // `--max-retries` does not multiply them.
    error.isSpent = failure.mayPass
    if calls > 1 { error.description += ", after \(calls) calls" }
    if failure.mayPass, wait == nil, let asked = error.retryAfter {
      error.description +=
        "; it asks for a pause of \(asked.text), and 'retry_max_delay_ms' allows "
        + settings.retry.maximumDelay.text
    } else if error.code == .rateLimited {
      error.description += "; lower 'workers', or raise 'max_retries'"
    }
    return error
  }
}

/// How long all calls for one test may take together.
struct ModelTimeLimit: Sendable {
  private var deadline: ContinuousClock.Instant?
  /// The limit as people set it, for messages.
  let text: String?

  init(target: Duration?, run: Duration?) {
    let isRun = run.map { own in target.map { own < $0 } ?? true } ?? false
    let limit = isRun ? run : target
    deadline = limit.map { ContinuousClock.now.advanced(by: $0) }
    text = limit.map { "\($0.text)\(isRun ? " (--agent-timeout)" : " (timeout_seconds)")" }
  }

  /// What is left; `nil` without a limit.
  var remaining: Duration? { deadline.map { ContinuousClock.now.duration(to: $0) } }

  mutating func extend(by time: Duration) {
    deadline = deadline?.advanced(by: time)
  }

  /// Whether there is time for something after a wait.
  func allows(_ wait: Duration) -> Bool { remaining.map { $0 > wait } ?? true }
}

extension Duration {
  /// Seconds, with up to three digits after the point: `1.5 s`.
  var text: String {
    let milliseconds =
      Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    return milliseconds % 1000 == 0
      ? "\(milliseconds / 1000) s" : "\(Double(milliseconds) / 1000) s"
  }
}
