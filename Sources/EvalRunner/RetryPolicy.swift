// Whether and when a failed call is tried again. Only what can pass is tried again: a wrong key, a
// missing program or a setting stay wrong, and an agent that took too long takes as long again and
// costs as much.

import Providers

/// The rules for further tries of one call.
struct RetryPolicy: Sendable {
  /// Further tries after the first one.
  var maxRetries: Int
  /// Longest wait that a service may ask for; a longer one ends the tries.
  static let longestRetryAfter = Duration.seconds(120)

  /// Decides about the next try.
  /// - Parameters:
  ///   - error: how the last try failed.
  ///   - attempts: tries so far, 1 or more.
  ///   - isAgent: whether the target is a program that works for itself, not a model.
  ///   - jitter: a random number, 0…1.
  /// - Returns: the wait before the next try; `nil` when there is to be none.
  func wait(
    after error: ProviderError, attempts: Int, isAgent: Bool, jitter: Double
  ) -> Duration? {
    guard attempts <= maxRetries, error.retryable else { return nil }
    if isAgent, error.code == .timedOut { return nil }
    if let asked = error.retryAfter {
      // A little later than asked for, so that the callers that were all told the same do not come
      // back at once.
      return asked > Self.longestRetryAfter ? nil : asked + .milliseconds(Int(jitter * 1000))
    }
    return Self.backoff(afterAttempt: attempts, jitter: jitter)
  }

  /// 1 s, 2 s, 4 s … at most 30 s, each a quarter less to a quarter more.
  static func backoff(afterAttempt attempt: Int, jitter: Double) -> Duration {
    let seconds = attempt > 5 ? 30 : min(30, 1 << (attempt - 1))
    return .milliseconds(Int(Double(seconds) * 1000 * (0.75 + 0.5 * jitter)))
  }
}
