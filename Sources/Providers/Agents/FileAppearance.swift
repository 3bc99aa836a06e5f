// Waiting for a file that another program writes: an event of the loop, not a poll.

import Core
import EventLoop

/// Waits until a file is there.
@LoopActor
final class FileAppearance {
  private let path: String
  private var watcher: FileWatcher?
  private var timer: LoopTimer?
  private var continuation: CheckedContinuation<Bool, Never>?

  private init(_ path: String) { self.path = path }

  /// Waits for a file with something in it, in a directory that exists.
  ///
  /// Cancelling the task ends the wait.
  /// - Parameters:
  ///   - path: the file, absolute.
  ///   - limit: longest wait.
  /// - Returns: whether it is there.
  /// - Throws: `EventLoopError` when the directory cannot be watched.
  static func wait(for path: String, within limit: Duration) async throws(EventLoopError) -> Bool {
    let wait = FileAppearance(path)
    let watcher = try FileWatcher { [weak wait] _ in wait?.look() }
    try watcher.watch(Path.directory(path))
    wait.watcher = watcher
    let isThere = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        wait.continuation = continuation
        let timer = LoopTimer { [weak wait] in wait?.finish(false) }
        timer.schedule(after: limit)
        wait.timer = timer
        if Task.isCancelled { wait.finish(false) } else { wait.look() }
      }
    } onCancel: {
      LoopActor.post { wait.finish(false) }
    }
    return withExtendedLifetime(wait) { isThere }
  }

  private func look() {
    if let status = FileIO.status(path), status.kind == .file { finish(true) }
  }

  private func finish(_ isThere: Bool) {
    continuation?.resume(returning: isThere)
    continuation = nil
    timer?.cancel()
    watcher = nil
  }
}
