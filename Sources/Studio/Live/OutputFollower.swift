// Follows the output of one job and tells it in few, bounded pieces.

import Core
import EventLoop
import RunControl

@LoopActor
final class OutputFollower {
  /// At most one look in this time: one event for each stream, or a few when there is much.
  ///
  /// A line among many waits half of it on average, which keeps the median below 20 ms.
  static let window = Duration.milliseconds(32)
  /// Text in one event.
  nonisolated static let eventBytes = 16 << 10
  /// Characters of a tail that the status route and snapshots show.
  static let stdoutTail = 10_000
  static let stderrTail = 5_000

  /// Text of both streams that snapshots carry in the order in which it came.
  static let recentBytes = 64 << 10

  private let tail: WorkerValue<OutputTail>
  /// Gets what is new; set before the first look.
  var publish: @LoopActor (OutputText) -> Void = { _ in }
  /// Whether what was there at the start has been read; it is not published.
  private(set) var isLoaded = false
  /// Places in console.log up to which each stream was told.
  private(set) var told: [OutputStreamName: Int] = [:]
  private var decoders: [OutputStreamName: OutputDecoder] = [
    .stdout: OutputDecoder(stream: .stdout, tailLimit: stdoutTail),
    .stderr: OutputDecoder(stream: .stderr, tailLimit: stderrTail),
  ]
  private var isReading = false
  private var isStale = false
  private var lastLook = ContinuousClock.now - window
  private var drainers: [@LoopActor () -> Void] = []
  private var onLoaded: (@LoopActor () -> Void)?
  /// Place in console.log up to which output was told.
  private(set) var offset = 0
  /// The newest output in the order in which it was told.
  private(set) var recent: [OutputText] = []
  private var recentSize = 0
  /// Whether the front of the output is not in `recent`.
  private(set) var isCut = false
  private lazy var timer = LoopTimer { [weak self] in self?.read() }

  init(jobDirectory: String, consolePath: String, worker: FileWorker) {
    tail = WorkerValue(
      OutputTail(segmentsPath: "\(jobDirectory)/segments", consolePath: consolePath), on: worker)
  }

  /// Reads what is there of a job that was launched before, then calls back; of a new one there is
  /// nothing.
  func begin(isNew: Bool, _ loaded: @escaping @LoopActor () -> Void) {
    guard !isNew else {
      isLoaded = true
      return
    }
    onLoaded = loaded
    read()
  }

  /// The last characters of a stream.
  func tail(of stream: OutputStreamName) -> String { decoders[stream]?.visibleTail ?? "" }

  /// The holder wrote something.
  func changed() {
    if isReading {
      isStale = true
    } else if !timer.isScheduled {
      let wait = Self.window - lastLook.duration(to: .now)
      if wait <= .zero { read() } else { timer.schedule(after: wait) }
    }
  }

  /// Tells what is left, then calls back.
  ///
  /// Of a long rest only the newest part is told.
  func drain(_ done: @escaping @LoopActor () -> Void) {
    drainers.append(done)
    timer.cancel()
    if isReading { isStale = true } else { read() }
  }

  private func read() {
    guard !isReading else { return }
    isReading = true
    isStale = false
    lastLook = .now
    tail.perform {
      $0.read()
    } then: { [weak self] pieces in
      guard let self else { return }
      self.isReading = false
      self.take(pieces)
      self.becomeLoaded()
      if self.isStale {
        if self.drainers.isEmpty { self.changed() } else { self.read() }
      } else if !self.drainers.isEmpty {
        self.finish()
      }
    }
  }

  private func take(_ pieces: [OutputPiece]) {
    for stream in OutputStreamName.allCases {
      // What one look finds of a stream is one text, also when the other stream spoke in between.
      var joined: OutputText?
      for piece in pieces where piece.stream == stream {
        offset = max(offset, piece.offset + piece.bytes.count)
        guard
          let text = decoders[stream]?.decode(
            piece.bytes, offset: piece.offset, skippedBytes: piece.skippedBytes)
        else { continue }
        if var sofar = joined, sofar.text.utf8.count + text.text.utf8.count <= Self.eventBytes {
          sofar.text += text.text
          sofar.end = text.end
          joined = sofar
        } else {
          if let joined { tell(joined) }
          joined = text
        }
        while let long = joined, long.text.utf8.count > Self.eventBytes {
          let (head, rest) = long.split(at: Self.eventBytes)
          tell(head)
          joined = rest
        }
      }
      if let joined { tell(joined) }
      if let last = pieces.last(where: { $0.stream == stream }) {
        told[stream] = last.offset + last.bytes.count - (decoders[stream]?.carriedBytes ?? 0)
      }
    }
  }

  private func becomeLoaded() {
    guard !isLoaded else { return }
    isLoaded = true
    // A stream that is not in the newest part was told before it.
    for stream in OutputStreamName.allCases where told[stream] == nil { told[stream] = offset }
    onLoaded?()
    onLoaded = nil
  }

  /// Where the bytes of each stream are that were told after given places.
  func places(after seen: [OutputStreamName: Int]) -> [OutputStreamName: Range<Int>] {
    var places: [OutputStreamName: Range<Int>] = [:]
    for stream in OutputStreamName.allCases {
      let start = seen[stream] ?? 0
      if start < offset { places[stream] = start..<offset }
    }
    return places
  }

  /// Bytes of each stream that do not make a character yet, and are told with what completes it.
  var carriedBytes: [OutputStreamName: Int] { decoders.mapValues(\.carriedBytes) }

  private func tell(_ text: OutputText) {
    recent.append(text)
    recentSize += text.text.utf8.count
    if text.skippedBytes > 0 { isCut = true }
    while recentSize > Self.recentBytes, recent.count > 1 {
      recentSize -= recent.removeFirst().text.utf8.count
      isCut = true
    }
    told[text.stream] = text.end
    if isLoaded { publish(text) }
  }

  private func finish() {
    for stream in OutputStreamName.allCases {
      if let last = decoders[stream]?.finish(at: offset) { tell(last) }
    }
    let waiting = drainers
    drainers = []
    for done in waiting { done() }
  }
}

extension OutputText {
  /// Two texts out of one, the first of at most `limit` bytes.
  ///
  /// Replaced bytes make the place in
  /// between approximate; the places at both ends stay exact.
  func split(at limit: Int) -> (OutputText, OutputText) {
    var cut = text.utf8.index(text.utf8.startIndex, offsetBy: min(limit, text.utf8.count))
    while cut > text.startIndex, cut.samePosition(in: text.unicodeScalars) == nil {
      cut = text.utf8.index(before: cut)
    }
    var head = self
    var rest = self
    head.text = String(text[..<cut])
    rest.text = String(text[cut...])
    head.end = min(end, offset + head.text.utf8.count)
    rest.offset = head.end
    rest.skippedBytes = 0
    return (head, rest)
  }
}
