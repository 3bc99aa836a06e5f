// The registered projects as every stream tells of them: who is in the registry, and what each holds.
// The registry's file is watched, so that an entry made by the command line is seen at once.

import Core
import EventLoop
import RunControl

@LoopActor
final class BenchmarkBoard {
  /// A registered project, and where its directory really is.
  struct Entry: Sendable, Hashable {
    var benchmark: Benchmark
    /// The directory after links are followed; `nil` when it is gone.
    var path: String?
  }

  /// Gives the project of a directory when it has been opened; set by the server.
  var opened: @LoopActor (String) -> Project? = { _ in nil }
  /// Sends an event on the streams of all projects; set by the server.
  var publish: @LoopActor (String, JSON) -> Void = { _, _ in }

  private(set) var entries: [Entry] = []
  private let registry: BenchmarkRegistry
  private let homePath: String
  private let worker = FileWorker("registry")
  private var watcher: FileWatcher?
  private var timers: [String: LoopTimer] = [:]

  /// Numbers of a project are told at most this often.
  static let pause = Duration.milliseconds(250)

  /// - Parameters:
  ///   - registry: the registry of the user.
  ///   - homePath: the server's own project.
  init(registry: BenchmarkRegistry, homePath: String) {
    self.registry = registry
    self.homePath = homePath
  }

  /// Reads the registry and watches it from now on.
  func start() {
    watcher = try? FileWatcher { [weak self] event in self?.handle(event) }
    watch()
    reload()
  }

  /// Watches the registry's directory; until there is one, the directory above it.
  private func watch() {
    let directory = Path.directory(registry.file)
    let kinds: FileEvent.Kinds = [.closedAfterWrite, .movedIn, .movedOut, .deleted]
    if (try? watcher?.watch(directory, for: kinds)) == nil {
      _ = try? watcher?.watch(Path.directory(directory), for: [.created, .movedIn])
    }
  }

  private func handle(_ event: FileEvent) {
    let directory = Path.directory(registry.file)
    if event.kinds.contains(.watchEnded) || event.name == Path.name(directory) {
      watch()
      reload()
    } else if event.name == Path.name(registry.file) || event.kinds.contains(.overflow) {
      reload()
    }
  }

  /// Reads the registry, tells what changed and calls back.
  func reload(_ done: @escaping @LoopActor () -> Void = {}) {
    let registry = registry
    worker.run {
      registry.read().map { benchmark in
        let isThere = FileIO.isDirectory(benchmark.path)
        return Entry(
          benchmark: benchmark, path: isThere ? FileIO.realPath(benchmark.path) : nil)
      }
    } then: { [weak self] entries in
      defer { done() }
      guard let self, entries != self.entries else { return }
      self.entries = entries
      self.publish("registry", ["changed": true, "benchmarks": self.json])
    }
  }

  /// The registered projects, with the numbers of those that have been opened.
  var json: JSON { .array(entries.map { json(of: $0) }) }

  private func json(of entry: Entry) -> JSON {
    var object = entry.benchmark.json.object ?? [:]
    object["available"] = .bool(entry.path != nil)
    object["is_home"] = .bool(entry.path == homePath)
    if let project = entry.path.flatMap(opened), let numbers = project.numbers {
      for (name, value) in numbers { object[name] = value }
    }
    return .object(object)
  }

  /// Something in a project is another: its numbers are told after a moment.
  func changed(_ project: Project) {
    let path = project.path
    guard timers[path] == nil, entries.contains(where: { $0.path == path }) else { return }
    let timer = LoopTimer { [weak self] in
      guard let self else { return }
      self.timers[path] = nil
      for entry in self.entries where entry.path == path {
        self.publish("benchmark", ["benchmark": self.json(of: entry)])
      }
    }
    timer.schedule(after: Self.pause)
    timers[path] = timer
  }
}
