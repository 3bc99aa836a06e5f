import EventLoop
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
@LoopActor
struct TimerTests {
  @Test func `a timer never fires early`() async {
    for millis in [0, 1, 3, 7, 20] {
      let start = SuspendingClock.now
      await waitFor { done in
        let timer = LoopTimer(done)
        timer.schedule(after: .milliseconds(millis))
        return timer
      }
      #expect(start.duration(to: .now) >= .milliseconds(millis))
    }
  }

  @Test func `a repeating timer fires until it is cancelled`() async {
    let box = Box<LoopTimer>()
    defer { box.value = nil }
    var fires = 0
    await waitFor { done in
      let timer = LoopTimer {
        fires += 1
        if fires == 3 {
          box.value?.cancel()
          done()
        }
      }
      box.value = timer
      timer.schedule(every: .milliseconds(2))
      return timer
    }
    #expect(fires == 3)
    #expect(box.value?.isScheduled == false)
  }

  @Test func `a released or cancelled timer does not fire`() async {
    var fired = false
    do {
      let released = LoopTimer { fired = true }
      released.schedule(after: .zero)
      let cancelled = LoopTimer { fired = true }
      cancelled.schedule(after: .zero)
      cancelled.cancel()
    }
    await waitFor { done in
      let later = LoopTimer(done)
      later.schedule(after: .milliseconds(10))
      return later
    }
    #expect(!fired)
  }
}

@Suite(.timeLimit(.minutes(1)), .serialized)
@LoopActor
struct SignalSourceTests {
  @Test func `a signal reaches its handler on the loop`() async throws {
    let box = Box<SignalSource>()
    defer { box.value = nil }
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      do {
        box.value = try SignalSource(SIGUSR2) {
          box.value?.cancel()
          continuation.resume()
        }
        kill(getpid(), SIGUSR2)
      } catch {
        continuation.resume(throwing: error)
      }
    }
    var action = sigaction()
    sigaction(SIGUSR2, nil, &action)
    #expect(action.__sigaction_handler.sa_handler == nil, "the default action is back")
  }

  @Test func `a signal that cannot be caught is refused`() {
    #expect {
      _ = try SignalSource(SIGKILL) {}
    } throws: { error in
      "\(error)" == "cannot catch signal 9: Invalid argument"
    }
  }
}

@Suite(.timeLimit(.minutes(1)))
@LoopActor
struct DescriptorSourceTests {
  @Test func `a descriptor is reported while it is ready for what is asked`() async throws {
    var pair: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    defer {
      close(pair[0])
      close(pair[1])
    }
    var seen: [DescriptorSource.Events] = []
    let box = Box<DescriptorSource>()
    defer { box.value = nil }
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      do {
        let (near, far) = (pair[0], pair[1])
        box.value = try DescriptorSource(descriptor: near, events: .write) { events in
          seen.append(events)
          if events == .write {
            box.value?.events = .read
            write(far, "x", 1)
          } else {
            box.value?.cancel()
            continuation.resume()
          }
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    #expect(seen == [.write, .read])
  }

  @Test func `a regular file is refused`() throws {
    let file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    #expect(throws: EventLoopError.self) {
      _ = try DescriptorSource(descriptor: file, events: .read) { _ in }
    }
  }
}

/// Starts something that calls back once, keeps it alive and waits for the call.
@LoopActor
func waitFor<Kept: Sendable>(_ start: @LoopActor (@escaping @LoopActor () -> Void) -> Kept) async {
  let kept = Box<Kept>()
  await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
    kept.value = start { continuation.resume() }
  }
  kept.value = nil
}

@LoopActor
final class Box<Value: Sendable> {
  var value: Value?
}
