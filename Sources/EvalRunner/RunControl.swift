// Who ended the run early: a signal, or a disk that takes no more rows. The first reason counts.

import Core
import Synchronization

/// The shared word on whether to go on.
final class RunControl: Sendable {
  private struct State {
    var signal: Int32?
    var failure: FileError?
    var isForced = false
    var cancel: (@Sendable () -> Void)?
    var drain: (@Sendable () -> StopRequest?)?
    var drained: StopRequest?
  }

  private let state = Mutex(State())

  /// The signal that stopped the run; one that was asked to start no further tests ends as if by
  /// SIGTERM.
  var signal: Int32? { state.withLock { $0.signal ?? ($0.drained == nil ? nil : 15) } }
  /// The request to start no further tests, if the run is under one.
  var drained: StopRequest? { state.withLock { $0.signal == nil ? $0.drained : nil } }
  /// The error that ended the run.
  var failure: FileError? { state.withLock { $0.failure } }
  /// Whether a second signal asked for an end at once.
  var isForced: Bool { state.withLock { $0.isForced } }
  /// Whether nothing new may start.
  var isStopping: Bool {
    let (isStopping, drain) = state.withLock { state in
      (state.signal != nil || state.failure != nil || state.drained != nil, state.drain)
    }
    if isStopping { return true }
    // Asked for outside of the lock: it looks at the disk.
    guard let request = drain?() else { return false }
    state.withLock { $0.drained = request }
    return true
  }

  /// Sets what tells of a request to start no further tests.
  func onDrain(_ request: @escaping @Sendable () -> StopRequest?) {
    state.withLock { $0.drain = request }
  }

  /// Every test has its result: a request that came too late to leave any out stopped nothing.
  func forgetDrain() {
    state.withLock { state in
      state.drained = nil
      state.drain = nil
    }
  }

  /// Sets what a stop cancels; at once when one was asked for already.
  func onStop(_ cancel: @escaping @Sendable () -> Void) {
    let isStopping = state.withLock { state in
      state.cancel = cancel
      return state.signal != nil || state.failure != nil
    }
    if isStopping { cancel() }
  }

  /// Stops because of a signal.
  /// - Returns: whether it is the first one.
  func stop(by signal: Int32) -> Bool {
    let (isFirst, cancel) = state.withLock { state in
      let isFirst = state.signal == nil
      if isFirst { state.signal = signal }
      return (isFirst, state.cancel)
    }
    if isFirst { cancel?() }
    return isFirst
  }

  /// Notes that a second signal came: whichever way the run then ends, its exit code is 1.
  func force() { state.withLock { $0.isForced = true } }

  /// Stops because rows cannot be kept any more.
  func fail(_ error: FileError) {
    let cancel = state.withLock { state in
      if state.failure == nil { state.failure = error }
      return state.cancel
    }
    cancel?()
  }
}
