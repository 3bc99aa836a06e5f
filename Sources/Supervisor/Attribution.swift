// Which process belongs to which tree. Pure: works on a picture of the process table, so that the
// rules can be tested without processes.

import Core

/// What is known of a tree from its start and from earlier looks at it.
struct TreeIdentity: Sendable {
  let leader: ProcessIdentity
  /// Whether the session is the tree's own; its process group always is.
  let ownsSession: Bool
  /// `AGENTV_TREE` of its processes; unique for this boot.
  let cookie: String
  /// The caller's cookie variables, `name=value`.
  let marks: [String]
  /// Members seen so far, whoever their parent is now.
  private(set) var history: Set<ProcessIdentity> = []
  /// Sessions and groups that members were seen to lead, with the leader's start time.
  private(set) var sessions: [Int32: UInt64] = [:]
  private(set) var groups: [Int32: UInt64]

  init(leader: ProcessIdentity, ownsSession: Bool, cookie: String, marks: [String] = []) {
    self.leader = leader
    self.ownsSession = ownsSession
    self.cookie = cookie
    self.marks = marks
    groups = [leader.pid: leader.startTime]
    if ownsSession { sessions = groups }
  }

  /// Remembers a member, so that it is known again when its parent has gone.
  mutating func remember(_ entry: ProcessEntry) {
    guard history.insert(entry.identity).inserted else { return }
    if entry.session == entry.pid { sessions[entry.pid] = entry.startTime }
    if entry.group == entry.pid { groups[entry.pid] = entry.startTime }
  }

  /// Forgets who has ended, so that a long-lived tree does not grow without bound.
  mutating func forget(allBut living: Set<ProcessIdentity>) {
    history.formIntersection(living)
  }
}

/// A picture of the process table, or of the part below us.
struct ProcessPicture: Sendable {
  /// Our own pid.
  var ourselves: Int32
  /// Living and dying processes by pid, without ourselves.
  var entries: [Int32: ProcessEntry]
}

/// Gives each process to at most one tree.
///
/// A process belongs to a tree when, in this order: it is its leader; it was seen in it before; it
/// is in one of its sessions or groups; its parent belongs to it; its environment carries the
/// tree's cookie. What then is left, an orphan of ours that wiped its environment, left its session
/// and forked away before we ever saw it, belongs to the only live tree that it can come from, the
/// one that is older than it; with several such trees to nobody, until all but one have ended.
struct Attribution {
  let trees: [TreeIdentity]
  let picture: ProcessPicture
  /// Reads the environment of a process, `name=value` separated by NUL.
  let environment: (Int32) -> [UInt8]?
  private var owners: [Int32: Int?] = [:]

  /// `trees` are all live trees of this process.
  init(
    trees: [TreeIdentity], picture: ProcessPicture, environment: @escaping (Int32) -> [UInt8]?
  ) {
    self.trees = trees
    self.picture = picture
    self.environment = environment
  }

  /// Members of each tree but its leader, in the order of `trees`; without those that are gone.
  mutating func members() -> [[ProcessEntry]] {
    var members = [[ProcessEntry]](repeating: [], count: trees.count)
    for (pid, entry) in picture.entries where !entry.isGone {
      guard let owner = owner(of: pid, depth: 0) else { continue }
      if trees[owner].leader != entry.identity { members[owner].append(entry) }
    }
    return members
  }

  /// The owner of a process.
  ///
  /// `depth` guards against a picture with a ring in it, which a table read while pids are reused
  /// can show.
  private mutating func owner(of pid: Int32, depth: Int) -> Int? {
    if let known = owners[pid] { return known }
    guard let entry = picture.entries[pid], depth < 1000 else { return nil }
    let owner = direct(entry) ?? inherited(entry, depth: depth)
    owners[pid] = .some(owner)
    return owner
  }

  private func direct(_ entry: ProcessEntry) -> Int? {
    let identity = entry.identity
    if let index = trees.firstIndex(where: { $0.leader == identity }) { return index }
    if let index = trees.firstIndex(where: { $0.history.contains(identity) }) { return index }
    return trees.firstIndex { tree in
      isStill(tree.sessions[entry.session], leader: entry.session, of: entry)
        || isStill(tree.groups[entry.group], leader: entry.group, of: entry)
    }
  }

  /// Whether a session or group is the one that was seen, and not a later one whose leader got the
  /// same pid.
  private func isStill(_ seen: UInt64?, leader: Int32, of entry: ProcessEntry) -> Bool {
    guard let seen, entry.startTime >= seen else { return false }
    return picture.entries[leader].map { $0.startTime == seen } ?? true
  }

  private mutating func inherited(_ entry: ProcessEntry, depth: Int) -> Int? {
    let candidates = trees.indices.filter { trees[$0].leader.startTime <= entry.startTime }
    guard !candidates.isEmpty else { return nil }
    if entry.parent != picture.ourselves, picture.entries[entry.parent] != nil {
      if let owner = owner(of: entry.parent, depth: depth + 1) { return owner }
    }
    let isOrphan = entry.parent == picture.ourselves
    // A stranger is ours only by the cookie that nobody else can have.
    if let owner = marked(entry.pid, candidates, onlyCookie: !isOrphan) { return owner }
    return isOrphan && candidates.count == 1 ? candidates.first : nil
  }

  private func marked(_ pid: Int32, _ candidates: [Int], onlyCookie: Bool) -> Int? {
    guard let environment = environment(pid) else { return nil }
    let variables = Set(environment.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    let cookie = variables.first { $0.hasPrefix("\(TreeCookie.name)=") }?
      .dropFirst(TreeCookie.name.utf8.count + 1)
    if let cookie,
      let owner = candidates.first(where: { TreeCookie.covers(trees[$0].cookie, cookie) })
    {
      return owner
    }
    guard !onlyCookie else { return nil }
    let sharing = candidates.filter { index in
      !trees[index].marks.isEmpty && trees[index].marks.allSatisfy(variables.contains)
    }
    return sharing.count == 1 ? sharing.first : nil
  }
}

/// The variable that marks every process of one tree.
///
/// A supervisor that itself runs in a tree of another one (a run under its holder) appends to the
/// value it was started with, so that the outer one knows the inner one's processes too.
enum TreeCookie {
  static let name = "AGENTV_TREE"

  /// Whether an environment, `name=value` separated by NUL, names a supervisor at any level of its
  /// cookie: `<pid>-<start>-<number>`, outer supervisors before inner ones.
  static func isMarked(_ environment: [UInt8], by owner: ProcessReference) -> Bool {
    let name = Array("\(Self.name)=".utf8)
    let mark = "\(owner.pid)-\(owner.startTime)-"
    return environment.split(separator: 0).contains { variable in
      guard variable.starts(with: name) else { return false }
      let value = String(decoding: variable.dropFirst(name.count), as: UTF8.self)
      return value.split(separator: "/").contains { $0.hasPrefix(mark) }
    }
  }

  /// Whether a process with this value belongs to the tree with this cookie.
  static func covers(_ cookie: String, _ value: some StringProtocol) -> Bool {
    value == cookie || value.hasPrefix("\(cookie)/")
  }

  /// The value that this process was started with, if a supervisor started it.
  private static let own = ProcessEnvironment.current()[name].flatMap { $0.isEmpty ? nil : $0 }

  /// Begins the cookie of every tree of this process.
  static let prefix: String = {
    let pid = ProcessEnvironment.processID
    return (own.map { "\($0)/" } ?? "") + "\(pid)-\(ProcFS.startTime(pid) ?? 0)"
  }()

  /// The supervisor whose tree this process is in.
  static var outerSupervisor: ProcessIdentity? { own.flatMap(supervisor(of:)) }

  /// The supervisor that a cookie names: the last part is its pid, its start time and a number.
  static func supervisor(of cookie: String) -> ProcessIdentity? {
    let parts = (cookie.split(separator: "/").last ?? "").split(separator: "-")
    guard parts.count == 3, let pid = Int32(parts[0]), let startTime = UInt64(parts[1]) else {
      return nil
    }
    return ProcessIdentity(pid: pid, startTime: startTime)
  }
}
