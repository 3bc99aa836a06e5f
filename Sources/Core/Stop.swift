// What is said about a stop: who asked for it and why, and what became of the process tree.

/// How a run is stopped.
public enum StopMode: String, Sendable, Hashable, CaseIterable {
  /// Nothing new starts; the tests that run finish.
  case afterCurrent = "after_current"
  /// The tests that run are stopped and given back.
  case now
  /// Everything is killed at once.
  case force
}

/// A request to stop a run.
public struct StopRequest: Sendable, Hashable {
  /// Why, in the words of whoever asked; `nil` when no reason was given.
  public var reason: String?
  /// Who asked, for example `browser`, `api`, `terminal`, `shutdown`.
  public var actor: String
  /// How.
  public var mode: StopMode
  /// Whether everything is to be killed at once instead of after the grace.
  public var force: Bool {
    get { mode == .force }
    set { mode = newValue ? .force : .now }
  }
  /// When it was asked for.
  public var requestedAt: Timestamp

  /// A request.
  public init(reason: String?, actor: String, force: Bool, requestedAt: Timestamp) {
    self.init(
      reason: reason, actor: actor, mode: force ? .force : .now, requestedAt: requestedAt)
  }

  /// A request of any mode.
  public init(reason: String?, actor: String, mode: StopMode, requestedAt: Timestamp) {
    self.reason = reason
    self.actor = actor
    self.mode = mode
    self.requestedAt = requestedAt
  }

  /// The form kept in `stop.json`.
  public var json: JSON {
    [
      "reason": .optional(reason), "actor": .string(actor), "force": .bool(force),
      "mode": .string(mode.rawValue), "requested_at": .string(requestedAt.description),
    ]
  }

  /// Reads the form kept in `stop.json`; `nil` when the actor or the time is missing.
  public init?(json: JSON) {
    guard let actor = json["actor"]?.string,
      let requestedAt = json["requested_at"]?.string.flatMap(Timestamp.init)
    else { return nil }
    let force = json["force"]?.bool ?? false
    self.init(
      reason: json["reason"]?.string, actor: actor,
      mode: json["mode"]?.string.flatMap(StopMode.init) ?? (force ? .force : .now),
      requestedAt: requestedAt)
  }
}

/// What the end of a process tree found: the proof that a stop reached everything.
public struct Census: Sendable, Hashable {
  /// A process that is still alive after everything was tried.
  public struct Survivor: Sendable, Hashable {
    /// Its process id.
    public var pid: Int32
    /// Its command line, or its name when it has none; and why it is still there, if known.
    public var command: String

    /// A survivor.
    public init(pid: Int32, command: String) {
      self.pid = pid
      self.command = command
    }
  }

  /// Processes that ended by themselves or by the polite signal.
  public var obeyed: Int
  /// Processes that needed SIGKILL.
  public var killed: Int
  /// Processes found outside the leader's process group (own session, daemonised), of those above.
  public var outsideGroup: Int
  /// Processes still alive; empty unless the kernel refused to kill them.
  public var remaining: [Survivor]

  /// A census; by default one that found nothing.
  public init(
    obeyed: Int = 0, killed: Int = 0, outsideGroup: Int = 0, remaining: [Survivor] = []
  ) {
    self.obeyed = obeyed
    self.killed = killed
    self.outsideGroup = outsideGroup
    self.remaining = remaining
  }

  /// The form in events and in `end.json`.
  public var json: JSON {
    [
      "obeyed": .int(obeyed), "killed": .int(killed), "outside_group": .int(outsideGroup),
      "remaining": .array(
        remaining.map { ["pid": .int(Int($0.pid)), "command": .string($0.command)] }),
    ]
  }

  /// Reads the form in `end.json`; missing counts are 0.
  public init(json: JSON) {
    self.init(
      obeyed: json["obeyed"]?.int ?? 0, killed: json["killed"]?.int ?? 0,
      outsideGroup: json["outside_group"]?.int ?? 0,
      remaining: (json["remaining"]?.array ?? []).compactMap { entry in
        guard let pid = entry["pid"]?.int.flatMap(Int32.init(exactly:)) else { return nil }
        return Survivor(pid: pid, command: entry["command"]?.string ?? "")
      })
  }

  /// Adds another tree's counts.
  public mutating func merge(_ other: Census) {
    obeyed += other.obeyed
    killed += other.killed
    outsideGroup += other.outsideGroup
    remaining += other.remaining
  }
}
