// ~/.agentv/benchmarks.yaml: the project directories that have an id. Read for every request that
// names one, as upstream does; blocking.

import Core
import EvalFiles

struct Benchmark: Sendable, Hashable {
  var id: String
  var name: String
  /// Absolute path of the project directory.
  var path: String
}

struct BenchmarkRegistry: Sendable {
  static let limitBytes = 1 << 20

  let file: String

  /// The registry of a home directory.
  init(home: String) { file = Path.join(home, ".agentv/benchmarks.yaml") }

  /// The entries that can be used; a file that is missing or unreadable has none.
  func read() -> [Benchmark] {
    guard let json = YAMLFile.read(file, limitBytes: Self.limitBytes) else { return [] }
    return Self.benchmarks(json)
  }

  /// The benchmark of an id whose directory is there.
  func find(_ id: String) -> Benchmark? {
    read().first { $0.id == id && FileIO.isDirectory($0.path) }
  }

  static func benchmarks(_ json: JSON) -> [Benchmark] {
    (json["benchmarks"]?.array ?? []).compactMap { entry in
      guard let id = entry["id"]?.string, let path = entry["path"]?.string, path.hasPrefix("/")
      else { return nil }
      return Benchmark(id: id, name: entry["name"]?.string ?? Path.name(path), path: path)
    }
  }
}
