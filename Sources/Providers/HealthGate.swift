// A check that runs once, whoever comes first, and whose result all others share.

/// Lets calls pass after one check.
///
/// The first caller runs the check in its own task, so that cancelling that task stops it; then the
/// next caller runs it again. A check that fails has failed for all.
actor HealthGate {
  private enum State {
    case untried
    case running([CheckedContinuation<Void, Never>])
    case passed
    case failed(ProviderError)
  }
  private var state = State.untried

  /// Passes when the check has passed.
  /// - Parameter check: the check; it may throw `.cancelled`.
  /// - Throws: what the check threw.
  func pass(
    _ check: @Sendable () async throws(ProviderError) -> Void
  ) async throws(ProviderError) {
    while true {
      switch state {
      case .passed: return
      case .failed(let error): throw error
      case .running(let waiting):
        await withCheckedContinuation { state = .running(waiting + [$0]) }
        if Task.isCancelled { throw .cancelled }
      case .untried:
        state = .running([])
        do throws(ProviderError) {
          try await check()
          settle(.passed)
        } catch {
          settle(error.isCancelled ? .untried : .failed(error))
          throw error
        }
      }
    }
  }

  private func settle(_ new: State) {
    guard case .running(let waiting) = state else { return }
    state = new
    for continuation in waiting { continuation.resume() }
  }
}
