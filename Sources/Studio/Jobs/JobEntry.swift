// One job of the server and who waits for its start.

import EventLoop
import RunControl

/// A job with what serves it.
@LoopActor
final class JobEntry {
  let feed: JobFeed
  let project: Project
  /// Where its signals go.
  var holding: HeldRun?
  /// Kills a holder that does not end long after it should have.
  var lastResort: LoopTimer?
  /// Looks for a holder that is on its way.
  var nextLook: LoopTimer?
  /// The right to start a holder, from before that until it is started.
  var launchLock: LaunchLock?
  /// Whether the last resort was taken.
  var wasKilled = false
  /// Whether a later server would find it.
  var isKept = false
  private var startWaiters: [@LoopActor () -> Void] = []

  init(feed: JobFeed, project: Project) {
    self.feed = feed
    self.project = project
  }

  var job: Job { feed.job }
  var id: String { feed.job.id }
  var state: JobState { feed.job.state }

  /// Calls back when the process runs or could not be started; for a job in the queue, when a later
  /// server would find it.
  func whenStarted(_ done: @escaping @LoopActor () -> Void) {
    if state.phase == .preparing || !isKept { startWaiters.append(done) } else { done() }
  }

  /// Calls back those who wait, when it is time.
  func tellStarted() {
    guard state.phase != .preparing, isKept else { return }
    let waiting = startWaiters
    startWaiters = []
    for done in waiting { done() }
  }
}
