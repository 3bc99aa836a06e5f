// Lets a number of tests in at the same time; the rest wait in order.

/// A counting semaphore that gives up when its task is cancelled.
actor SlotGate {
  private var free: Int
  private var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
  private var nextID = 0

  init(count: Int) { free = count }

  /// Waits for a place.
  /// - Throws: `CancellationError` when the task was cancelled meanwhile.
  func enter() async throws {
    if Task.isCancelled { throw CancellationError() }
    if free > 0 {
      free -= 1
      return
    }
    let id = nextID
    nextID += 1
    let isIn = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled {
          continuation.resume(returning: false)
        } else {
          waiting.append((id, continuation))
        }
      }
    } onCancel: {
      Task { await self.give(up: id) }
    }
    if !isIn { throw CancellationError() }
  }

  /// Gives a place back.
  func leave() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().continuation.resume(returning: true)
    }
  }

  private func give(up id: Int) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    waiting.remove(at: index).continuation.resume(returning: false)
  }
}
