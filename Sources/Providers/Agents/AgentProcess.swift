// One start of an agent: its lines as they come, its end, and what was read before a stop.

import Core
import EventLoop
import Supervisor

/// The run of an agent's process.
struct AgentProcess: Sendable {
  /// What arrives from the loop.
  enum Arrival: Sendable {
    /// Bytes of stdout; whether a stop had been asked for before they came.
    case output([UInt8], at: AgentInstant, isLate: Bool)
    case errorOutput([UInt8])
    case ended(ProcessResult)
  }

  /// How it ended.
  struct End: Sendable {
    var result: ProcessResult
    var stderr: String
  }

  /// Most of stderr that is kept for messages, bytes.
  static let stderrLimitBytes = 32 << 10

  let spec: ProcessSpec
  let stop: StopPolicy
  let timeout: Duration?

  /// Starts the agent and hands each line over until its tree is empty.
  ///
  /// Cancelling the task stops the tree; the call then returns as usual.
  /// - Parameters:
  ///   - linger: time that the agent may stay once `take` has said that it is done.
  ///   - take: gets each line and whether a stop had been asked for before it came; answers whether
  ///     the final event has been read.
  /// - Returns: the end.
  /// - Throws: `SupervisorError` when it could not be started.
  func run(
    linger: Duration,
    take: @escaping @Sendable (_ line: [UInt8], _ at: AgentInstant, _ isLate: Bool) async -> Bool
  ) async throws(SupervisorError) -> End {
    let (arrivals, feed) = AsyncStream.makeStream(of: Arrival.self)
    let process = try await start(feed)
    let stop = stop
    // Not a child task: cancelling ours shall not cut off the reading of the end.
    let reading = Task {
      var splitter = LineSplitter()
      var stderr = Tail(limitBytes: Self.stderrLimitBytes)
      var isDone = false
      for await arrival in arrivals {
        switch arrival {
        case .output(let bytes, let instant, let isLate):
          for line in splitter.append(bytes) {
            let wasDone = isDone
            isDone = await take(line, instant, isLate) || isDone
            if isDone, !wasDone {
              LoopActor.post { process.limit(linger, policy: stop) }
            }
          }
        case .errorOutput(let bytes): stderr.append(bytes)
        case .ended(let result):
          if let line = splitter.end() { _ = await take(line, .now(), result.stopped) }
          return End(result: result, stderr: stderr.text)
        }
      }
      return End(result: ProcessResult(exit: .exited(-1)), stderr: stderr.text)
    }
    return await withTaskCancellationHandler {
      await reading.value
    } onCancel: {
      LoopActor.post { process.stop(stop) }
    }
  }

  @LoopActor
  private func start(
    _ feed: AsyncStream<Arrival>.Continuation
  ) throws(SupervisorError) -> SupervisedProcess {
    if Task.isCancelled {
      throw SupervisorError(
        stoppedBefore: spec.executable)
    }
    let handle = ProcessHandle()
    var spec = spec
    spec.output = .deliver { stream, bytes in
      switch stream {
      case .stdout:
        feed.yield(
          .output(bytes, at: .now(), isLate: handle.process?.isStopping ?? false))
      case .stderr: feed.yield(.errorOutput(bytes))
      }
    }
    let process = try Supervisor.shared.start(spec)
    handle.process = process
    process.onEnd = { result in
      feed.yield(.ended(result))
      feed.finish()
      handle.process = nil
    }
    if let timeout { process.limit(timeout, policy: stop) }
    return process
  }
}

/// The process once it is there; the closure that needs it is made before.
@LoopActor
private final class ProcessHandle {
  var process: SupervisedProcess?
}

/// The last part of a stream.
struct Tail: Sendable {
  let limitBytes: Int
  private var bytes: [UInt8] = []

  init(limitBytes: Int) { self.limitBytes = limitBytes }

  mutating func append(_ new: [UInt8]) {
    bytes += new.suffix(limitBytes)
    if bytes.count > 2 * limitBytes { bytes.removeFirst(bytes.count - limitBytes) }
  }

  var text: String { String(decoding: bytes.suffix(limitBytes), as: UTF8.self) }
}
