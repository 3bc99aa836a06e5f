// All live trees of this process, and the looks at the process table that give each its members.

import CShims
import Core
import EventLoop
import Glibc

/// The registry of live trees.
///
/// One per process, because orphans come to the process, not to the `Supervisor` that started their
/// ancestors.
@LoopActor
final class Forest {
  static let shared = Forest()

  /// Whether trees that end are part of a stop of everything, which a holder above us reports.
  var reportsCensus = false
  private var trees: [SupervisedProcess] = []
  private var cookies: UInt64 = 0
  /// Begins the cookie of every tree of this process.
  let cookiePrefix: String
  /// Ends the trees when this process is killed, if there is one.
  var keeper: GuardKeeper?

  private init() {
    cookiePrefix = TreeCookie.prefix
    // Opened now, not at the first end, so that the number of descriptors stays what it is.
    _ = ProcFS.childrenOfMainThread()
    Reaper.shared.start { end in
      LoopActor.post { Forest.shared.childEnded(end) }
    }
  }

  /// A value of `AGENTV_TREE` that no other tree of this boot has.
  func makeCookie() -> String {
    cookies += 1
    return "\(cookiePrefix)-\(cookies)"
  }

  func add(_ tree: SupervisedProcess) { trees.append(tree) }

  func remove(_ tree: SupervisedProcess) {
    trees.removeAll { $0 === tree }
    // What could have come from several trees may now be known to belong to the last of them.
    for other in trees where !other.leaderIsAlive { other.lookSoon() }
  }

  private func childEnded(_ end: ChildEnd) {
    if let keeper, keeper.isGuard(end.pid) { return keeper.ended() }
    if let tree = trees.first(where: { $0.leaderIsAlive && $0.pid == end.pid }) {
      tree.leaderEnded(end)
    } else {
      for tree in trees where tree.isEnding { tree.lookSoon() }
    }
  }

  /// Living members of a tree but its leader.
  ///
  /// Everything that a leader started is below us in the tree of processes, because orphans become
  /// our children. So the look starts at our children: exact for the question whether anything is
  /// left of a tree whose leader has gone, and independent of how many processes the machine has.
  ///
  /// `everywhere` looks at every process of the machine instead, also for one that a stranger took
  /// over and that still carries the tree's cookie.
  func members(of tree: SupervisedProcess, everywhere: Bool) -> [ProcessEntry] {
    guard let index = trees.firstIndex(where: { $0 === tree }) else { return [] }
    let picture: ProcessPicture
    if !everywhere, let children = childrenOfOurs() {
      let leaders = Set(trees.filter(\.leaderIsAlive).map(\.pid))
      let orphans = children.filter { !leaders.contains($0) }
      let roots = tree.leaderIsAlive ? orphans + [tree.pid] : orphans
      if roots.isEmpty { return [] }
      picture = Self.picture(below: roots)
    } else {
      picture = pictureOfAll()
    }
    for entry in picture.entries.values where entry.isGone && entry.parent == picture.ourselves {
      Reaper.shared.reapOrphan(entry.pid)
    }
    var attribution = Attribution(
      trees: trees.map(\.identity), picture: picture, environment: ProcFS.environment)
    let members = attribution.members()
    for (tree, entries) in zip(trees, members) { tree.remember(entries) }
    return members[index]
  }

  private func childrenOfOurs() -> [Int32]? {
    let children = Reaper.shared.whileNothingIsReaped {
      ProcFS.childrenOfMainThread() ?? ProcFS.children(of: getpid())
    }
    guard let keeper else { return children }
    return children?.filter { !keeper.isGuard($0) }
  }

  private static func picture(below roots: [Int32]) -> ProcessPicture {
    var picture = ProcessPicture(ourselves: getpid(), entries: [:])
    var open = roots
    while let pid = open.popLast() {
      guard picture.entries[pid] == nil, let entry = ProcFS.entry(pid) else { continue }
      picture.entries[pid] = entry
      if !entry.isGone { open += ProcFS.children(of: pid) ?? [] }
    }
    return picture
  }

  private func pictureOfAll() -> ProcessPicture {
    let ourselves = getpid()
    var picture = ProcessPicture(ourselves: ourselves, entries: [:])
    for pid in ProcFS.allPids() where pid != ourselves && keeper?.isGuard(pid) != true {
      picture.entries[pid] = ProcFS.entry(pid)
    }
    return picture
  }
}
