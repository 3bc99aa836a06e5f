// What to start: plain values, checked when the process is started.

import EventLoop

/// One of the two outputs of a process.
public enum OutputStream: String, Sendable, Hashable, CaseIterable {
  /// Descriptor 1.
  case stdout
  /// Descriptor 2.
  case stderr
}

/// A process to be started by `Supervisor`.
///
/// The child gets nothing but what is named here: descriptors 0, 1 and 2, this environment, every
/// signal at its default action and none blocked.
public struct ProcessSpec: Sendable {
  /// What keeps the child apart from us.
  public enum Isolation: Sendable, Hashable {
    /// A session of its own (setsid(2)): no signal of our terminal reaches it.
    case session
    /// A process group of its own in our session.
    case group
  }

  /// What the child reads.
  public enum Input: Sendable, Hashable {
    /// `/dev/null`.
    case null
    /// These bytes, then end of file. A child that does not read them is no error.
    case bytes([UInt8])
    /// An open file of ours, which we close when we like; the child has it as long as it lives.
    case descriptor(Int32)
  }

  /// Where the child's stdout and stderr go.
  public enum Output: Sendable {
    /// Kept in memory, up to this many bytes a stream: the first and the last half of them when
    /// there are more.
    case capture(limitBytes: Int)
    /// Handed over as it arrives, in chunks of at most 256 KiB.
    case deliver(@LoopActor (OutputStream, [UInt8]) -> Void)
    /// Our own stdout and stderr.
    case inherit
    /// `/dev/null`.
    case null
  }

  /// A path, relative to `workingDirectory` when it holds a slash but does not start with one, or a
  /// name to be looked up in the `PATH` of `environment`.
  public var executable: String
  /// Arguments after the name.
  public var arguments: [String]
  /// The whole environment of the child; nothing of ours is added but `cookie`.
  public var environment: [String: String]
  /// Directory to start in; `nil` for ours.
  public var workingDirectory: String?
  /// Default: an own session.
  public var isolation: Isolation
  /// Default: `/dev/null`.
  public var standardInput: Input
  /// Default: 1 MiB a stream kept in memory.
  public var output: Output
  /// Variables that mark every process of the tree, for example `AGENTV_JOB_ID`.
  ///
  /// They override `environment`.
  public var cookie: [(String, String)]
  /// Signals that the child starts with blocked.
  ///
  /// Only for a child that takes them off its mask itself once its handlers are in place; any other
  /// would be deaf. Default: none.
  public var blockedSignals: Set<Int32>
  /// Whether what the leader leaves behind when it ends by itself is let live, until a stop.
  ///
  /// Default: false, nothing outlives its leader.
  public var keepsProcesses = false

  /// A process with an own session, no input and captured output.
  public init(
    executable: String, arguments: [String] = [], environment: [String: String],
    workingDirectory: String? = nil, isolation: Isolation = .session,
    standardInput: Input = .null, output: Output = .capture(limitBytes: 1 << 20),
    cookie: [(String, String)] = [], blockedSignals: Set<Int32> = []
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.isolation = isolation
    self.standardInput = standardInput
    self.output = output
    self.cookie = cookie
    self.blockedSignals = blockedSignals
  }
}

/// How a tree is stopped.
public struct StopPolicy: Sendable, Hashable {
  /// Who gets the first signal.
  public enum Target: Sendable, Hashable {
    /// The process that was started, which looks after its own children.
    case leader
    /// The leader's process group.
    case group
    /// Every process of the tree.
    case tree
  }

  /// Grace of a provider, a script grader or a hook.
  public static let providerGrace = Duration.seconds(5)
  /// Grace of a whole run; longer than `providerGrace`, which passes inside it.
  public static let runGrace = Duration.seconds(10)
  /// What is left of a tree after its leader has gone gets this long.
  public static let defaultSweepGrace = Duration.seconds(2)

  /// The polite signal.
  ///
  /// Default: SIGTERM.
  public var signal: Int32
  /// Who gets it first.
  ///
  /// Default: the process group.
  public var target: Target
  /// Time from the stop to SIGKILL.
  ///
  /// Default: 5 s.
  public var grace: Duration
  /// Time that the rest of the tree gets after the leader's end, within `grace`.
  ///
  /// Default: 2 s.
  public var sweepGrace: Duration

  /// A policy.
  public init(
    signal: Int32 = 15, target: Target = .group, grace: Duration = providerGrace,
    sweepGrace: Duration = defaultSweepGrace
  ) {
    self.signal = signal
    self.target = target
    self.grace = grace
    self.sweepGrace = sweepGrace
  }
}
