// A stop from outside as a table of state × event → action. Pure: RunStopper carries the actions out.
//
//   idle ──begin──▶ asked ──deadline──▶ pressed ──deadline──▶ killed ──deadline──▶ ended (still there)
//                     │ runner ended      │ runner ended        │ runner ended
//                     └───────────────────┴─────────────────────┴──▶ sweeping ──swept──▶ ended
//
// A holder stops the run itself, within its own grace, so it is only asked, and killed long after it
// should have ended. `agentv eval` in a terminal ends its tests within their grace; a second signal
// makes it kill them at once; if even that does not end it, it is killed. In each case what carries
// the mark of the process that ran the run is swept afterwards.

/// Who runs a run.
enum RunRunner: Sendable, Hashable {
  /// `agentv hold`, with the grace that it was launched with.
  case holder(grace: Duration)
  /// `agentv eval` itself.
  case writer
  /// Nobody any more.
  case nobody
}

/// State × event → actions.
struct StopEscalation<Instant: InstantProtocol>: Sendable
where Instant.Duration == Duration, Instant: Sendable {
  enum State: Hashable, Sendable {
    case idle
    /// The first signal is out.
    case asked
    /// A second one is out: `agentv eval` kills what is left of its tests.
    case pressed
    /// The process that runs the run got SIGKILL.
    case killed
    /// It has ended; what it left is being ended.
    case sweeping
    case ended
  }

  enum Event: Hashable, Sendable {
    case begin(RunRunner, force: Bool)
    /// The process that runs the run has ended.
    case runnerEnded
    /// The time last asked for with `wake` has come.
    case deadline
    /// Nothing that it left is alive, or what is cannot be killed.
    case swept
  }

  enum Action: Hashable, Sendable {
    /// Write who asks, why and whether by force.
    case record
    /// SIGTERM to the process that runs the run.
    case signal
    /// SIGKILL to it, and to the run of a holder.
    case kill
    /// Kill what it left.
    case sweep
    case wake(Instant)
    case finish
  }

  /// Grace of `agentv eval`: longer than that of its tests, which passes inside it.
  static var writerGrace: Duration { .seconds(10) }
  /// What a holder needs beyond its grace to sweep, to write its record and to end.
  static var holderMargin: Duration { .seconds(10) }
  /// `agentv eval` takes two signals within 0.2 s for one press.
  static var pressInterval: Duration { .milliseconds(250) }
  /// Time that killing the tests may take; until then the press is repeated.
  static var killGrace: Duration { .seconds(7) }
  /// A process that does not go by SIGKILL in this time is stuck in the kernel.
  static var killWait: Duration { .seconds(5) }

  private(set) var state = State.idle
  /// Whether a second signal went out.
  private(set) var wasPressed = false
  private var runner = RunRunner.nobody
  private var force = false
  private var pressUntil: Instant?

  mutating func handle(_ event: Event, now: Instant) -> [Action] {
    switch (state, event) {
    case (.idle, .begin(let runner, let force)):
      self.runner = runner
      self.force = force
      guard runner != .nobody else {
        state = .sweeping
        return [.sweep]
      }
      state = .asked
      return [.record, .signal, .wake(now.advanced(by: firstWait))]
    case (.asked, .deadline):
      if case .holder = runner { return kill(now) }
      state = .pressed
      wasPressed = true
      pressUntil = now.advanced(by: Self.killGrace)
      return [.signal, .wake(now.advanced(by: Self.pressInterval))]
    case (.pressed, .deadline):
      // A busy process may have met two signals as one press.
      guard let pressUntil, now < pressUntil else { return kill(now) }
      return [.signal, .wake(now.advanced(by: Self.pressInterval))]
    case (.killed, .deadline):
      state = .ended
      return [.finish]
    case (.asked, .runnerEnded), (.pressed, .runnerEnded), (.killed, .runnerEnded):
      state = .sweeping
      return [.sweep]
    case (.sweeping, .swept):
      state = .ended
      return [.finish]
    default: return []
    }
  }

  private var firstWait: Duration {
    switch runner {
    case .holder(let grace): (force ? .zero : grace) + Self.holderMargin
    case .writer: force ? Self.pressInterval : Self.writerGrace
    case .nobody: .zero
    }
  }

  private mutating func kill(_ now: Instant) -> [Action] {
    state = .killed
    return [.kill, .wake(now.advanced(by: Self.killWait))]
  }
}
