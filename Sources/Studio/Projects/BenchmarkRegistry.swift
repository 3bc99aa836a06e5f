// ~/.agentv/benchmarks.yaml: the project directories that have an id (reference: studio-api 3.2).
// Read for every request that names one, as upstream does; blocking.

public import Core
import EvalFiles

/// A registered project directory.
public struct Benchmark: Sendable, Hashable {
  /// Id in routes.
  public var id: String
  /// Name for people.
  public var name: String
  /// Absolute path of the project directory.
  public var path: String
  /// When it was registered, as the file says it.
  public var addedAt: String
  /// When it was last opened, as the file says it.
  public var lastOpenedAt: String

  /// The entry, on the wire and in the file.
  public var json: JSON {
    [
      "id": .string(id), "name": .string(name), "path": .string(path),
      "added_at": .string(addedAt), "last_opened_at": .string(lastOpenedAt),
    ]
  }
}

/// Why a directory cannot be registered.
public struct BenchmarkRegistryError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong and what helps.
  public let description: String
}

/// The registry of one user.
public struct BenchmarkRegistry: Sendable {
  static let limitBytes = 1 << 20

  /// The file.
  public let file: String

  /// The registry of a home directory.
  public init(home: String) { file = Path.join(home, ".agentv/benchmarks.yaml") }

  /// The entries that can be used; a file that is missing or unreadable has none.
  public func read() -> [Benchmark] {
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
      return Benchmark(
        id: id, name: entry["name"]?.string ?? Path.name(path), path: path,
        addedAt: entry["added_at"]?.string ?? "",
        lastOpenedAt: entry["last_opened_at"]?.string ?? "")
    }
  }

  /// Registers a directory; one that is registered already keeps its entry.
  /// - Throws: `BenchmarkRegistryError` when it is no project, or the file cannot be written.
  public func add(_ directory: String, at now: Timestamp) throws -> Benchmark {
    let path = Path.normalize(directory)
    guard path.hasPrefix("/"), FileIO.isDirectory(path) else {
      throw BenchmarkRegistryError(description: "Directory not found: \(path)")
    }
    guard FileIO.isDirectory(Path.join(path, ".agentv")) else {
      throw BenchmarkRegistryError(
        description: "No .agentv/ directory found in \(path). Run an evaluation first.")
    }
    return try change { benchmarks in
      if let known = benchmarks.first(where: { $0.path == path }) { return known }
      let benchmark = Benchmark(
        id: Self.id(of: Path.name(path), taken: Set(benchmarks.map(\.id))),
        name: Path.name(path), path: path, addedAt: now.description,
        lastOpenedAt: now.description)
      benchmarks.append(benchmark)
      return benchmark
    }
  }

  /// Takes an entry out; the directory stays.
  /// - Returns: whether there was one.
  /// - Throws: `BenchmarkRegistryError` when the file cannot be written.
  public func remove(_ id: String) throws -> Bool {
    try change { benchmarks in
      let count = benchmarks.count
      benchmarks.removeAll { $0.id == id }
      return benchmarks.count < count
    }
  }

  /// Notes that a benchmark was opened.
  func touch(_ id: String, at now: Timestamp) throws {
    try change { benchmarks in
      for index in benchmarks.indices where benchmarks[index].id == id {
        benchmarks[index].lastOpenedAt = now.description
      }
    }
  }

  /// Changes the file under a lock, so that two programs do not undo each other's change.
  private func change<Result>(_ body: (inout [Benchmark]) -> Result) throws -> Result {
    do throws(FileError) {
      try FileIO.createDirectories(Path.directory(file))
      let lock = try? FileLock("\(file).lock")
      defer { withExtendedLifetime(lock) {} }
      let old = read()
      var new = old
      let result = body(&new)
      if new != old {
        let json: JSON = ["benchmarks": .array(new.map(\.json))]
        try FileIO.replace(file, Array(YAMLFile.text(json).utf8))
      }
      return result
    } catch {
      throw BenchmarkRegistryError(description: error.description)
    }
  }

  /// The id of a directory's name: lower case, other characters than letters, digits and `-` as `-`.
  static func id(of name: String, taken: Set<String>) -> String {
    var id = ""
    for character in name.lowercased() {
      let isKept =
        character.isASCII && (character.isLetter || character.isNumber || character == "-")
      if isKept {
        id.append(character)
      } else if !id.hasSuffix("-") {
        id.append("-")
      }
    }
    id = String(id.drop { $0 == "-" }.reversed().drop { $0 == "-" }.reversed())
    if id.isEmpty { id = "benchmark" }
    var unique = id
    var number = 2
    while taken.contains(unique) {
      unique = "\(id)-\(number)"
      number += 1
    }
    return unique
  }
}
