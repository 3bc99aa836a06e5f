import Core
import EventLoop
import EventStream
import Testing

@Suite(.timeLimit(.minutes(1)))
@LoopActor
struct EventHubTests {
  private func makeHub(_ change: (inout EventHubConfiguration) -> Void = { _ in }) -> EventHub {
    var configuration = EventHubConfiguration()
    configuration.epoch = "e"
    change(&configuration)
    return EventHub(configuration)
  }

  private func publish(_ hub: EventHub, _ numbers: ClosedRange<Int>) {
    for number in numbers { hub.publish("n", data: Array("\(number)".utf8)) }
  }

  @Test func `a new subscriber gets a snapshot, then every event once`() async {
    let hub = makeHub()
    publish(hub, 1...2)
    let sink = RecordingSink()
    hub.subscribe(sink, lastEventID: nil) { ["state": 2] }
    publish(hub, 3...4)
    await settle()
    #expect(sink.text.hasPrefix("retry: 1000\n\n"))
    #expect(
      sink.events == [
        .init(id: "e-2", type: "snapshot", data: #"{"state":2}"#),
        .init(id: "e-3", type: "n", data: "3"), .init(id: "e-4", type: "n", data: "4"),
      ])
    #expect(hub.lastEventID == "e-4")
  }

  @Test func `the events of one turn leave in one write`() async {
    let hub = makeHub()
    let sink = RecordingSink()
    hub.subscribe(sink, lastEventID: nil) { [:] }
    publish(hub, 1...100)
    #expect(sink.writes.count == 1)
    await settle()
    #expect(sink.writes.count == 2)
    publish(hub, 101...101)
    await settle()
    #expect(sink.writes.count == 3)
    #expect(sink.data.dropFirst() == (1...101).map(String.init)[...])
  }

  @Test func `each turn is one chunk for a chunked sink`() async {
    let hub = makeHub()
    let sink = RecordingSink(isChunked: true)
    hub.subscribe(sink, lastEventID: "e-0") { [:] }
    publish(hub, 1...1)
    await settle()
    #expect(sink.raw == "d\r\nretry: 1000\n\n\r\n1a\r\nid: e-1\nevent: n\ndata: 1\n\n\r\n")
  }

  @Test func `a client that comes back goes on without gap or repeat, also inside of a turn`() async
  {
    let hub = makeHub()
    publish(hub, 1...5)
    await settle()
    publish(hub, 6...9)
    await settle()
    for last in 0...9 {
      for isChunked in [false, true] {
        let sink = RecordingSink(isChunked: isChunked)
        hub.subscribe(sink, lastEventID: "e-\(last)") {
          Issue.record("no snapshot is needed")
          return [:]
        }
        #expect(sink.data == (1...9).dropFirst(last).map(String.init), "after \(last)")
      }
    }
  }

  @Test(arguments: ["x-3", "e-10", "nonsense", "", "e--1"])
  func `an id that is not of this stream gets a snapshot`(id: String) async {
    let hub = makeHub()
    publish(hub, 1...9)
    let sink = RecordingSink()
    hub.subscribe(sink, lastEventID: id) { [:] }
    #expect(sink.events.map(\.type) == ["snapshot"])
    #expect(sink.events.first?.id == "e-9")
  }

  @Test func `an id that is too old gets a snapshot`() async {
    let hub = makeHub {
      $0.replayBytes = 200
      $0.highWaterBytes = 200
    }
    for number in 1...50 {
      publish(hub, number...number)
      await settle()
    }
    let old = RecordingSink()
    hub.subscribe(old, lastEventID: "e-1") { [:] }
    #expect(old.events.map(\.id) == ["e-50"])
    let recent = RecordingSink()
    hub.subscribe(recent, lastEventID: "e-48") { [:] }
    #expect(recent.data == ["49", "50"])
  }

  @Test func `a slow subscriber gets everything when it reads on, and holds nobody up`() async {
    let hub = makeHub()
    let slow = RecordingSink(room: 0)
    let fast = RecordingSink()
    hub.subscribe(slow, lastEventID: nil) { ["x": 1] }
    hub.subscribe(fast, lastEventID: nil) { ["x": 1] }
    for number in 1...200 {
      publish(hub, number...number)
      await settle()
    }
    #expect(fast.data.count == 201)
    #expect(slow.data.isEmpty)
    for _ in 0..<3000 { slow.take(3) }  // three bytes at a time
    #expect(slow.data == fast.data)
    publish(hub, 201...201)
    await settle()
    slow.take(.max)
    #expect(slow.data == fast.data)
    #expect(hub.droppedSlowConsumers == 0)
  }

  @Test func `a subscriber over the high-water mark is cut off and can come back`() async {
    let hub = makeHub { $0.highWaterBytes = 1000 }
    let slow = RecordingSink(room: 100)
    let fast = RecordingSink()
    hub.subscribe(slow, lastEventID: nil) { [:] }
    hub.subscribe(fast, lastEventID: nil) { [:] }
    var published = 0
    while slow.end == .open, published < 1000 {
      published += 1
      publish(hub, published...published)
      await settle()
    }
    #expect(slow.end == .aborted)
    #expect((30...60).contains(published), "about 1,000 bytes of some 30 each, not \(published)")
    #expect(hub.droppedSlowConsumers == 1 && hub.subscriberCount == 1)
    let back = RecordingSink()
    hub.subscribe(back, lastEventID: slow.events.last?.id) { [:] }
    #expect(slow.data + back.data == fast.data)
  }

  @Test func `one event larger than the high-water mark cuts nobody off`() async {
    let hub = makeHub { $0.highWaterBytes = 1000 }
    let sink = RecordingSink(room: 200)
    hub.subscribe(sink, lastEventID: nil) { [:] }
    hub.publish("big", data: [UInt8](repeating: 120, count: 5000))
    await settle()
    publish(hub, 1...2)
    await settle()
    #expect(sink.end == .open)
    sink.take(.max)
    #expect(sink.data.map(\.utf8.count) == [2, 5000, 1, 1])
  }

  @Test func `the end comes after the last event, and a client that saw it must stop`() async {
    let hub = makeHub()
    let live = RecordingSink()
    let slow = RecordingSink(room: 10)
    hub.subscribe(live, lastEventID: nil) { [:] }
    hub.subscribe(slow, lastEventID: nil) { [:] }
    publish(hub, 1...3)
    hub.publish("end", ["exit_code": 143])
    #expect(!hub.isComplete(for: "e-4"))
    hub.end()
    hub.publish("late", [:])
    await settle()
    #expect(live.end == .finished)
    #expect(live.events.last == .init(id: "e-4", type: "end", data: #"{"exit_code":143}"#))
    #expect(slow.end == .open)
    slow.take(.max)
    #expect(slow.end == .finished && slow.events == live.events)
    #expect(hub.isComplete(for: "e-4"))
    #expect(!hub.isComplete(for: "e-3") && !hub.isComplete(for: nil))
    #expect(hub.subscriberCount == 0)
  }

  @Test func `who comes after the end gets what is missing, the last event at least`() async {
    let hub = makeHub()
    publish(hub, 1...2)
    hub.publish("end", [:])
    hub.end()
    await settle()
    let returning = RecordingSink()
    hub.subscribe(returning, lastEventID: "e-1") { [:] }
    #expect(returning.events.map(\.id) == ["e-2", "e-3"] && returning.end == .finished)
    let fresh = RecordingSink()
    hub.subscribe(fresh, lastEventID: nil) { ["all": true] }
    #expect(fresh.events.map(\.type) == ["snapshot", "end"])
    #expect(fresh.events.map(\.id) == ["e-2", "e-3"] && fresh.end == .finished)
  }

  @Test func `a subscriber that left gets nothing more`() async {
    let hub = makeHub()
    let sinks = (0..<5).map { _ in RecordingSink() }
    for sink in sinks { hub.subscribe(sink, lastEventID: nil) { [:] } }
    sinks[1].onClosed?()
    sinks[4].onClosed?()
    #expect(hub.subscriberCount == 3)
    publish(hub, 1...1)
    await settle()
    #expect(sinks.map(\.data.count) == [2, 1, 2, 2, 1])
  }

  @Test func `subscribers that leave and come during a long sweep change nothing for the others`()
    async
  {
    let hub = makeHub()
    let sinks = (0..<3000).map { _ in RecordingSink() }
    for sink in sinks { hub.subscribe(sink, lastEventID: "e-0") { [:] } }
    publish(hub, 1...1)
    let late = RecordingSink()
    LoopActor.post {
      // Now the first part of the sweep has been done and the rest is to come.
      #expect(sinks[0].data == ["1"] && sinks[2999].data.isEmpty)
      for index in stride(from: 0, to: 3000, by: 7) { sinks[index].onClosed?() }
      self.publish(hub, 2...3)
      hub.subscribe(late, lastEventID: "e-1") { [:] }
    }
    for _ in 0..<20 { await settle() }
    for (index, sink) in sinks.enumerated() where index % 7 != 0 {
      #expect(sink.data == ["1", "2", "3"], "subscriber \(index)")
    }
    #expect(late.data == ["2", "3"])
  }

  @Test func `a quiet stream gives a sign of life`() async {
    let hub = makeHub { $0.heartbeat = .milliseconds(5) }
    let sink = RecordingSink()
    hub.subscribe(sink, lastEventID: nil) { [:] }
    while !sink.text.contains(": hb\n\n") { await settle() }
    hub.end()
    await settle()
    #expect(sink.end == .finished)
  }

  @Test func `a stored stream is continued with its epoch and number`() async {
    let hub = makeHub { $0.lastSequence = 41 }
    let sink = RecordingSink()
    hub.subscribe(sink, lastEventID: "e-41") { [:] }
    publish(hub, 1...1)
    await settle()
    #expect(sink.events.map(\.id) == ["e-42"])
    let old = RecordingSink()
    hub.subscribe(old, lastEventID: "e-40") { [:] }
    #expect(old.events.map(\.type) == ["snapshot"])
  }

  /// Random publishes, reads, disconnects and reconnects: nobody may miss or repeat an event.
  @Test(arguments: UInt64(1)...20)
  func `whatever happens, a client that reconnects sees every event once`(seed: UInt64) async {
    var random = SplitMix(state: seed)
    let hub = makeHub {
      $0.replayBytes = 1 << 20
      $0.highWaterBytes = 2000
    }
    var clients = (0..<8).map { _ in Client() }
    for client in clients { client.connect(hub, chunked: Bool.random(using: &random)) }
    var published = 0
    for _ in 0..<400 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0...3:
        let count = Int.random(in: 1...5, using: &random)
        publish(hub, (published + 1)...(published + count))
        published += count
      case 4...6:
        clients.randomElement(using: &random)?.sink.take(Int.random(in: 1...300, using: &random))
      case 7: clients.randomElement(using: &random)?.leave()
      default: await settle()
      }
      for client in clients where client.isGone {
        client.connect(hub, chunked: Bool.random(using: &random))
      }
    }
    await settle()
    for client in clients {
      if client.isGone { client.connect(hub, chunked: false) }
      client.sink.take(.max)
      if client.isGone {
        client.connect(hub, chunked: false)
        client.sink.take(.max)
      }
      client.collect()
      #expect(client.seen == Array(0..<(published + 1)).dropFirst().map { $0 }, "seed \(seed)")
    }
    clients = []
  }

  /// A client as a browser is: it remembers the last id and drops half an event.
  @LoopActor final class Client {
    var sink = RecordingSink()
    var seen: [Int] = []
    var lastID = "e-0"
    var hasLeft = true
    var isGone: Bool { hasLeft || sink.end == .aborted }

    func connect(_ hub: EventHub, chunked: Bool) {
      collect()
      hasLeft = false
      sink = RecordingSink(isChunked: chunked, room: 150)
      hub.subscribe(sink, lastEventID: lastID) {
        Issue.record("the log holds everything")
        return [:]
      }
    }

    func leave() {
      guard !isGone else { return }
      hasLeft = true
      sink.onClosed?()
    }

    func collect() {
      // Only what ends in a blank line is an event.
      let text = sink.text
      guard let end = text.range(ofLast: "\n\n") else { return }
      for block in text[..<end].split(separator: "\n\n") where block.hasPrefix("id: ") {
        let lines = block.split(separator: "\n")
        lastID = String(lines[0].dropFirst(4))
        seen.append(Int(lines[2].dropFirst(6)) ?? -1)
      }
      sink = RecordingSink()
    }
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

extension String {
  fileprivate func range(ofLast separator: String) -> String.Index? {
    var end = endIndex
    while end > startIndex {
      if self[..<end].hasSuffix(separator) { return end }
      end = index(before: end)
    }
    return nil
  }
}
