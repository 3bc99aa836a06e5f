// Threads that touch the disk so that the loop does not have to. Values go out, values come back.

import Dispatch
public import EventLoop

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
/// It travels to the worker and back, so that it has one owner at each moment and needs no lock.
/// Work that is asked for meanwhile waits its turn.
@LoopActor
public final class WorkerValue<Value: Sendable> {
  private let worker: FileWorker
  private var value: Value?
  private var waiting: [@LoopActor () -> Void] = []

  /// A value whose work runs on `worker`.
  public init(_ value: Value, on worker: FileWorker) {
    self.value = value
    self.worker = worker
  }

  /// Runs work on the value off the loop, then hands its result to the loop.
  public func perform<Result: Sendable>(
    _ work: @escaping @Sendable (inout Value) -> Result,
    then: @escaping @LoopActor (Result) -> Void
  ) {
    guard let current = value else {
      waiting.append { [self] in perform(work, then: then) }
      return
    }
    value = nil
    worker.run {
      var changing = current
      let result = work(&changing)
      return (changing, result)
    } then: { [self] (changed, result) in
      value = changed
      then(result)
      // `then` may have asked for more; that waits behind what was there first.
      if value != nil, !waiting.isEmpty { waiting.removeFirst()() }
    }
  }
}
