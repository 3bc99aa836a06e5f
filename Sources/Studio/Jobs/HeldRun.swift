// The process that a job's signals go to.

import EventLoop
import Supervisor

/// A holder that this server started, or one that was there before it.
@LoopActor
enum HeldRun {
  /// Our child: its end comes with its exit status.
  case child(SupervisedProcess)
  /// Started by an earlier server; or the run itself, when its holder is gone.
  case adopted(WatchedProcess)

  /// Asks it to stop.
  func stop() {
    switch self {
    case .child(let process): process.signal(15)
    case .adopted(let process): process.signal(15)
    }
  }

  /// Ends it, when it does not end long after it should have.
  func kill() {
    switch self {
    case .child(let process): process.kill()
    case .adopted(let process): process.signal(9)
    }
  }
}
