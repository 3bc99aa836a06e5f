// The writing end of a child's input: never blocks, and a child that does not read is no error.

import EventLoop
import Glibc

/// Writes bytes to a child's standard input on the loop, then closes it.
@LoopActor
final class PipeWriter {
  private let descriptor: Int32
  private var source: DescriptorSource?
  private let bytes: [UInt8]
  private var offset = 0

  /// The descriptor must be non-blocking; the writer closes it when everything is written.
  init(descriptor: Int32, _ bytes: [UInt8]) {
    self.descriptor = descriptor
    self.bytes = bytes
    guard !write() else { return }
    source = try? DescriptorSource(descriptor: descriptor, events: .write) { [weak self] _ in
      guard let self, self.write() else { return }
      self.close()
    }
  }

  isolated deinit { close() }

  /// Whether everything is written, or the child has closed its end.
  var isDone: Bool { source == nil }

  private func close() {
    guard !isClosed else { return }
    isClosed = true
    source?.cancel()
    source = nil
    Glibc.close(descriptor)
  }

  private var isClosed = false

  /// - Returns: whether there is nothing more to do.
  private func write() -> Bool {
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
      }
      if count < 0 {
        if errno == EINTR { continue }
        return errno != EAGAIN
      }
      offset += count
    }
    return true
  }
}
