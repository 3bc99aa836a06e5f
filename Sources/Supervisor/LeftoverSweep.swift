// Finds and kills what a supervisor that is gone has left behind, by the mark in the environment of
// its processes. Blocking, with its own short waits: for a process of its own or off the loop.

import CShims
public import Core
import Glibc

/// The end of everything that carries a mark.
public enum LeftoverSweep {
  /// What a sweep did.
  public struct Outcome: Sendable, Hashable {
    /// Processes that were there and are not any more.
    public var killed = 0
    /// Processes that are still there: stuck in the kernel, or another user's.
    public var remaining: [Census.Survivor] = []
  }

  /// A process that does not go by SIGKILL within this time is named instead of waited for.
  static let limit = Duration.seconds(5)
  /// Pause between two looks, microseconds.
  private static let pauseMicroseconds: UInt32 = 3000

  /// Kills every process of the trees, with everything below it and in its sessions.
  ///
  /// The supervisor of the trees must be gone: a living one would count the ends as its own.
  /// - Parameter owner: the supervisor.
  /// - Returns: what was found, once two looks in a row have found nothing.
  @discardableResult
  public static func run(of owner: ProcessReference) -> Outcome {
    guard owner.bootID == ProcFS.bootID() else { return Outcome() }
    var hunt = Hunt(owner)
    let deadline = ContinuousClock.now.advanced(by: limit)
    var emptyLooks = 0
    while emptyLooks < 2, ContinuousClock.now < deadline {
      let found = hunt.look()
      emptyLooks = found.isEmpty ? emptyLooks + 1 : 0
      for entry in found { kill(entry.identity) }
      if !found.isEmpty { usleep(pauseMicroseconds) }
    }
    let left = emptyLooks < 2 ? hunt.look() : []
    let remaining = left.map {
      Census.Survivor(pid: $0.pid, command: ProcFS.command(of: $0.pid))
    }
    return Outcome(killed: hunt.seen.count - left.count, remaining: remaining)
  }

  private static func kill(_ identity: ProcessIdentity) {
    let descriptor = agentv_pidfd_open(identity.pid)
    defer { if descriptor >= 0 { close(descriptor) } }
    // After the opening: now the pid cannot change hands between this look and the signal.
    guard ProcFS.startTime(identity.pid) == identity.startTime else { return }
    if descriptor >= 0 {
      _ = agentv_pidfd_signal(descriptor, SIGKILL)
    } else {
      _ = Glibc.kill(identity.pid, SIGKILL)
    }
  }
}

/// A mark that a process keeps whatever it does to its environment, its session and its parent.
///
/// The soft limit for CPU time under real-time scheduling (`RLIMIT_RTTIME`, getrlimit(2)): every
/// process inherits it, no program sets it unless it schedules itself so, and at some hundred
/// thousand years it limits nothing. Everybody may read it (proc_pid_limits(5)).
enum InheritedMark {
  /// The limit for a supervisor, in microseconds: which it is, under a bit that no real limit has.
  static func value(_ supervisor: ProcessReference) -> UInt64 {
    1 << 62 | (UInt64(UInt32(bitPattern: supervisor.pid)) & 0x3F_FFFF) << 40
      | supervisor.startTime & 0xFF_FFFF_FFFF
  }

  /// The limit in the text of /proc/PID/limits; `nil` when it is none of ours.
  static func value(inLimits text: [UInt8]) -> UInt64? {
    let name = Array("Max realtime timeout".utf8)
    guard let line = text.split(separator: 0x0A).first(where: { $0.starts(with: name) }) else {
      return nil
    }
    let word = line.dropFirst(name.count).split(separator: 0x20).first ?? []
    return UInt64(String(decoding: word, as: UTF8.self)).flatMap { $0 >> 62 == 1 ? $0 : nil }
  }
}

/// Several looks at the process table that remember what they saw.
struct Hunt {
  let owner: ProcessReference
  /// Every process that was found.
  private(set) var seen: Set<ProcessIdentity> = []
  /// Sessions that processes found lead or led.
  private var sessions: Set<Int32> = []
  private let inherited: UInt64
  private let picture: () -> [Int32: ProcessEntry]
  private let environment: (Int32) -> [UInt8]?
  private let limits: (Int32) -> [UInt8]?

  init(
    _ owner: ProcessReference, picture: @escaping () -> [Int32: ProcessEntry] = Hunt.everything,
    environment: @escaping (Int32) -> [UInt8]? = ProcFS.environment,
    limits: @escaping (Int32) -> [UInt8]? = ProcFS.limits
  ) {
    self.owner = owner
    inherited = InheritedMark.value(owner)
    self.picture = picture
    self.environment = environment
    self.limits = limits
  }

  private static func everything() -> [Int32: ProcessEntry] {
    let ourselves = getpid()
    var entries: [Int32: ProcessEntry] = [:]
    for pid in ProcFS.allPids() where pid != ourselves { entries[pid] = ProcFS.entry(pid) }
    return entries
  }

  /// Living processes that carry the mark, or are below or in a session with one that does.
  mutating func look() -> [ProcessEntry] {
    let entries = picture().filter {
      !$0.value.isGone && $0.value.startTime >= owner.startTime && $0.key != owner.pid
    }
    var found = Set(entries.values.filter { isMarked($0) }.map(\.pid))
    var grows = true
    while grows {
      for pid in found {
        guard let entry = entries[pid] else { continue }
        // A session whose leader lives and is none of ours is that of a terminal.
        if found.contains(entry.session) || entries[entry.session] == nil {
          sessions.insert(entry.session)
        }
      }
      let more = entries.values.filter { entry in
        !found.contains(entry.pid)
          && (found.contains(entry.parent) || sessions.contains(entry.session))
      }
      found.formUnion(more.map(\.pid))
      grows = !more.isEmpty
    }
    let members = found.compactMap { entries[$0] }
    seen.formUnion(members.map(\.identity))
    return members
  }

  private func isMarked(_ entry: ProcessEntry) -> Bool {
    if seen.contains(entry.identity) { return true }
    if let limits = limits(entry.pid),
      InheritedMark.value(inLimits: limits) == inherited
    {
      return true
    }
    return environment(entry.pid).map { TreeCookie.isMarked($0, by: owner) } ?? false
  }
}
