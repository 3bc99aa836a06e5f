/// What tells a state machine the time, so that a test can tell it another one.
///
/// Pure state machines take `now` as a parameter; the object that drives them asks a clock.
public protocol LoopClock: Sendable {
  /// A moment on the monotonic clock.
  var now: ContinuousClock.Instant { get }
}

/// The system's monotonic clock.
public struct SystemClock: LoopClock {
  /// Makes the clock.
  public init() {}

  /// The present moment.
  public var now: ContinuousClock.Instant { ContinuousClock.now }
}
