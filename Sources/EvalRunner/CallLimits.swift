// What all callers of one target share over the whole run: how many calls at a time, and how fast
// one may follow another.

import Synchronization

/// The slots and the pace of one target.
final class CallLimits: Sendable {
  private struct State {
    /// Calls that may run at the same time; `nil` for as many as there are.
    var slots: Int?
    var taken = 0
    /// Callers that wait for a slot, first come first served.
    var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    var nextID = 0
    var pace: CallPace
  }

  private let state: Mutex<State>

  /// Limits of a target.
  /// - Parameters:
  ///   - slots: calls at the same time, 1 or more; `nil` for as many as there are.
  ///   - requestsPerMinute: calls that may begin in a minute; `nil` for as many as there are.
  init(slots: Int? = nil, requestsPerMinute: Double? = nil) {
    state = Mutex(State(slots: slots, pace: CallPace(requestsPerMinute: requestsPerMinute)))
  }

  /// Sees to it that at least so many calls may run at the same time, before any of them runs: of
  /// several files that use a target the one with the most workers decides.
  func allow(slots: Int) {
    state.withLock { $0.slots = max($0.slots ?? 0, slots) }
  }

  /// Runs a call when there is a slot for it and its turn has come.
  /// - Returns: what the call returned; `nil` when the task was cancelled before it began.
  func call<Value: Sendable>(_ body: () async -> Value) async -> Value? {
    guard await takeSlot() else { return nil }
    defer { giveSlotBack() }
    while let wait = state.withLock({ $0.pace.reserve(now: .now) }) {
      do { try await Task.sleep(until: wait, clock: .continuous) } catch { return nil }
    }
    return await body()
  }

  /// Lets nobody begin before a time: the service asked to be left alone.
  func pause(for duration: Duration) {
    state.withLock { $0.pace.pause(until: .now + duration) }
  }

  private func takeSlot() async -> Bool {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
          if state.slots.map({ state.taken < $0 }) ?? true {
            state.taken += 1
            return true
          }
          state.waiting.append((id, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let continuation = state.withLock { state in
        state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
      }
      continuation?.resume(returning: false)
    }
  }

  private func giveSlotBack() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      if state.waiting.isEmpty {
        state.taken -= 1
        return nil
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume(returning: true)
  }
}

/// When the next call may begin: evenly spaced calls, so that a limit of requests per minute holds
/// in every minute, however it is counted.
struct CallPace: Sendable {
  private let interval: Duration?
  private var next: ContinuousClock.Instant?

  /// A pace; `nil` for none.
  init(requestsPerMinute: Double?) {
    interval = requestsPerMinute.map { .seconds(60 / $0) }
  }

  /// Takes the next turn.
  /// - Parameter now: the present.
  /// - Returns: `nil` when the call may begin now; else the time at which to ask again.
  mutating func reserve(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    if let next, next > now { return next }
    if let interval { next = now + interval } else { next = nil }
    return nil
  }

  /// Lets no call begin before a time.
  mutating func pause(until instant: ContinuousClock.Instant) {
    if let next, next >= instant { return }
    next = instant
  }
}
