// What names a process for good, across the reuse of its pid and across a restart of the machine.

public import Core
public import EventLoop
import Glibc

/// A process as a record on disk names it: pid, start time and boot.
public struct ProcessReference: Sendable, Hashable {
  /// Process id.
  public let pid: Int32
  /// Clock ticks between boot and its start (proc_pid_stat(5), field 22).
  public let startTime: UInt64
  /// Id of the boot of the machine (random(4)).
  public let bootID: String

  /// A reference from its parts.
  public init(pid: Int32, startTime: UInt64, bootID: String) {
    self.pid = pid
    self.startTime = startTime
    self.bootID = bootID
  }

  /// Reads the members `pid`, `start_time` and `boot_id`; `nil` when one is missing or senseless.
  public init?(record: JSON?) {
    guard let pid = record?["pid"]?.int.flatMap(Int32.init(exactly:)), pid > 1,
      let startTime = record?["start_time"]?.int, startTime > 0,
      let bootID = record?["boot_id"]?.string, !bootID.isEmpty
    else { return nil }
    self.init(pid: pid, startTime: UInt64(startTime), bootID: bootID)
  }

  /// This process.
  public static func current() -> ProcessReference {
    ProcessReference(
      pid: getpid(), startTime: ProcFS.startTime(getpid()) ?? 0, bootID: ProcFS.bootID())
  }

  /// The members `pid`, `start_time` and `boot_id`.
  public var json: JSON {
    [
      "pid": .int(Int(pid)), "start_time": .int(Int(clamping: startTime)),
      "boot_id": .string(bootID),
    ]
  }

  /// Whether it lives: not a later process with the same pid, not one that has only to be reaped.
  public var isAlive: Bool {
    guard bootID == ProcFS.bootID(), let entry = ProcFS.entry(pid) else { return false }
    return entry.startTime == startTime && !entry.isGone
  }

  /// Whether it has a file open; `nil` when its descriptors may not be looked at.
  /// - Parameter path: absolute path, links resolved.
  /// - Returns: `nil` when they may not be looked at.
  public func holds(_ path: String) -> Bool? {
    let directory = "/proc/\(pid)/fd"
    guard let numbers = try? FileIO.list(directory) else { return nil }
    let wanted = FileIO.status(path)
    return numbers.contains { number in
      let link = "\(directory)/\(number)"
      if FileIO.readLink(link) == path { return true }
      // The same file by another path, for instance through a mount.
      guard let wanted, let found = FileIO.status(link) else { return false }
      return found.inode == wanted.inode && found.kind == .file && found == wanted
    }
  }

  /// Its arguments, the name first; empty when they cannot be read.
  public var arguments: [String] {
    let line = (try? FileIO.read("/proc/\(pid)/cmdline", limitBytes: 4 << 20)) ?? []
    return line.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
  }
}

/// A living process that is not our child: it can be signalled safely, and its end is an event.
@LoopActor
public final class WatchedProcess {
  /// Which process.
  public nonisolated let reference: ProcessReference
  /// Whether it has ended.
  public private(set) var isEnded = false
  private var watch: ProcessWatch?

  /// Opens the process; `nil` when it has ended or its pid is now another's.
  ///
  /// - Parameters:
  ///   - reference: which one.
  ///   - onEnd: called once, on the loop, when it ends.
  public init?(_ reference: ProcessReference, onEnd: @escaping @LoopActor () -> Void) {
    self.reference = reference
    guard reference.isAlive else { return nil }
    let identity = ProcessIdentity(pid: reference.pid, startTime: reference.startTime)
    watch = ProcessWatch(identity) { [weak self] in
      self?.isEnded = true
      onEnd()
    }
    if watch == nil { return nil }
  }

  /// Sends a signal; one to a process that has ended is fine.
  /// - Returns: whether the kernel let us.
  @discardableResult
  public func signal(_ number: Int32) -> Bool {
    guard let watch, !isEnded else { return true }
    watch.send(number)
    if watch.isRefused { return false }
    // A process held by a stop signal (Ctrl+Z) answers no other one before it goes on.
    if number == SIGTERM || number == SIGINT { watch.send(SIGCONT) }
    return true
  }
}
