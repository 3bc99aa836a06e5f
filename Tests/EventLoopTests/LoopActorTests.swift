import EventLoop
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LoopActorTests {
  @LoopActor final class Log {
    var entries: [String] = []
  }

  @Test func `posted jobs run on the loop in the order in which they came`() async {
    let order = await withCheckedContinuation { continuation in
      let log = Recorder()
      for index in 0..<1000 { LoopActor.post { log.entries.append(index) } }
      LoopActor.post { continuation.resume(returning: log.entries) }
    }
    #expect(order == Array(0..<1000))
    #expect(!LoopActor.isOnLoop)
  }

  @LoopActor final class Recorder {
    var entries: [Int] = []
    nonisolated init() {}
  }

  @Test func `many tasks and threads hop to the loop without losing a job`() async {
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<2000 { await counter.add() }
        }
      }
    }
    #expect(await counter.value == 16_000)
  }

  @LoopActor final class Counter {
    var value = 0
    nonisolated init() {}
    func add() { value += 1 }
  }

  @LoopActor @Test func `the loop thread enters itself without a hop`() {
    #expect(LoopActor.isOnLoop)
    #expect(enterFromC() == 42)
  }

  @LoopActor @Test func `end-of-turn jobs run after what is active, in order, once`() async {
    let log = Log()
    atEndOfTurn {
      log.entries.append("first")
      atEndOfTurn { log.entries.append("added in the same turn") }
    }
    atEndOfTurn { log.entries.append("second") }
    log.entries.append("body")
    await withCheckedContinuation { continuation in
      LoopActor.post { continuation.resume() }
    }
    #expect(log.entries == ["body", "first", "second", "added in the same turn"])
  }

  @Test func `a job chain that never ends does not starve descriptors`() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (reader, writer) = (ends[0], ends[1])
    defer { close(reader) }
    let chain = Chain()
    LoopActor.post { chain.step() }
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      LoopActor.post {
        do {
          let box = SourceBox()
          box.source = try DescriptorSource(descriptor: reader, events: .read) { _ in
            box.source?.cancel()
            box.source = nil
            chain.stopped = true
            continuation.resume()
          }
          close(writer)
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
    #expect(await chain.steps > 0)
  }

  @LoopActor final class Chain {
    var stopped = false
    var steps = 0
    nonisolated init() {}
    func step() {
      steps += 1
      if !stopped { LoopActor.post { self.step() } }
    }
  }

  @LoopActor final class SourceBox {
    var source: DescriptorSource?
  }
}

@discardableResult
private func enterFromC() -> Int {
  LoopActor.assumeIsolated { 42 }
}
