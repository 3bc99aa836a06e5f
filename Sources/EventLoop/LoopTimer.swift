import CLibevent

/// A timer on the loop, once or repeating.
///
/// It never fires early: libevent's clock is read once per turn and is coarse, so the deadline is
/// compared with the exact clock and the rest of the time is waited for. It may fire late by what
/// the loop is busy with. A timer that is no longer referenced does not fire.
@LoopActor
public final class LoopTimer {
  private let handler: @LoopActor () -> Void
  // Set once in the initialiser, used on the loop only.
  private var event: OpaquePointer?
  private var deadline = SuspendingClock.now
  private var interval: Duration?

  /// Makes a timer that is not scheduled.
  ///
  /// - Parameter handler: what runs when the time has come.
  public init(_ handler: @escaping @LoopActor () -> Void) {
    self.handler = handler
    event = event_new(
      LoopActor.eventBase, -1, 0,
      { _, _, context in
        LoopActor.enter(context, ()) { (timer: LoopTimer, _) in timer.fire() }
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  isolated deinit {
    if let event { event_free(event) }
  }

  /// Whether the timer is going to fire.
  public private(set) var isScheduled = false

  /// Fires once; replaces what was scheduled before.
  ///
  /// - Parameter delay: time from now; zero or less means the next turn of the loop.
  public func schedule(after delay: Duration) {
    interval = nil
    arm(until: SuspendingClock.now.advanced(by: delay))
  }

  /// Fires again and again; replaces what was scheduled before.
  ///
  /// Times that the loop was too busy for are left out, not made up for.
  ///
  /// - Parameter interval: time between two fires and before the first one; at least 1 ms.
  public func schedule(every interval: Duration) {
    let interval = max(interval, .milliseconds(1))
    self.interval = interval
    arm(until: SuspendingClock.now.advanced(by: interval))
  }

  /// Takes back what was scheduled.
  public func cancel() {
    interval = nil
    isScheduled = false
    if let event { event_del(event) }
  }

  private func arm(until deadline: SuspendingClock.Instant) {
    self.deadline = deadline
    isScheduled = true
    add()
  }

  private func add() {
    guard let event else { return }
    var time = timeval(SuspendingClock.now.duration(to: deadline))
    event_add(event, &time)
  }

  private func fire() {
    guard isScheduled else { return }
    let now = SuspendingClock.now
    if now < deadline { return add() }
    if let interval {
      arm(until: max(deadline.advanced(by: interval), now))
    } else {
      isScheduled = false
    }
    handler()
  }
}

extension timeval {
  /// A time-out for libevent; a negative duration becomes zero, part of a microsecond a whole one.
  package init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else {
      self.init(tv_sec: 0, tv_usec: 0)
      return
    }
    let micros = Int((attoseconds + 999_999_999_999) / 1_000_000_000_000)
    self.init(tv_sec: Int(seconds) + micros / 1_000_000, tv_usec: micros % 1_000_000)
  }
}
