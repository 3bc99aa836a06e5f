import Providers
import Testing

@testable import EvalRunner

@Suite struct RetryPolicyTests {
  private func wait(
    _ error: ProviderError, attempts: Int = 1, isAgent: Bool = false, jitter: Double = 0.5
  ) -> Duration? {
    RetryPolicy(maxRetries: 3).wait(
      after: error, attempts: attempts, isAgent: isAgent, jitter: jitter)
  }

  @Test func `waits double from one second to half a minute`() {
    let waits = (1...8).map { RetryPolicy.backoff(afterAttempt: $0, jitter: 0.5) }
    #expect(waits == [1, 2, 4, 8, 16, 30, 30, 30].map { Duration.seconds($0) })
  }

  @Test func `waits scatter by a quarter to both sides`() {
    #expect(RetryPolicy.backoff(afterAttempt: 3, jitter: 0) == .seconds(3))
    #expect(RetryPolicy.backoff(afterAttempt: 3, jitter: 1) == .seconds(5))
  }

  @Test(arguments: [
    (ProviderError.Code.failed, true), (.badAnswer, true), (.transport, true),
    (.rateLimited, true), (.serverError, true), (.timedOut, true), (.cancelled, false),
    (.configuration, false), (.unavailable, false), (.authentication, false),
    (.badRequest, false), (.refused, false),
  ])
  func `only what can pass is tried again`(_ code: ProviderError.Code, _ isRetried: Bool) {
    #expect((wait(ProviderError(code, "x")) != nil) == isRetried)
  }

  @Test func `an agent that took too long is not called again`() {
    #expect(wait(ProviderError(.timedOut, "x"), isAgent: true) == nil)
    #expect(wait(ProviderError(.transport, "x"), isAgent: true) != nil)
  }

  @Test func `no more tries than allowed`() {
    let error = ProviderError(.failed, "x")
    #expect(wait(error, attempts: 3) == .seconds(4))
    #expect(wait(error, attempts: 4) == nil)
  }

  @Test func `a service that names its time is left alone for that long, and a little more`() {
    let error = ProviderError(.rateLimited, "x", retryAfter: .seconds(7))
    #expect(wait(error, jitter: 0) == .seconds(7))
    #expect(wait(error, jitter: 1) == .seconds(8))
  }

  @Test func `a service that wants to be left alone for very long is not called again`() {
    #expect(wait(ProviderError(.rateLimited, "x", retryAfter: .seconds(3600))) == nil)
  }

  @Test func `tries that a target has used up itself are not multiplied`() {
    var error = ProviderError(.serverError, "HTTP 500, after 4 calls")
    #expect(wait(error) != nil)
    error.isSpent = true
    #expect(wait(error) == nil)
    #expect(error.mayPass, "whoever asks for another reason may")
  }
}

@Suite struct CallPaceTests {
  @Test func `calls of a target with a limit per minute begin evenly spaced`() {
    var pace = CallPace(requestsPerMinute: 30)
    let start = ContinuousClock.now
    #expect(pace.reserve(now: start) == nil)
    #expect(pace.reserve(now: start + .seconds(1)) == start + .seconds(2))
    #expect(pace.reserve(now: start + .seconds(2)) == nil)
    #expect(pace.reserve(now: start + .seconds(3)) == start + .seconds(4))
  }

  @Test func `without a limit nobody waits until the service asks for it`() {
    var pace = CallPace(requestsPerMinute: nil)
    let start = ContinuousClock.now
    #expect(pace.reserve(now: start) == nil)
    #expect(pace.reserve(now: start) == nil)
    pace.pause(until: start + .seconds(5))
    pace.pause(until: start + .seconds(3))
    #expect(pace.reserve(now: start + .seconds(4)) == start + .seconds(5))
    #expect(pace.reserve(now: start + .seconds(5)) == nil)
    #expect(pace.reserve(now: start + .seconds(5)) == nil)
  }
}

@Suite(.timeLimit(.minutes(1))) struct CallLimitsTests {
  @Test func `no more calls at a time than there are slots, whoever calls`() async {
    let limits = CallLimits(slots: 2)
    let running = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<20 {
        group.addTask {
          _ = await limits.call {
            running.enter()
            await Task.yield()
            running.leave()
          }
        }
      }
    }
    #expect(running.most <= 2)
    #expect(running.total == 20)
  }

  @Test func `the file with the most workers decides`() async {
    let limits = CallLimits()
    limits.allow(slots: 1)
    limits.allow(slots: 3)
    limits.allow(slots: 2)
    let answer = await limits.call {
      await limits.call { await limits.call { 42 } }
    }
    #expect(answer == 42)
  }

  @Test func `a stop reaches those who wait for a slot`() async {
    let limits = CallLimits(slots: 1)
    _ = await limits.call {
      let waiting = Task { await limits.call { true } }
      waiting.cancel()
      #expect(await waiting.value == nil)
    }
    #expect(await limits.call { true } == true)
  }
}
