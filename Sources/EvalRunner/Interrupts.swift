// SIGINT, SIGTERM and SIGHUP: the first one stops the run, the second one kills everything.

import Core
import EventLoop
import Glibc
import Supervisor

/// Catches the signals that end a run, from its creation until `cancel`.
@LoopActor
final class Interrupts {
  private var sources: [SignalSource] = []

  /// Starts to catch.
  ///
  /// A signal that the process was started with ignored (nohup(1)) stays ignored.
  /// - Parameter control: gets the first signal.
  /// - Throws: `EventLoopError` when a signal cannot be caught.
  init(_ control: RunControl) throws(EventLoopError) {
    for signal in [SIGINT, SIGTERM, SIGHUP] where !ProcessEnvironment.ignores(signal) {
      sources.append(
        try SignalSource(signal) {
          if control.stop(by: signal) {
            // Cancelling the tests stops their trees; this catches whatever no test waits for.
            Task { await Supervisor.shared.stopAll() }
          } else {
            Task {
              await Supervisor.shared.stopAll(force: true)
              ProcessEnvironment.exitNow(1)
            }
          }
        })
    }
  }

  /// Gives the signals back.
  func cancel() {
    for source in sources { source.cancel() }
    sources = []
  }
}
