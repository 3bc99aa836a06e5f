import EventLoop
import EventStream
import Testing

@Suite(.timeLimit(.minutes(1)))
@LoopActor
struct EventMarkTests {
  private func makeHub() -> EventHub {
    var configuration = EventHubConfiguration()
    configuration.epoch = "e"
    return EventHub(configuration)
  }

  private func publish(_ hub: EventHub, _ numbers: ClosedRange<Int>) {
    for number in numbers { hub.publish("n", data: Array("\(number)".utf8)) }
  }

  @Test func `a mark rides on the id and does not change which event it names`() async throws {
    let hub = makeHub()
    let sink = RecordingSink()
    hub.subscribe(sink, lastEventID: nil, mark: { "s.0" }, snapshotData: { Array("{}".utf8) })
    hub.publish("n", data: Array("1".utf8), mark: "p.1")
    hub.publish("n", data: Array("2".utf8))
    await settle()
    #expect(sink.events.map(\.id) == ["e-0@s.0", "e-1@p.1", "e-2"])
    #expect(EventID("e-1@p.1")?.mark == "p.1" && EventID("e-1@p.1") == EventID("e-1"))
    #expect(EventID("e-x@1") == nil && EventID("e-1@")?.mark == "")
    #expect(hub.canContinue(after: "e-1@anything") && !hub.canContinue(after: "x-1@p.1"))
    hub.end()
    #expect(hub.isComplete(for: "e-2@m") && !hub.isComplete(for: "e-1@p.1"))
  }

  @Test func `a client of another history gets what it missed, then the log`() async {
    let hub = makeHub()
    publish(hub, 1...3)
    let sequence = hub.presentSequence
    publish(hub, 4...5)
    let sink = RecordingSink()
    let missed = [
      EventHub.MissedEvent("n", Array("a".utf8), mark: "1"),
      EventHub.MissedEvent("n", Array("b".utf8), mark: "2"),
    ]
    #expect(hub.subscribe(sink, missed: missed, after: sequence))
    publish(hub, 6...6)
    await settle()
    #expect(sink.data == ["a", "b", "4", "5", "6"])
    #expect(sink.events.map(\.id).prefix(3) == ["missed-0@1", "missed-0@2", "e-4"])
    #expect(!hub.canContinue(after: "missed-0@1"))
    #expect(!hub.subscribe(RecordingSink(), missed: [], after: 99))
  }
}
