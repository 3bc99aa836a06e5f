// How the run of a job ended, put together from what its holder and the run left.

public import Core

/// How a run ended.
public struct JobEnd: Sendable, Hashable {
  /// Exit code as a shell reports it, 0…255; `nil` when there was no process or nobody saw it end.
  public var exitCode: Int?
  /// Name of the signal that ended the run, for example `SIGTERM`.
  public var signal: String?
  /// What that means.
  public var outcome: JobOutcome
  /// Why it was stopped, or what broke.
  public var reason: String?
  /// Who stopped it.
  public var actor: String?
  /// What the stop found in the process tree; `nil` when nothing ran.
  public var census: Census?
  /// When.
  public var endedAt: Timestamp

  /// An end.
  public init(
    exitCode: Int?, signal: String? = nil, outcome: JobOutcome, reason: String? = nil,
    actor: String? = nil, census: Census? = nil, endedAt: Timestamp
  ) {
    self.exitCode = exitCode
    self.signal = signal
    self.outcome = outcome
    self.reason = reason
    self.actor = actor
    self.census = census
    self.endedAt = endedAt
  }
}
