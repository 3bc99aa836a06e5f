import Core
import EventLoop
import EventStream

/// A subscriber that keeps what it gets and takes as many bytes as a test lets it.
@LoopActor
final class RecordingSink: EventSink {
  enum End: Equatable { case open, finished, aborted }

  let isChunked: Bool
  var onWritable: (@LoopActor () -> Void)?
  var onClosed: (@LoopActor () -> Void)?
  private(set) var writes: [[UInt8]] = []
  private(set) var end = End.open
  private var room: Int
  private var isWaiting = false

  init(isChunked: Bool = false, room: Int = .max) {
    self.isChunked = isChunked
    self.room = room
  }

  func write(_ bytes: Span<UInt8>) -> Int {
    precondition(end == .open, "a write after the end")
    guard !isWaiting else { return 0 }
    let count = min(room, bytes.count)
    var taken: [UInt8] = []
    for index in 0..<count { taken.append(bytes[index]) }
    if !taken.isEmpty { writes.append(taken) }
    if room != .max { room -= count }
    isWaiting = count < bytes.count
    return count
  }

  /// Lets so many more bytes through, as a reader does that goes on reading.
  func take(_ more: Int) {
    room = more == .max ? .max : room + more
    isWaiting = false
    onWritable?()
  }

  func finish() { end = .finished }
  func abort() { end = .aborted }

  /// The bytes as they were written.
  var raw: String { String(decoding: writes.joined(), as: UTF8.self) }

  /// The content: without the chunked coding, and of an incomplete chunk what is there.
  var text: String {
    guard isChunked else { return raw }
    var rest = Array(writes.joined())[...]
    var content: [UInt8] = []
    while let end = rest.firstIndex(of: UInt8(ascii: "\r")),
      let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16)
    {
      content += rest.dropFirst(end - rest.startIndex + 2).prefix(size)
      rest = rest.dropFirst(end - rest.startIndex + 2 + size + 2)
    }
    return String(decoding: content, as: UTF8.self)
  }

  /// The events got so far, without the retry line and comments.
  var events: [Event] {
    text.split(separator: "\n\n").compactMap { block in
      var event = Event()
      for line in block.split(separator: "\n") {
        if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
        if line.hasPrefix("event: ") { event.type = String(line.dropFirst(7)) }
        if line.hasPrefix("data: ") { event.data = String(line.dropFirst(6)) }
      }
      return event.id.isEmpty ? nil : event
    }
  }

  var data: [String] { events.map(\.data) }

  struct Event: Equatable {
    var id = ""
    var type = ""
    var data = ""
  }
}

/// Waits until the jobs of this turn, the end of the turn included, and what they have posted are done.
@LoopActor
func settle() async {
  for _ in 0..<3 {
    await withCheckedContinuation { continuation in
      LoopActor.post { continuation.resume() }
    }
  }
}
