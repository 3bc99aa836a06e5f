// The three descriptors of a child: made before the start, served by the loop afterwards.

import CShims
import EventLoop
import Glibc
import Synchronization

/// Standard input, output and error of one child.
@LoopActor
final class ProcessIO {
  private var writer: PipeWriter?
  private var readers: [OutputStream: PipeReader] = [:]
  private var buffers: [OutputStream: OutputBuffer] = [:]

  /// What the child gets as 0, 1 and 2.
  private(set) var childDescriptors: (Int32, Int32, Int32)
  /// Our copies of the child's ends, closed once it has been started.
  private var toClose: [Int32] = []

  init(_ spec: ProcessSpec) throws(SupervisorError) {
    let null = NullDevice.descriptor
    childDescriptors = (null, null, null)
    do throws(PipeError) {
      switch spec.standardInput {
      case .null: break
      case .descriptor(let descriptor): childDescriptors.0 = descriptor
      case .bytes(let bytes):
        let (reading, writing) = try pipe()
        toClose.append(reading)
        setNonBlocking(writing)
        childDescriptors.0 = reading
        writer = PipeWriter(descriptor: writing, bytes)
        if writer?.isDone == true { writer = nil }
      }
      switch spec.output {
      case .null: break
      case .inherit:
        childDescriptors.1 = 1
        childDescriptors.2 = 2
      case .capture(let limit):
        for stream in OutputStream.allCases {
          buffers[stream] = OutputBuffer(limitBytes: limit)
          try connect(stream) { [weak self] bytes in self?.buffers[stream]?.append(bytes) }
        }
      case .deliver(let deliver):
        for stream in OutputStream.allCases {
          try connect(stream) { bytes in deliver(stream, bytes) }
        }
      }
    } catch {
      closeChildEnds()
      throw SupervisorError(
        .outOfResources, spec.executable, errno: error.code,
        "run fewer at a time (--workers), or raise the limit of open files (ulimit -n)")
    }
  }

  private func connect(
    _ stream: OutputStream, _ deliver: @escaping @LoopActor ([UInt8]) -> Void
  ) throws(PipeError) {
    let (reading, writing) = try pipe()
    toClose.append(writing)
    setNonBlocking(reading)
    do {
      readers[stream] = try PipeReader(descriptor: reading, deliver)
    } catch {
      close(reading)
      throw PipeError(code: error.errno)
    }
    if stream == .stdout { childDescriptors.1 = writing } else { childDescriptors.2 = writing }
  }

  /// The child has its own copies now, or was never started.
  func closeChildEnds() {
    for descriptor in toClose { close(descriptor) }
    toClose = []
  }

  func leaderEnded() {
    for stream in OutputStream.allCases { readers[stream]?.leaderEnded() }
  }

  /// Reads what is left.
  ///
  /// Everything is closed in the next turn, after the news of the end is out.
  func finish() -> (stdout: CapturedOutput, stderr: CapturedOutput) {
    var outputs: [OutputStream: CapturedOutput] = [:]
    for stream in OutputStream.allCases {
      guard let reader = readers[stream] else { continue }
      let wasHeldOpen = reader.drain()
      outputs[stream] =
        buffers[stream]?.output(lateBytes: reader.lateBytes, wasHeldOpen: wasHeldOpen)
        ?? CapturedOutput(lateBytes: reader.lateBytes, wasHeldOpen: wasHeldOpen)
    }
    buffers = [:]
    LoopActor.post {
      self.writer = nil
      self.readers = [:]
    }
    return (outputs[.stdout] ?? CapturedOutput(), outputs[.stderr] ?? CapturedOutput())
  }

  private struct PipeError: Error { var code: Int32 }

  private func pipe() throws(PipeError) -> (reading: Int32, writing: Int32) {
    var reading: Int32 = -1
    var writing: Int32 = -1
    let error = agentv_pipe(&reading, &writing)
    guard error == 0 else { throw PipeError(code: error) }
    return (reading, writing)
  }

  /// Of our end only: the child's end is another open file description, and programs expect it
  /// to block.
  private func setNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }
}

/// `/dev/null`, opened once.
enum NullDevice {
  /// Open for reading and writing, 3 or greater.
  ///
  /// Whatever of 0, 1 and 2 was closed when we were started is `/dev/null` from then on, so that no
  /// pipe can take its number.
  /// Negative while there is no descriptor left; the next start tries again.
  static var descriptor: Int32 {
    opened.withLock { known in
      while known < 3 {
        let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
        if descriptor >= 0 {
          known = descriptor
        } else if errno != EINTR {
          return descriptor
        }
      }
      return known
    }
  }

  private static let opened = Mutex<Int32>(-1)
}
