// Reads runs again that have changed: at once, but a run that changes all the time no more often than
// reading it allows.

import EventLoop

@LoopActor
final class RunRefresher {
  /// Least time between two reads of one run.
  private static let pause = Duration.milliseconds(10)
  /// A run is not read for more than a tenth of the time.
  private static let pauseFactor = 10

  private final class Entry {
    var isReading = false
    /// Changed since the last read began.
    var isStale = false
    /// Whether it is to be read without anybody asking.
    var isWanted = false
    /// Wait for the read under way, and for the one after it.
    var current: [@LoopActor () -> Void] = []
    var next: [@LoopActor () -> Void] = []
    var timer: LoopTimer?
  }

  private let read: @LoopActor (String, @escaping @LoopActor () -> Void) -> Void
  private var entries: [String: Entry] = [:]

  /// Reads with `read`, which calls back when the run is known.
  init(_ read: @escaping @LoopActor (String, @escaping @LoopActor () -> Void) -> Void) {
    self.read = read
  }

  /// A run changed.
  /// - Parameters:
  ///   - path: its directory.
  ///   - isUrgent: whether it is read even when nobody asks for the list.
  func changed(_ path: String, isUrgent: Bool = true) {
    let entry = entries[path] ?? Entry()
    entries[path] = entry
    entry.isStale = true
    guard isUrgent else { return }
    entry.isWanted = true
    if !entry.isReading, entry.timer == nil { start(path, entry) }
  }

  /// Calls back when everything that has changed up to now was read.
  /// - Parameters:
  ///   - isLong: tells runs that take long to read; what is known of them is good enough, and they are
  ///     read for the next one who asks.
  ///   - done: called back.
  func settle(isLong: (String) -> Bool, _ done: @escaping @LoopActor () -> Void) {
    var count = 1
    let one: @LoopActor () -> Void = {
      count -= 1
      if count == 0 { done() }
    }
    for (path, entry) in entries where entry.isReading || entry.isStale {
      if isLong(path) {
        changed(path)
        continue
      }
      count += 1
      if !entry.isStale {
        entry.current.append(one)
      } else {
        entry.next.append(one)
        if !entry.isReading { start(path, entry) }
      }
    }
    one()
  }

  private func start(_ path: String, _ entry: Entry) {
    entry.isReading = true
    entry.isStale = false
    entry.isWanted = false
    entry.timer = nil
    entry.current = entry.next
    entry.next = []
    let begin = ContinuousClock.now
    read(path) { [weak self] in self?.ended(path, entry, took: begin.duration(to: .now)) }
  }

  private func ended(_ path: String, _ entry: Entry, took: Duration) {
    entry.isReading = false
    let waiting = entry.current
    entry.current = []
    if entry.next.isEmpty {
      let timer = LoopTimer { [weak self] in self?.pauseEnded(path, entry) }
      timer.schedule(after: max(Self.pause, took * Self.pauseFactor))
      entry.timer = timer
    } else {
      start(path, entry)
    }
    for done in waiting { done() }
  }

  private func pauseEnded(_ path: String, _ entry: Entry) {
    entry.timer = nil
    if entry.isWanted {
      start(path, entry)
    } else if !entry.isStale {
      entries[path] = nil
    }
  }
}
