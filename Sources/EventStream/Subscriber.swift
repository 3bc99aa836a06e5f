import EventLoop

/// One reader of the log: a cursor and the sink that it writes to.
///
/// It owns bytes only at its beginning (the snapshot, or the rest of a block that it had seen a part
/// of); everything later is read from the shared log.
@LoopActor
final class Subscriber {
  enum Progress {
    /// Everything in the log has been taken.
    case caughtUp
    /// The sink takes no more for now.
    case waiting
    /// What it had still to read was dropped from the log.
    case fellOff
  }

  let sink: any EventSink
  /// Its place in the hub's list.
  var index = 0
  /// Its place in the order of coming.
  var serial: UInt64 = 0
  /// Whether the sink refused bytes and will say when it takes more.
  private(set) var isWaiting = false
  /// The snapshot that it shares with others; 0 when its beginning is its own.
  var sharedOpening: UInt64 = 0
  /// Bytes that it holds beside the log: a beginning that the sink has not taken.
  var ownBytes: Int { opening.count }
  private let isChunked: Bool
  private let highWaterBytes: Int
  private var opening: [UInt8]
  private var openingTaken = 0
  private var block: Int
  private var offset = 0
  private var allowance: Int

  init(
    sink: any EventSink, opening: [UInt8], block: Int, log: EventLog, highWaterBytes: Int
  ) {
    self.sink = sink
    isChunked = sink.isChunked
    self.opening = opening
    self.block = block
    self.highWaterBytes = highWaterBytes
    let behind = block < log.endBlock ? log.endPosition - log[block].position : 0
    // What it has to catch up with at first is not its fault.
    allowance = highWaterBytes + behind
  }

  /// Bytes as a sink takes them for an opening.
  static func framed(_ bytes: [UInt8], for sink: any EventSink) -> [UInt8] {
    guard sink.isChunked, !bytes.isEmpty else { return bytes }
    return Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]
  }

  /// Writes as much as the sink takes.
  func advance(in log: EventLog) -> Progress {
    guard writeOpening() else { return wait() }
    guard block >= log.firstBlock else { return .fellOff }
    while block < log.endBlock {
      let next = log[block]
      let range = isChunked ? 0..<next.bytes.count : next.payload
      let from = range.lowerBound + offset
      let bytes = next.bytes
      let taken = sink.write(bytes.span.extracting(from..<range.upperBound))
      guard from + taken == range.upperBound else {
        offset += taken
        return wait()
      }
      block += 1
      offset = 0
    }
    isWaiting = false
    allowance = highWaterBytes
    return .caughtUp
  }

  /// Whether more bytes wait for it than it may have; what is left of the block in which it stands
  /// is not counted, so that one large event cuts nobody off.
  func isOverHighWater(in log: EventLog) -> Bool {
    guard block >= log.firstBlock else { return true }
    guard block < log.endBlock else { return false }
    return log.endPosition - log[block].endPosition > allowance
  }

  private func wait() -> Progress {
    isWaiting = true
    return .waiting
  }

  private func writeOpening() -> Bool {
    guard !opening.isEmpty else { return true }
    openingTaken += sink.write(opening.span.extracting(openingTaken..<opening.count))
    guard openingTaken == opening.count else { return false }
    opening = []
    return true
  }
}
