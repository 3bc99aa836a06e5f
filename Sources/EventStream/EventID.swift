/// The id of an event, written `<epoch>-<sequence>` or `<epoch>-<sequence>@<mark>`.
///
/// The epoch names one history of one stream, the sequence counts its events from 1. An id of
/// another epoch says nothing about this history.
public struct EventID: Sendable, Hashable, CustomStringConvertible {
  /// The history it belongs to.
  public let epoch: String
  /// The event's number; 0 stands before the first event.
  public let sequence: UInt64
  /// What the publisher wrote down with the event, for when the history is gone; no part of what
  /// makes ids equal.
  public let mark: String?

  /// Makes an id.
  ///
  /// - Parameters:
  ///   - epoch: the history.
  ///   - sequence: the event's number.
  ///   - mark: what the publisher writes down with it, without an `@`.
  public init(epoch: String, sequence: UInt64, mark: String? = nil) {
    self.epoch = epoch
    self.sequence = sequence
    self.mark = mark
  }

  /// Reads an id that a client sent; nil when it cannot be one of ours.
  ///
  /// - Parameter text: the value of `Last-Event-ID`.
  public init?(_ text: String) {
    let at = text.firstIndex(of: "@")
    let number = text[..<(at ?? text.endIndex)]
    guard let dash = number.lastIndex(of: "-"), dash != number.startIndex else { return nil }
    let digits = number[number.index(after: dash)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let sequence = UInt64(digits)
    else { return nil }
    self.init(
      epoch: String(text[..<dash]), sequence: sequence,
      mark: at.map { String(text[text.index(after: $0)...]) })
  }

  /// The id as it is sent.
  public var description: String {
    mark.map { "\(epoch)-\(sequence)@\($0)" } ?? "\(epoch)-\(sequence)"
  }

  /// Whether both name the same event.
  public static func == (left: EventID, right: EventID) -> Bool {
    left.sequence == right.sequence && left.epoch == right.epoch
  }

  /// Hashes what makes ids equal.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(epoch)
    hasher.combine(sequence)
  }
}
