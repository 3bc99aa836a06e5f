import EventLoop
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
@LoopActor
struct FileWatcherTests {
  @Test func `files that appear, change, are replaced and vanish are reported in order`()
    async throws
  {
    let temporary = try TemporaryDirectory()
    let directory = temporary.path
    var seen: [String] = []
    let box = Box<FileWatcher>()
    defer { box.value = nil }
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      do {
        let watcher = try FileWatcher { event in
          seen.append("\(event.kinds.rawValue) \(event.name)")
          if event.kinds == .deleted { continuation.resume() }
        }
        box.value = watcher
        try watcher.watch(directory, for: [.created, .modified, .movedIn, .movedOut, .deleted])
        let file = open(directory + "/a", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        write(file, "x", 1)
        close(file)
        rename(directory + "/a", directory + "/b")
        unlink(directory + "/b")
      } catch {
        continuation.resume(throwing: error)
      }
    }
    let kinds: [(FileEvent.Kinds, String)] = [
      (.created, "a"), (.modified, "a"), (.movedOut, "a"), (.movedIn, "b"), (.deleted, "b"),
    ]
    #expect(seen == kinds.map { "\($0.0.rawValue) \($0.1)" })
  }

  @Test func `a watched directory that is deleted ends its watch`() async throws {
    let temporary = try TemporaryDirectory()
    let directory = temporary.path
    var watch: FileWatcher.WatchID?
    var ended: FileWatcher.WatchID?
    let box = Box<FileWatcher>()
    defer { box.value = nil }
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      do {
        let watcher = try FileWatcher { event in
          guard event.kinds.contains(.watchEnded) else { return }
          ended = event.watch
          continuation.resume()
        }
        box.value = watcher
        watch = try watcher.watch(directory)
        rmdir(directory)
      } catch {
        continuation.resume(throwing: error)
      }
    }
    #expect(watch == ended && watch != nil)
  }

  @Test func `what does not exist is named in the error`() throws {
    let watcher = try FileWatcher { _ in }
    #expect {
      try watcher.watch("/no/such/directory")
    } throws: { error in
      "\(error)" == "cannot watch \"/no/such/directory\": No such file or directory"
    }
  }
}
