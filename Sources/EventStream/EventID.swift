/// The id of an event, written `<epoch>-<sequence>`.
///
/// The epoch names one history of one stream, the sequence counts its events from 1. An id of
/// another epoch says nothing about this history.
public struct EventID: Sendable, Hashable, CustomStringConvertible {
  /// The history it belongs to.
  public let epoch: String
  /// The event's number; 0 stands before the first event.
  public let sequence: UInt64

  /// Makes an id.
  ///
  /// - Parameters:
  ///   - epoch: the history.
  ///   - sequence: the event's number.
  public init(epoch: String, sequence: UInt64) {
    self.epoch = epoch
    self.sequence = sequence
  }

  /// Reads an id that a client sent; nil when it cannot be one of ours.
  ///
  /// - Parameter text: the value of `Last-Event-ID`.
  public init?(_ text: String) {
    guard let dash = text.lastIndex(of: "-"), dash != text.startIndex else { return nil }
    let digits = text[text.index(after: dash)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let sequence = UInt64(digits)
    else { return nil }
    self.init(epoch: String(text[..<dash]), sequence: sequence)
  }

  /// The id as it is sent.
  public var description: String { "\(epoch)-\(sequence)" }
}
