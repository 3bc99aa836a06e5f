// The life of a job as a table of state × event → action. Pure: JobRegistry carries the actions out.
//
//   queued ──slot free──▶ preparing ──prepared──▶ running ──exited──▶ draining ──drained──▶ ended
//     │ stop                 │ stop, failed                                                  ▲
//     └──────────────────────┴───────────────────────────────────────────────────────────────┘
//
// A job of an earlier server begins in `restoring`, until its records on disk have been looked at:
//
//   restoring ──its holder lives──▶ running; ──nothing was started──▶ queued; ──it has ended──▶ draining

import Core
import RunControl

/// What happens to a job.
enum JobEvent: Sendable, Hashable {
  /// One of the `--max-jobs` places became free and it is this job's turn.
  case slotFree
  /// The run directory and `launch.json` are on disk.
  case prepared
  /// The holder was started with this process id.
  case spawned(pid: Int32)
  /// The run directory could not be made or the holder could not be started.
  case launchFailed(message: String)
  /// Somebody asked for a stop.
  case stopRequested(StopRequest)
  /// The holder that was started before, or by an earlier server, lives.
  case found(pid: Int32)
  /// Nobody ever started the run.
  case unclaimed
  /// The holder has ended; what it left says how the run ended.
  case exited(JobEnd)
  /// Everything the run wrote has been published.
  case drained
}

/// What is to be done about it, in this order.
enum JobAction: Sendable, Hashable {
  /// Make the run directory and write `launch.json`.
  case prepare
  /// Start the holder.
  case spawn
  /// Ask the run to start no further tests.
  case requestDrain(StopRequest)
  /// Write `stop.json` and send the holder SIGTERM.
  case signalHolder(StopRequest)
  /// Publish the job object.
  case publishStatus
  /// Read what is left of output and rows, then report `drained`.
  case drain
  /// Publish `end`, close the stream, give the place to the next job.
  case finish
}

/// State of one job.
struct JobState: Sendable, Hashable {
  /// Where the job is in its life.
  enum Phase: String, Sendable, Hashable {
    case queued, preparing, restoring, running, draining, ended
  }

  private(set) var phase: Phase = .queued
  /// The stop that was asked for; its time is the one the countdown starts from.
  private(set) var stop: StopRequest?
  /// The strongest mode that was asked for.
  private(set) var mode: StopMode?
  /// Whether some later press escalated to SIGKILL.
  var isForced: Bool { mode == .force }
  /// Process id of the holder.
  private(set) var pid: Int32?
  private(set) var end: JobEnd?

  /// A job that is to be started.
  init() {}

  /// A job as an earlier server left it.
  init(left phase: Phase, stop: StopRequest?, mode: StopMode?, pid: Int32?, end: JobEnd?) {
    self.phase = phase == .ended ? .ended : end != nil ? .draining : .restoring
    self.stop = stop
    self.mode = mode
    self.pid = pid
    self.end = end
  }

  /// The status word of the API.
  var status: JobStatus {
    switch phase {
    case .queued, .preparing: .starting
    case .restoring: pid == nil ? .starting : .running
    case .running: .running
    case .draining, .ended: end?.exitCode == 0 ? .finished : .failed
    }
  }

  /// Whether a stop is under way.
  var isStopping: Bool { stop != nil && !status.isTerminal }

  /// Takes an event; what is not in the table changes nothing and needs nothing.
  mutating func handle(_ event: JobEvent) -> [JobAction] {
    switch (phase, event) {
    case (.queued, .slotFree):
      phase = .preparing
      return [.prepare]

    case (.queued, .stopRequested(let request)):
      stop = request
      mode = request.mode
      return end(.init(cancelled: request))

    case (.preparing, .stopRequested(let request)):
      guard stop == nil else { return [] }
      stop = request
      mode = request.mode
      return [.publishStatus]

    case (.preparing, .prepared):
      // Nothing runs yet, so a stop that came in meanwhile has nothing to signal.
      if let stop { return end(.init(cancelled: stop)) }
      return [.spawn]

    case (.preparing, .spawned(let pid)):
      self.pid = pid
      phase = .running
      return [.publishStatus]

    case (.preparing, .launchFailed(let message)):
      return end(
        JobEnd(
          exitCode: nil, outcome: stop == nil ? .failed : .stopped, reason: message,
          actor: stop?.actor, endedAt: .now()))

    case (.running, .stopRequested(let request)):
      if request.mode == .afterCurrent, stop == nil {
        stop = request
        mode = .afterCurrent
        return [.requestDrain(request), .publishStatus]
      }
      // A second press is no second signal, unless it escalates.
      guard mode.map({ request.mode.isStronger(than: $0) }) ?? true else { return [] }
      // The countdown starts with the first press that sends a signal.
      if stop == nil || mode == .afterCurrent { stop = request }
      mode = request.mode
      return [.signalHolder(request), .publishStatus]

    case (.restoring, .stopRequested(let request)):
      guard mode.map({ request.mode.isStronger(than: $0) }) ?? true else { return [] }
      if stop == nil || mode == .afterCurrent { stop = request }
      mode = request.mode
      return [.publishStatus]

    case (.restoring, .unclaimed):
      if let stop { return end(.init(cancelled: stop)) }
      pid = nil
      phase = .queued
      return [.publishStatus]

    case (.restoring, .found(let pid)), (.running, .found(let pid)):
      self.pid = pid
      phase = .running
      return askAgain() + [.publishStatus]

    case (.restoring, .exited(let end)), (.running, .exited(let end)):
      self.end = end
      phase = .draining
      return [.publishStatus, .drain]

    case (.draining, .drained):
      phase = .ended
      return [.finish]

    default:
      return []
    }
  }

  /// Whether an earlier server got to ask for the stop that it had promised is not known; asking
  /// twice is harmless.
  private func askAgain() -> [JobAction] {
    guard var stop, let mode else { return [] }
    stop.mode = mode
    return mode == .afterCurrent ? [.requestDrain(stop)] : [.signalHolder(stop)]
  }

  private mutating func end(_ end: JobEnd) -> [JobAction] {
    self.end = end
    phase = .ended
    return [.publishStatus, .finish]
  }
}

extension StopMode {
  fileprivate func isStronger(than other: StopMode) -> Bool {
    let order: [StopMode] = [.afterCurrent, .now, .force]
    return (order.firstIndex(of: self) ?? 0) > (order.firstIndex(of: other) ?? 0)
  }
}

extension JobEnd {
  /// The end of a job that was stopped before anything ran.
  fileprivate init(cancelled request: StopRequest) {
    self.init(
      exitCode: nil, outcome: .stopped, reason: request.reason, actor: request.actor,
      endedAt: .now())
  }
}
