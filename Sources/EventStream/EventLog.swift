/// The events of one loop turn, framed once for every subscriber.
///
/// The bytes are one chunk of chunked transfer coding; what lies between its size line and its end
/// are the events for a sink without that coding. A block without events is a comment.
final class EventBlock {
  let bytes: [UInt8]
  /// Where the events lie in ``bytes``.
  let payload: Range<Int>
  /// Number of the first event, or of the next one to come when there is none.
  let firstSequence: UInt64
  /// Where each event ends in ``bytes``.
  let ends: [Int]
  /// Bytes that all blocks before this one had.
  let position: Int

  init(payload: [UInt8], ends: [Int], firstSequence: UInt64, position: Int) {
    let size = Array("\(String(payload.count, radix: 16))\r\n".utf8)
    bytes = size + payload + Array("\r\n".utf8)
    self.payload = size.count..<(size.count + payload.count)
    self.ends = ends.map { size.count + $0 }
    self.firstSequence = firstSequence
    self.position = position
  }

  /// Number of the event after the last one.
  var nextSequence: UInt64 { firstSequence + UInt64(ends.count) }
  /// Bytes up to the end of this block.
  var endPosition: Int { position + bytes.count }
}

/// The shared log: what subscribers read by cursor, and what is replayed to those that come back.
///
/// Events are collected as pending and sealed into one block. Blocks are numbered from 0 and dropped
/// from the front when there are more bytes than the capacity.
final class EventLog {
  private let capacityBytes: Int
  private var blocks: [EventBlock] = []
  private var dropped = 0  // in front of `blocks[start]`
  private var start = 0  // blocks before it are dropped; the array is compacted now and then
  private var pending = SSEEncoder()
  private var pendingEnds: [Int] = []

  /// Number of the last event.
  private(set) var lastSequence: UInt64
  /// Bytes of all blocks ever sealed.
  private(set) var endPosition = 0

  init(capacityBytes: Int, lastSequence: UInt64) {
    self.capacityBytes = capacityBytes
    self.lastSequence = lastSequence
  }

  /// Number of the oldest block kept.
  var firstBlock: Int { dropped }
  /// Number of the block that comes next.
  var endBlock: Int { dropped + blocks.count - start }
  var hasPending: Bool { !pending.bytes.isEmpty }

  subscript(block: Int) -> EventBlock { blocks[block - dropped + start] }

  func append(epoch: String, event: String, data: [UInt8], mark: String?) {
    lastSequence += 1
    let id = EventID(epoch: epoch, sequence: lastSequence, mark: mark)
    pending.event(id: id.description, event: event, data: data)
    pendingEnds.append(pending.bytes.count)
  }

  func appendComment(_ text: String) {
    pending.comment(text)
  }

  /// Makes a block of what is pending.
  func seal() {
    guard hasPending else { return }
    let block = EventBlock(
      payload: pending.bytes, ends: pendingEnds,
      firstSequence: lastSequence - UInt64(pendingEnds.count) + 1, position: endPosition)
    pending = SSEEncoder()
    pendingEnds = []
    endPosition = block.endPosition
    blocks.append(block)
  }

  /// Drops the oldest blocks over the capacity, but never the newest one that has events.
  func trim() {
    var last = blocks.count - 1
    while last > start, blocks[last].ends.isEmpty { last -= 1 }
    while start < last, endPosition - blocks[start].position > capacityBytes {
      start += 1
      dropped += 1
    }
    if start > 64, start > blocks.count / 2 {
      blocks.removeFirst(start)
      start = 0
    }
  }

  /// Where a reader that has seen an event goes on.
  struct Position {
    /// The block from which it reads.
    var block: Int
    /// Events of the block before that it has not seen.
    var rest: ArraySlice<UInt8>
  }

  /// Where a reader goes on after an event; nil when later events are gone or it is not of this
  /// log.
  ///
  /// Nothing may be pending.
  func position(after sequence: UInt64) -> Position? {
    if sequence == lastSequence { return Position(block: endBlock, rest: []) }
    guard sequence < lastSequence else { return nil }
    // The first block that has an event after it.
    var low = start
    var high = blocks.count
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].nextSequence > sequence + 1 { high = middle } else { low = middle + 1 }
    }
    guard low < blocks.count, blocks[low].firstSequence <= sequence + 1 else { return nil }
    let block = blocks[low]
    let number = low - start + dropped
    let seen = Int(sequence + 1 - block.firstSequence)
    if seen == 0 { return Position(block: number, rest: []) }
    return Position(
      block: number + 1, rest: block.bytes[block.ends[seen - 1]..<block.payload.upperBound])
  }
}
