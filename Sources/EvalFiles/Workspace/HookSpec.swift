// Programs run around tests.

/// When a hook runs.
public enum HookPoint: String, Sendable, Hashable, CaseIterable {
  /// Once before the tests of a file on a target.
  case beforeAll = "before_all"
  /// Before each test.
  case beforeEach = "before_each"
  /// After each test.
  case afterEach = "after_each"
  /// Once after all.
  case afterAll = "after_all"

  /// Longest time when nothing is said, milliseconds.
  public var defaultTimeoutMS: Int {
    switch self {
    case .beforeAll, .beforeEach: 60_000
    case .afterEach, .afterAll: 30_000
    }
  }
  /// Whether a failure stops what comes next; else it is only a warning.
  public var isFatal: Bool { self == .beforeAll || self == .beforeEach }
}

/// One hook.
public struct HookSpec: Sendable, Hashable {
  /// How a workspace's repositories are put back before the command runs.
  public enum Reset: String, Sendable, Hashable, CaseIterable {
    /// They stay as they are.
    case none
    /// Changes undone, new files removed, ignored ones kept.
    case fast
    /// Changes undone, new and ignored files removed.
    case strict
  }

  /// Program and arguments, with `{{placeholders}}`; empty for a hook that only resets.
  public var command: [String]
  /// Longest time, milliseconds.
  public var timeoutMS: Int?
  /// Directory it runs in, absolute; `nil` for the one of the file.
  public var directory: String?
  /// What is put back first; `nil` when nothing was said.
  public var reset: Reset?

  /// A hook.
  public init(
    command: [String] = [], timeoutMS: Int? = nil, directory: String? = nil, reset: Reset? = nil
  ) {
    self.command = command
    self.timeoutMS = timeoutMS
    self.directory = directory
    self.reset = reset
  }

  /// The hook with another's fields put over it.
  func overlaid(by own: HookSpec) -> HookSpec {
    HookSpec(
      command: own.command.isEmpty ? command : own.command, timeoutMS: own.timeoutMS ?? timeoutMS,
      directory: own.command.isEmpty ? own.directory ?? directory : own.directory,
      reset: own.reset ?? reset)
  }
}

/// The hooks of a workspace or of a target.
public struct HookSet: Sendable, Hashable {
  /// Whether they run at all; `nil` means yes.
  public var enabled: Bool?
  private var hooks: [HookPoint: HookSpec]

  /// Hooks.
  public init(enabled: Bool? = nil, _ hooks: [HookPoint: HookSpec] = [:]) {
    self.enabled = enabled
    self.hooks = hooks
  }

  /// The hook at a point, whether enabled or not.
  public subscript(point: HookPoint) -> HookSpec? {
    get { hooks[point] }
    set { hooks[point] = newValue }
  }

  /// The hook that runs at a point; `nil` for none or when they are switched off.
  public func active(_ point: HookPoint) -> HookSpec? {
    enabled == false ? nil : hooks[point]
  }

  /// Whether there is any hook.
  public var isEmpty: Bool { hooks.isEmpty }

  func overlaid(by own: HookSet) -> HookSet {
    HookSet(
      enabled: own.enabled ?? enabled, hooks.merging(own.hooks) { $0.overlaid(by: $1) })
  }
}
