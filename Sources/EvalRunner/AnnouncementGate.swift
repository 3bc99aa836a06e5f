// Rows that are copied from an earlier run are durable like all others but no news.

import Synchronization

/// Opens once.
final class AnnouncementGate: Sendable {
  private let state = Mutex(false)

  /// Whether it was opened.
  var isOpen: Bool { state.withLock { $0 } }

  /// Opens it.
  func open() { state.withLock { $0 = true } }
}
