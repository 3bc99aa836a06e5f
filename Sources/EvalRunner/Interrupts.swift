// SIGINT, SIGTERM and SIGHUP: the first one stops the run, the second one kills everything.

import Core
import EventLoop
import Glibc
import Supervisor

/// Catches the signals that end a run, from its creation until `cancel`.
@LoopActor
final class Interrupts {
  /// Signals that come this soon after the first one are the same press: timeout(1) and the like
  /// signal the process and then its whole group, and wrappers forward what the terminal has sent
  /// to everyone already.
  static let samePress = Duration.milliseconds(200)

  private let control: RunControl
  private var sources: [SignalSource] = []
  private var firstAt: ContinuousClock.Instant?
  private var stopping: Task<Census, Never>?

  /// Starts to catch.
  ///
  /// A signal that the process was started with ignored (nohup(1)) stays ignored.
  /// - Parameter control: gets the first signal.
  /// - Throws: `EventLoopError` when a signal cannot be caught.
  init(_ control: RunControl) throws(EventLoopError) {
    self.control = control
    for signal in [SIGINT, SIGTERM, SIGHUP] where !ProcessEnvironment.ignores(signal) {
      sources.append(try SignalSource(signal) { [weak self] in self?.arrived(signal) })
    }
    // Without the holder nobody could stop this run or knows how it ended, so it ends as it does
    // when its terminal closes.
    Supervisor.shared.watchOuterSupervisor { [weak self] in
      guard let self, !self.sources.isEmpty, self.firstAt == nil else { return }
      self.arrived(SIGHUP)
    }
  }

  private func arrived(_ signal: Int32) {
    guard let firstAt else {
      firstAt = .now
      Supervisor.shared.beginStop()
      if control.stop(by: signal) {
        // Cancelling the tests stops their trees; this catches whatever no test waits for.
        stopping = Task { await Supervisor.shared.stopAll() }
      }
      return
    }
    guard firstAt.duration(to: .now) >= Self.samePress else { return }
    control.force()
    Task {
      await Supervisor.shared.stopAll(force: true)
      ProcessEnvironment.exitNow(1)
    }
  }

  /// What stopping everything took; `nil` when no signal came.
  func census() async -> Census? { await stopping?.value }

  /// Gives the signals back.
  func cancel() {
    for source in sources { source.cancel() }
    sources = []
  }
}
