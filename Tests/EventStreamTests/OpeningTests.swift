import EventLoop
import EventStream
import Testing

@LoopActor @Suite(.timeLimit(.minutes(1))) struct OpeningTests {
  private static let state = [UInt8](repeating: UInt8(ascii: "7"), count: 1000)

  private func hub(openingBytes: Int = 64 << 20) -> EventHub {
    var configuration = EventHubConfiguration()
    configuration.epoch = "e"
    configuration.openingBytes = openingBytes
    return EventHub(configuration)
  }

  @Test func `subscribers that come to the same state share its snapshot`() async {
    let hub = hub()
    var made = 0
    func join(_ variant: String?, isChunked: Bool = true) -> RecordingSink {
      let sink = RecordingSink(isChunked: isChunked)
      hub.subscribe(sink, lastEventID: nil, variant: variant) {
        made += 1
        return Array("\(made)".utf8)
      }
      return sink
    }
    let sinks = (0..<10).map { _ in join("a") }
    #expect(made == 1)
    #expect(sinks.allSatisfy { $0.events.map(\.data) == ["1"] })
    _ = (join("b"), join("b"), join(nil), join(nil), join("a", isChunked: false))
    #expect(made == 5)
    // The next event tells what has changed, and whoever comes after it gets another snapshot.
    let before = join("a")
    #expect(made == 6)
    hub.publish("x", data: [UInt8(ascii: "1")])
    let after = join("a")
    #expect(made == 7)
    await settle()
    #expect(before.events.map(\.id) == ["e-0", "e-1"])
    #expect(after.events.map(\.id) == ["e-1"])
  }

  @Test func `a snapshot that many wait for counts once`() {
    let hub = hub(openingBytes: 10_000)
    let sinks = (0..<500).map { _ in RecordingSink(room: 10) }
    for sink in sinks {
      hub.subscribe(sink, lastEventID: nil, variant: "a") { Self.state }
    }
    #expect(hub.droppedSlowConsumers == 0 && hub.subscriberCount == 500)
  }

  @Test func `snapshots of many states that nobody reads are bounded together`() {
    let hub = hub(openingBytes: 10_000)
    for _ in 0..<200 {
      for _ in 0..<2 {
        hub.subscribe(RecordingSink(room: 10), lastEventID: nil, variant: "a") { Self.state }
      }
      hub.publish("x", data: [UInt8(ascii: "1")])
    }
    // Two wait for each of at most ten snapshots.
    #expect(hub.subscriberCount <= 20 && hub.droppedSlowConsumers >= 380)
  }
}
