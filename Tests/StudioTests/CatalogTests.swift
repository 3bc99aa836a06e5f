import Core
import HTTPServer
import RunArtifacts
import TestSupport
import Testing

@testable import Studio

struct CatalogTests {
  private func run(_ path: String, in project: TemporaryDirectory) throws -> ListedRun {
    try project.write(".agentv/results/runs/\(path)/index.jsonl", "")
    let directory = RunDirectory(
      path: "\(project.path)/.agentv/results/runs/\(path)", project: project.path)
    return ListedRun(try RunMeta(directory), jobTarget: "asked")
  }

  @Test func `runs appear, change and vanish once each`() throws {
    let project = try TemporaryDirectory()
    var catalog = RunCatalog()
    let first = try run("default/2026-05-07T10-00-00-000Z", in: project)
    #expect(catalog.update(first.path, first) == .appeared)
    #expect(catalog.update(first.path, first) == nil)
    try project.write(
      ".agentv/results/runs/default/2026-05-07T10-00-00-000Z/index.jsonl",
      #"{"test_id":"a","target":"t","score":1}"# + "\n")
    let changed = ListedRun(
      try RunMeta(RunDirectory(path: first.path, project: project.path)), jobTarget: nil)
    #expect(catalog.update(first.path, changed) == .changed)
    #expect(catalog.update(first.path, nil) == .vanished)
    #expect(catalog.update(first.path, nil) == nil)
    #expect(catalog.revision == 3)
  }

  @Test func `the newest directory name stands first, experiments among them`() throws {
    let project = try TemporaryDirectory()
    var catalog = RunCatalog()
    for path in [
      "default/2026-05-07T10-00-00-000Z", "exp/2026-05-08T10-00-00-000Z",
      "2026-05-09T10-00-00-000Z", "default/zzz",
    ] {
      let run = try run(path, in: project)
      _ = catalog.update(run.path, run)
    }
    #expect(
      catalog.sorted.map(\.runID) == [
        "zzz", "2026-05-09T10-00-00-000Z", "exp::2026-05-08T10-00-00-000Z",
        "2026-05-07T10-00-00-000Z",
      ])
    let paths = catalog.paths(under: "\(project.path)/.agentv/results/runs/default")
    #expect(paths.count == 2)
  }

  @Test func `a run without rows is shown with the target that its job asked for`() throws {
    let run = try run("default/x", in: TemporaryDirectory())
    #expect(try JSON.parse(run.data)["target"]?.string == "asked")
  }
}

struct ProjectFilesTests {
  @Test(arguments: [
    (#"{}"#, 0.8), (#"{"studio":{"threshold":0.5}}"#, 0.5),
    (#"{"studio":{"pass_threshold":0.6}}"#, 0.6),
    (#"{"studio":{"threshold":0.5,"pass_threshold":0.6}}"#, 0.5), (#"{"pass_threshold":0.7}"#, 0.7),
    (#"{"studio":{},"pass_threshold":0.7}"#, 0.8), (#"{"studio":{"threshold":-0.5}}"#, 0),
    (#"{"studio":{"threshold":1.5}}"#, 1), (#"{"studio":{"threshold":"high"}}"#, 0.8),
    ("null", 0.8),
  ])
  func `the threshold is looked up as upstream does`(_ config: String, _ expected: Double) throws {
    #expect(ProjectSettings.threshold(try JSON.parse(config)) == expected)
  }

  @Test func `entries of the registry that cannot be used are passed over`() throws {
    let home = try TemporaryDirectory()
    let registry = BenchmarkRegistry(home: home.path)
    #expect(registry.read().isEmpty)
    try home.write(
      ".agentv/benchmarks.yaml",
      "benchmarks:\n  - id: a\n    name: A\n    path: \(home.path)\n  - id: b\n  - 7\n"
        + "  - id: c\n    path: relative\n")
    #expect(registry.read().map(\.id) == ["a"])
    #expect(registry.find("a")?.path == home.path && registry.find("b") == nil)
    try home.write(".agentv/benchmarks.yaml", "{: broken")
    #expect(registry.read().isEmpty)
  }

  @Test(
    arguments: [
      ("bytes=0-4", 0..<5), ("bytes=5-", 5..<10), ("bytes=-3", 7..<10), ("bytes=8-99", 8..<10),
      ("bytes=-99", 0..<10), ("bytes=10-", nil), ("bytes=5-2", nil), ("bytes=0-1,3-4", nil),
      ("lines=0-4", nil), ("bytes=a-b", nil), ("bytes=-0", nil),
    ] as [(String, Range<Int>?)])
  func `byte ranges are read as the standard says`(_ header: String, _ range: Range<Int>?) {
    #expect(LogFile.parse(header, size: 10) == range)
  }

  @Test func `no name leads out of the web root`() throws {
    let root = try TemporaryDirectory()
    try root.write("public/index.html", "page")
    try root.write("secret.txt", "secret")
    let files = StaticFiles(root: root.file("public"))
    #expect(files.response("index.html", ifNoneMatch: nil)?.status == 200)
    for name in ["../secret.txt", "assets/../../secret.txt", "/../secret.txt", "a\0b", ""] {
      #expect(files.response(name, ifNoneMatch: nil) == nil, "\(name)")
    }
  }

  @Test func `objects are put together without being read again`() throws {
    let object = RawJSON.object([("a", [UInt8](#"[1]"#.utf8)), ("q\"", [UInt8]("2".utf8))])
    #expect(try JSON.parse(object) == ["a": [1], "q\"": 2])
    #expect(try JSON.parse(RawJSON.adding("x", 1, to: [UInt8]("{}".utf8))) == ["x": 1])
    #expect(
      try JSON.parse(RawJSON.adding("x", 1, to: [UInt8](#"{"y":2}"#.utf8))) == ["x": 1, "y": 2])
    #expect(RawJSON.array([]) == [UInt8]("[]".utf8))
  }
}
