/// The global actor whose executor is the libevent thread.
///
/// There is one loop per process and it owns every mutable thing of the server: annotate a class
/// with `@LoopActor` and the compiler keeps all access on that thread. C callbacks enter through
/// ``assumeIsolated(_:)``, other threads through ``post(_:)`` or `await`. Nothing that runs here may
/// block: files, SQLite, DNS and large JSON leave the loop as values and come back as values.
///
/// The thread starts with the first use and is never stopped, because executor references are
/// unowned. The process ignores `SIGPIPE` from then on, as its sockets and pipes report `EPIPE`.
@globalActor
public actor LoopActor {
  /// The only instance.
  public static let shared = LoopActor()

  nonisolated let thread: LoopThread

  private init() {
    thread = LoopThread.start()
  }

  /// The loop thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }
}

extension LoopActor {
  /// Whether the caller runs on the loop thread.
  public nonisolated static var isOnLoop: Bool {
    shared.thread.isCurrent
  }

  /// Runs a job on the loop as soon as what is queued before it has run.
  ///
  /// May be called from any thread. Jobs and Swift tasks of this actor run in the order in which
  /// they came, and the sleeping loop is woken once for all of them. A job that is posted on the
  /// loop runs in the next turn, after the descriptors have been looked at, so that a chain of
  /// jobs cannot starve them.
  ///
  /// - Parameter job: what to run. It must not block.
  public nonisolated static func post(_ job: @escaping @Sendable @LoopActor () -> Void) {
    shared.thread.post(job)
  }

  /// Runs a body that is already on the loop thread, such as the body of a C callback.
  ///
  /// Traps when it is called on another thread.
  ///
  /// - Parameter body: what to run.
  /// - Returns: what `body` returned.
  /// - Throws: what `body` threw.
  @available(*, noasync)
  public nonisolated static func assumeIsolated<T: Sendable>(
    _ body: @LoopActor () throws -> T
  ) rethrows -> T {
    precondition(isOnLoop, "this function must be called on the loop thread")
    // The isolation cast of the project (here and in `enter`). Sound: the precondition has just shown that this is
    // the actor's one thread, and a global actor's isolation is no part of a function's layout.
    return try withoutActuallyEscaping(body) { escapable in
      try unsafeBitCast(escapable, to: (() throws -> T).self)()
    }
  }
}

extension LoopActor {
  /// Enters the loop from a C callback whose context is an unretained object.
  ///
  /// The callback's other arguments are handed on as they are, because C pointers are not `Sendable`
  /// and could not be captured. The object is kept alive for the call.
  ///
  /// - Parameters:
  ///   - context: what was given to C with `Unmanaged.passUnretained(object).toOpaque()`.
  ///   - arguments: the callback's other arguments, in a tuple when there are several.
  ///   - body: what to run with the object and the arguments.
  /// - Returns: what `body` returned.
  @available(*, noasync)
  @inlinable  // specialised where it is used: a callback comes several times for each request
  public nonisolated static func enter<Object: AnyObject, Arguments, Result>(
    _ context: UnsafeMutableRawPointer?, _ arguments: Arguments,
    _ body: @LoopActor (Object, Arguments) -> Result
  ) -> Result {
    guard let context else { preconditionFailure("a callback came without its context") }
    let object = Unmanaged<Object>.fromOpaque(context).takeUnretainedValue()
    return enter((object, arguments)) { pair in body(pair.0, pair.1) }
  }

  /// Enters the loop from a C callback that has no object of ours as its context.
  ///
  /// - Parameters:
  ///   - arguments: the callback's arguments, in a tuple when there are several.
  ///   - body: what to run with them.
  /// - Returns: what `body` returned.
  @available(*, noasync)
  @inlinable  // specialised where it is used: a callback comes several times for each request
  public nonisolated static func enter<Arguments, Result>(
    _ arguments: Arguments, _ body: @LoopActor (Arguments) -> Result
  ) -> Result {
    precondition(isOnLoop, "libevent called back on another thread than the loop's")
    // Sound for the reason given in `assumeIsolated`.
    return withoutActuallyEscaping(body) { escapable in
      unsafeBitCast(escapable, to: ((Arguments) -> Result).self)(arguments)
    }
  }
}

/// Runs a job once, at the end of this turn of the loop: after the callbacks that are active now.
///
/// This is how work of one turn is joined, for instance the events published in it. Jobs run in the
/// order in which they were added. A job that adds another one at the end of a turn gets it run in
/// the same turn; use ``LoopActor/post(_:)`` to let the loop look at its descriptors in between.
///
/// - Parameter job: what to run.
@LoopActor
public func atEndOfTurn(_ job: @escaping @LoopActor () -> Void) {
  LoopActor.shared.thread.addEndOfTurn(job)
}
