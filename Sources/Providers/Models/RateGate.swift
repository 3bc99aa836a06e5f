// What all calls of one account and model share: a rate limit concerns all of them.

import Core

/// Holds calls back while a service takes none.
///
/// After a 429 nobody calls until the time is over; then one call goes ahead, and the others follow
/// when the service has taken it. Otherwise each pause would end in the same rush as the last one.
actor RateGate {
  private enum State {
    case open
    case paused(until: ContinuousClock.Instant)
    /// One call tries; the others wait.
    case probing
  }
  private var state = State.open
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Whether a call that goes through is the one that tries.
  enum Pass: Sendable { case ordinary, probe }

  /// Waits until a call may be made.
  /// - Throws: `.cancelled` when the task was cancelled.
  func pass() async throws(ProviderError) -> Pass {
    while true {
      if Task.isCancelled { throw .cancelled }
      switch state {
      case .open: return .ordinary
      case .paused(let until):
        if ContinuousClock.now >= until {
          state = .probing
          return .probe
        }
        do {
          try await Task.sleep(until: until)
        } catch {
          throw .cancelled
        }
      case .probing:
        await withTaskCancellationHandler {
          await withCheckedContinuation { waiting.append($0) }
        } onCancel: {
          Task { await self.wake() }
        }
      }
    }
  }

  /// The service takes no calls for some time.
  func pause(for time: Duration) {
    let until = ContinuousClock.now.advanced(by: time)
    if case .paused(let earlier) = state, earlier >= until { return }
    state = .paused(until: until)
    wake()
  }

  /// A call was taken, or failed for a reason of its own.
  func settle(_ pass: Pass) {
    // The end of an ordinary call, begun before the pause, says nothing about the limit now.
    guard pass == .probe, case .probing = state else { return }
    state = .open
    wake()
  }

  private func wake() {
    let woken = waiting
    waiting = []
    for continuation in woken { continuation.resume() }
  }
}

/// The gates of this process by account and model.
actor RateGates {
  static let shared = RateGates()
  private var gates: [String: RateGate] = [:]

  /// The gate of an account's model, the same for every target that uses it.
  /// - Parameter key: names endpoint, account and model; it stays in memory.
  /// - Returns: the gate.
  func gate(_ key: String) -> RateGate {
    if let gate = gates[key] { return gate }
    let gate = RateGate()
    gates[key] = gate
    return gate
  }
}
