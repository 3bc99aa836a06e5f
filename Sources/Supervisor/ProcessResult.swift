// What became of a process and its tree.

public import Core

/// What a process wrote to one of its outputs.
public struct CapturedOutput: Sendable, Hashable {
  /// The bytes kept: all of them, or the first and the last part when there were more than the
  /// limit.
  public var bytes: [UInt8]
  /// Bytes left out in the middle.
  public var cutBytes: Int
  /// Where in `bytes` they are missing; the count of `bytes` when none is.
  public var cutOffset: Int
  /// Bytes that were read after the leader had ended.
  public var lateBytes: Int
  /// Whether somebody outside of the tree still held the other end open when it had ended.
  public var wasHeldOpen: Bool

  /// Output that was kept whole; by default none.
  public init(
    bytes: [UInt8] = [], cutBytes: Int = 0, cutOffset: Int? = nil, lateBytes: Int = 0,
    wasHeldOpen: Bool = false
  ) {
    self.bytes = bytes
    self.cutBytes = cutBytes
    self.cutOffset = cutOffset ?? bytes.count
    self.lateBytes = lateBytes
    self.wasHeldOpen = wasHeldOpen
  }

  /// The output as text, invalid UTF-8 replaced, with a line in place of what was left out.
  public var text: String {
    let head = String(decoding: bytes[..<cutOffset], as: UTF8.self)
    guard cutBytes > 0 else { return head }
    let tail = String(decoding: bytes[cutOffset...], as: UTF8.self)
    return "\(head)\n[\(cutBytes) bytes left out]\n\(tail)"
  }
}

/// The end of a process: it has been reaped and its tree is empty.
public struct ProcessResult: Sendable, Hashable {
  /// How the leader ended.
  public var exit: ExitStatus
  /// Empty unless the output was captured.
  public var stdout: CapturedOutput
  /// Empty unless the output was captured.
  public var stderr: CapturedOutput
  /// What ending the tree took.
  ///
  /// All zero when the leader was alone and ended by itself.
  public var census: Census
  /// From the start to the end of the tree.
  public var duration: Duration
  /// Whether the stop came from the time limit.
  public var timedOut: Bool
  /// Whether a stop or a kill was asked for while the leader lived.
  ///
  /// Believe this, not the exit code: some programs exit 0 when they are interrupted.
  public var stopped: Bool
  /// CPU time in user mode of the leader and of the children it waited for.
  public var userTime: Duration
  /// CPU time in the kernel of the leader and of the children it waited for.
  public var systemTime: Duration
  /// Largest resident set of one of them in bytes.
  ///
  /// Linux counts what we had resident at the start as the child's, so it is never less than that.
  public var maxResidentBytes: Int

  /// A result, for tests and for callers that replay one.
  public init(
    exit: ExitStatus, stdout: CapturedOutput = CapturedOutput(),
    stderr: CapturedOutput = CapturedOutput(), census: Census = Census(),
    duration: Duration = .zero, timedOut: Bool = false, stopped: Bool = false,
    userTime: Duration = .zero, systemTime: Duration = .zero, maxResidentBytes: Int = 0
  ) {
    self.exit = exit
    self.stdout = stdout
    self.stderr = stderr
    self.census = census
    self.duration = duration
    self.timedOut = timedOut
    self.stopped = stopped
    self.userTime = userTime
    self.systemTime = systemTime
    self.maxResidentBytes = maxResidentBytes
  }
}
