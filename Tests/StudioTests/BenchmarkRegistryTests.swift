import Core
import TestSupport
import Testing

@testable import Studio

@Suite(.timeLimit(.minutes(1))) struct BenchmarkRegistryTests {
  private let scratch: TemporaryDirectory
  private let registry: BenchmarkRegistry
  private let now = Timestamp(millisecondsSinceEpoch: 1_000)

  init() throws {
    scratch = try TemporaryDirectory()
    registry = BenchmarkRegistry(home: scratch.file("home"))
  }

  private func project(_ name: String) throws -> String {
    try FileIO.createDirectories(scratch.file("\(name)/.agentv"))
    return scratch.file(name)
  }

  @Test func `an entry is added once and removed by its id`() throws {
    #expect(registry.read().isEmpty)
    let path = try project("My Evals (2)")
    let benchmark = try registry.add(path, at: now)
    #expect(benchmark.id == "my-evals-2" && benchmark.name == "My Evals (2)")
    #expect(try registry.add(path, at: Timestamp(millisecondsSinceEpoch: 2_000)) == benchmark)
    #expect(registry.read() == [benchmark])
    #expect(try registry.remove("my-evals-2"))
    #expect(try !registry.remove("my-evals-2"))
    #expect(registry.read().isEmpty)
  }

  @Test func `opening one changes only its own time`() throws {
    let first = try registry.add(try project("a"), at: now)
    let second = try registry.add(try project("b"), at: now)
    try registry.touch("b", at: Timestamp(millisecondsSinceEpoch: 5_000))
    let entries = registry.read()
    #expect(entries[0] == first && entries[1].addedAt == second.addedAt)
    #expect(entries[1].lastOpenedAt == "1970-01-01T00:00:05.000Z")
    let text = String(decoding: try FileIO.read(registry.file), as: UTF8.self)
    #expect(text.contains("last_opened_at:") && text.hasPrefix("benchmarks:\n  - id: a\n"))
  }

  @Test(
    arguments: [
      ("A b", [], "a-b"), ("--x--", [], "x"), ("äö", [], "benchmark"), ("x", ["x"], "x-2"),
      ("x", ["x", "x-2"], "x-3"), ("a_b.c", [], "a-b-c"),
    ] as [(String, Set<String>, String)])
  func `an id is made of a name`(_ name: String, _ taken: Set<String>, _ id: String) {
    #expect(BenchmarkRegistry.id(of: name, taken: taken) == id)
  }

  @Test func `what is no project is refused with the reason`() throws {
    try FileIO.createDirectories(scratch.file("bare"))
    for path in [scratch.file("bare"), scratch.file("nothing")] {
      #expect(throws: BenchmarkRegistryError.self) { try registry.add(path, at: now) }
    }
    #expect(registry.read().isEmpty)
  }

  @Test func `bad entries are passed over`() throws {
    try scratch.write(
      "home/.agentv/benchmarks.yaml",
      "benchmarks:\n  - id: a\n    path: /x\n  - path: /y\n  - 7\n  - id: c\n    path: rel\n")
    #expect(registry.read().map(\.id) == ["a"])
  }
}
