// events.jsonl: which tests are running now. Not synced to disk: it tells about the present only.

public import Core

/// A line of events.jsonl.
public struct RunEvent: Sendable, Hashable {
  /// What happened to a test.
  public enum Kind: String, Sendable, Hashable {
    /// It was dispatched.
    case started = "test_started"
    /// A stop gave it back; it runs again on resume.
    case dropped = "test_dropped"
  }

  /// What happened.
  public var kind: Kind
  /// Which execution.
  public var identity: TestIdentity
  /// Target after `use_target` was followed, as the row will name it.
  public var resolvedTarget: String?
  /// When.
  public var at: Timestamp

  /// An event.
  public init(_ kind: Kind, _ identity: TestIdentity, resolvedTarget: String?, at: Timestamp) {
    self.kind = kind
    self.identity = identity
    self.resolvedTarget = resolvedTarget
    self.at = at
  }

  /// The line's object.
  public var json: JSON {
    [
      "event": .string(kind.rawValue), "eval_file": .optional(identity.evalFile),
      "test_id": .string(identity.testID), "target": .string(identity.target),
      "resolved_target": .optional(resolvedTarget), "at": .string(at.description),
    ]
  }

  /// Reads a line's object; `nil` for one of another kind.
  public init?(json: JSON) {
    guard let kind = json["event"]?.string.flatMap(Kind.init),
      let testID = json["test_id"]?.string, let target = json["target"]?.string,
      let at = json["at"]?.string.flatMap(Timestamp.init)
    else { return nil }
    self.init(
      kind,
      TestIdentity(evalFile: json["eval_file"]?.string, testID: testID, target: target),
      resolvedTarget: json["resolved_target"]?.string, at: at)
  }
}
