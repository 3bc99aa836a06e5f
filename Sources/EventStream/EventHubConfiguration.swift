/// The numbers of one hub.
public struct EventHubConfiguration: Sendable {
  /// How many bytes of past events are kept for clients that come back; at least ``highWaterBytes``.
  public var replayBytes = 1024 * 1024
  /// A subscriber with more unsent bytes than this is cut off and may come back with its last id.
  public var highWaterBytes = 256 * 1024
  /// Bytes of snapshots that wait for their subscribers together; beyond it those that have waited
  /// longest are cut off.
  public var openingBytes = 64 * 1024 * 1024
  /// After this time without an event a comment line is sent, so that both sides notice a dead peer.
  public var heartbeat: Duration = .seconds(15)
  /// What clients are told to wait before they come back.
  public var retry: Duration = .seconds(1)
  /// First part of every event id.
  ///
  /// Ids of another epoch are answered with a snapshot.
  public var epoch: String?
  /// The sequence number of the last event before this hub, for one that continues a stored stream.
  public var lastSequence: UInt64 = 0

  /// Makes the default configuration, with a random epoch.
  public init() {}
}
