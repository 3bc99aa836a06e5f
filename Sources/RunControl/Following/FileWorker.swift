// Threads that touch the disk so that the loop does not have to. Values go out, values come back.

import Dispatch
public import EventLoop
import Synchronization

/// A serial queue for blocking work.
public struct FileWorker: Sendable {
  private let queue: DispatchQueue

  /// A queue of its own, named for debuggers.
  public init(_ name: String) { queue = DispatchQueue(label: "agentv.\(name)") }

  /// Runs work off the loop, then hands its result to the loop.
  public func run<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result, then: @escaping @LoopActor (Result) -> Void
  ) {
    queue.async {
      let result = work()
      LoopActor.post { then(result) }
    }
  }
}

/// A value that blocking work changes.
///
/// One piece of work has it at a time; work that is asked for meanwhile waits its turn. It is changed
/// in place: a copy of what ten thousand runs are known by would cost more than the change.
@LoopActor
public final class WorkerValue<Value: Sendable> {
  /// What is lent to the worker; nobody waits for the lock, since the turns are kept here.
  private final class Lent: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
  }

  private let worker: FileWorker
  private let lent: Lent
  private var isAway = false
  private var waiting: [@LoopActor () -> Void] = []

  /// A value whose work runs on `worker`.
  public init(_ value: Value, on worker: FileWorker) {
    lent = Lent(value)
    self.worker = worker
  }

  /// Runs work on the value off the loop, then hands its result to the loop.
  public func perform<Result: Sendable>(
    _ work: @escaping @Sendable (inout Value) -> Result,
    then: @escaping @LoopActor (Result) -> Void
  ) {
    guard !isAway else {
      waiting.append { [self] in perform(work, then: then) }
      return
    }
    isAway = true
    let lent = lent
    worker.run {
      lent.value.withLock { work(&$0) }
    } then: { [self] result in
      isAway = false
      then(result)
      // `then` may have asked for more; that waits behind what was there first.
      if !isAway, !waiting.isEmpty { waiting.removeFirst()() }
    }
  }
}
