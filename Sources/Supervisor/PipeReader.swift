// The reading end of a child's output: bounded reads, so that a flood takes its turn like
// everything else, and an end that never waits for end of file.

import EventLoop
import Glibc

/// Reads one output of a child on the loop.
@LoopActor
final class PipeReader {
  /// One turn of the loop reads at most this much of one output.
  static let turnLimitBytes = 256 * 1024
  /// What was in the pipe when the tree had ended: more than any pipe holds
  /// (/proc/sys/fs/pipe-max-size is 1 MiB), so only a stranger's flood is cut off.
  static let drainLimitBytes = 2 * 1024 * 1024

  private static let smallReadBytes = 4096

  private let descriptor: Int32
  private var source: DescriptorSource?
  private let deliver: @LoopActor ([UInt8]) -> Void
  private var isAtEnd = false
  private var isLate = false
  private(set) var lateBytes = 0

  /// The descriptor must be non-blocking; the reader closes it.
  init(descriptor: Int32, _ deliver: @escaping @LoopActor ([UInt8]) -> Void) throws(EventLoopError)
  {
    self.descriptor = descriptor
    self.deliver = deliver
    source = try DescriptorSource(descriptor: descriptor, events: .read) { [weak self] _ in
      guard let self, self.readSome(limit: Self.turnLimitBytes) == nil else { return }
      self.source?.cancel()
      self.source = nil
    }
  }

  isolated deinit {
    source?.cancel()
    close(descriptor)
  }

  /// The leader has ended: what is in the pipe now may still be its own, what comes later is late.
  func leaderEnded() {
    var waiting: Int32 = 0
    _ = ioctl(descriptor, UInt(FIONREAD), &waiting)
    var left = Int(waiting)
    while left > 0, let count = readSome(limit: min(left, Self.turnLimitBytes)), count > 0 {
      left -= count
    }
    isLate = true
  }

  /// The tree has ended: reads what is left, without waiting.
  ///
  /// - Returns: whether somebody still holds the other end open.
  func drain() -> Bool {
    var left = Self.drainLimitBytes
    // Mostly there is nothing, so the first read does without asking how much.
    var room: Int? = Self.smallReadBytes
    while !isAtEnd, left > 0, let count = readSome(limit: Self.turnLimitBytes, room: room),
      count > 0
    {
      left -= count
      room = nil
    }
    return !isAtEnd
  }

  /// Reads once; `nil` at the end of the file, 0 when nothing is there now.
  private func readSome(limit: Int, room: Int? = nil) -> Int? {
    var count = 0
    var error: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: room ?? capacity(limit)) { buffer, filled in
      repeat {
        count = read(descriptor, buffer.baseAddress, buffer.count)
        error = errno
      } while count < 0 && error == EINTR
      filled = max(0, count)
    }
    if count > 0 {
      if isLate { lateBytes += count }
      deliver(bytes)
      return count
    }
    if count < 0 && error == EAGAIN { return 0 }
    isAtEnd = true
    return nil
  }

  /// Room for what is there, so that a short line does not cost a large buffer.
  private func capacity(_ limit: Int) -> Int {
    var waiting: Int32 = 0
    guard ioctl(descriptor, UInt(FIONREAD), &waiting) == 0 else { return Self.smallReadBytes }
    return min(limit, max(Int(waiting), 512))
  }
}

/// Keeps the first and the last part of an output within a limit.
struct OutputBuffer: Sendable {
  private let headLimit: Int
  private let tailLimit: Int
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  private var cut = 0

  init(limitBytes: Int) {
    headLimit = max(0, limitBytes - limitBytes / 2)
    tailLimit = max(0, limitBytes / 2)
  }

  mutating func append(_ bytes: [UInt8]) {
    let room = headLimit - head.count
    if head.isEmpty && bytes.count <= room {
      head = bytes
      return
    }
    head += bytes.prefix(max(0, room))
    guard bytes.count > room else { return }
    let rest = bytes.count - max(0, room)
    if rest >= tailLimit {
      // A flood: nothing but its end is copied.
      cut += tail.count + rest - tailLimit
      tail = Array(bytes.suffix(tailLimit))
    } else {
      tail += bytes.suffix(rest)
      // Cut rarely: each byte is moved at most once for each byte that comes.
      if tail.count > 2 * tailLimit { trim() }
    }
  }

  private mutating func trim() {
    let surplus = tail.count - tailLimit
    guard surplus > 0 else { return }
    tail.removeFirst(surplus)
    cut += surplus
  }

  /// What was kept.
  mutating func output(lateBytes: Int, wasHeldOpen: Bool) -> CapturedOutput {
    trim()
    return CapturedOutput(
      bytes: head + tail, cutBytes: cut, cutOffset: cut > 0 ? head.count : nil,
      lateBytes: lateBytes, wasHeldOpen: wasHeldOpen)
  }
}
