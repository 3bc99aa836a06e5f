// The writer's end of a run directory: every blocking call of a run in progress happens here, on a
// queue of its own. A task that waited for the disk on the pool of Swift's tasks, which has one
// thread for each core, would hold up the tests.

import Core
import Dispatch
import Synchronization

/// Owns the index, the events file and the lock of one run; its queue is their one owner.
final class RunDisk: Sendable {
  private let queue = DispatchQueue(label: "agentv.run-disk")
  private let directory: RunDirectory
  private let lock: FileLock
  private let index: AppendFile
  private let events: AppendFile
  private let transcript: AppendFile
  /// Size of the index as far as its rows were announced.
  private let durableBytes = Mutex(0)

  init(
    directory: RunDirectory, lock: consuming FileLock, index: consuming AppendFile,
    events: consuming AppendFile, transcript: consuming AppendFile
  ) {
    self.directory = directory
    self.lock = lock
    self.index = index
    self.events = events
    self.transcript = transcript
  }

  /// Appends lines, one write(2) each, and waits once until all are on the disk.
  ///
  /// When a line cannot be written (no space), what is left of it is cut off, the lines before it
  /// stay and are synced. An index that somebody removed, replaced or cut is noticed here: a row
  /// that is announced can be found under the run's path.
  /// - Returns: how many lines are durable, and the error that kept the others from it.
  func commit(_ lines: [[UInt8]]) async -> (durable: Int, failure: FileError?) {
    await perform { self.commitNow(lines) }
  }

  private func commitNow(_ lines: [[UInt8]]) -> (durable: Int, failure: FileError?) {
    var written = 0
    var failure: FileError?
    do throws(FileError) {
      var soundBytes = try index.sizeInPlace(leastBytes: durableBytes.withLock { $0 })
      for line in lines {
        do throws(FileError) {
          try index.append(line)
        } catch {
          failure = error
          try? index.truncate(to: soundBytes)
          break
        }
        soundBytes += line.count
        written += 1
      }
      try index.sync()
      durableBytes.withLock { $0 = soundBytes }
    } catch {
      return (0, failure ?? error)
    }
    return (written, failure)
  }

  /// Appends lines to events.jsonl.
  ///
  /// They only tell about the present: an error costs nothing.
  func note(_ lines: [UInt8]) {
    queue.async { try? self.events.append(lines) }
  }

  /// Appends lines to transcript.jsonl.
  ///
  /// It repeats what the files of the tests hold: an error costs nothing that is not elsewhere.
  func tell(_ lines: [UInt8]) {
    queue.async { try? self.transcript.append(lines) }
  }

  /// Takes conversations out of transcript.jsonl that later ones replace.
  func tidyTranscript() async {
    await perform { try? RunTranscript.removeReplaced(self.transcript.path) }
  }

  /// Replaces files of the run durably, in this order.
  func replace(_ files: [(name: String, content: JSON)]) async throws(FileError) {
    let result = await perform { () -> Result<Void, FileError> in
      do throws(FileError) {
        try FileIO.replace(
          files.map { FileContent(self.directory.file($0.name), $0.content.pretty() + [0x0A]) })
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  private func perform<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: body()) }
    }
  }
}
