import Dispatch

/// Lets a script's thread wait for a task.
final class BlockingGate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  func open() { semaphore.signal() }

  /// Waits, but not for ever: a test that failed must not leave a thread behind.
  func wait() { _ = semaphore.wait(timeout: .now() + .seconds(60)) }
}
