import Core
import EvalFiles
import RunArtifacts
import Testing

@testable import EvalRunner

@Suite struct PlanTests {
  private func suite(
    _ name: String, tests: [EvalTest] = [PlanTests.test("a"), PlanTests.test("b/c")],
    tags: [String] = [], execution: ExecutionSettings = ExecutionSettings()
  ) -> EvalSuite {
    EvalSuite(
      path: "/p/\(name)", relativePath: name, name: name, tags: tags, execution: execution,
      tests: tests)
  }

  private static func test(_ id: String, targets: [String]? = nil) -> EvalTest {
    EvalTest(id: id, suite: "s", input: [], targets: targets)
  }

  private func plan(_ suites: [EvalSuite], _ change: (inout EvalOptions) -> Void = { _ in })
    -> [String]
  {
    var options = EvalOptions()
    change(&options)
    return RunPlan(suites, options).tests.map(\.identity.description)
  }

  @Test func `files in order, then targets, then tests`() {
    let references = ["x", "y"].map { TargetReference(name: $0, raw: .string($0)) }
    #expect(
      plan([
        suite("1.yaml"),
        suite("2.yaml", execution: ExecutionSettings(targets: references)),
      ]) == [
        "1.yaml::a::default", "1.yaml::b/c::default", "2.yaml::a::x", "2.yaml::b/c::x",
        "2.yaml::a::y", "2.yaml::b/c::y",
      ])
  }

  @Test func `targets of the command line beat the file's, each once`() {
    #expect(
      plan([suite("1", execution: ExecutionSettings(target: "own"))]) {
        $0.targets = ["x", "x", "default"]
        $0.testIDs = ["a"]
      } == ["1::a::x", "1::a::default"])
  }

  @Test func `a test's own list of targets counts only where there is a choice`() {
    let tests = [Self.test("a", targets: ["y"])]
    #expect(plan([suite("1", tests: tests)]) { $0.targets = ["x"] } == ["1::a::x"])
    #expect(plan([suite("1", tests: tests)]) { $0.targets = ["x", "y"] } == ["1::a::y"])
  }

  @Test func `ids are globs that stay inside a segment`() {
    #expect(plan([suite("1")]) { $0.testIDs = ["*"] } == ["1::a::default"])
    #expect(plan([suite("1")]) { $0.testIDs = ["b/*", "zzz"] } == ["1::b/c::default"])
    #expect(plan([suite("1")]) { $0.testIDs = ["nothing"] }.isEmpty)
  }

  @Test func `tags are AND, excluded tags are OR, untagged files fail a tag`() {
    let suites = [
      suite("1", tags: ["fast", "nightly"]), suite("2", tags: ["fast"]), suite("3"),
    ]
    func files(_ change: (inout EvalOptions) -> Void) -> [String] {
      var options = EvalOptions()
      change(&options)
      return RunPlan(suites, options).files.map(\.suite.name)
    }
    #expect(files { $0.tags = ["fast"] } == ["1", "2"])
    #expect(files { $0.tags = ["fast", "nightly"] } == ["1"])
    #expect(files { $0.excludeTags = ["nightly", "x"] } == ["2", "3"])
  }

  @Test func `what a resume does not say is taken from the stored launch`() throws {
    var launched = EvalOptions()
    launched.targets = ["x"]
    launched.threshold = 0.5
    launched.dryRun = true
    launched.dryRunDelayMS = 9
    launched.workers = 7
    let stored = try #require(RunLaunch(json: launched.launch(evalFiles: ["a.yaml"]).json))
    let plain = EvalOptions().merged(with: stored)
    #expect(plain.paths == ["a.yaml"])
    #expect(plain.targets == ["x"])
    #expect(plain.threshold == 0.5)
    #expect(plain.dryRun)
    #expect(plain.dryRunDelay == 9...9)
    var given = EvalOptions()
    given.workers = 2
    given.dryRunDelayMaxMS = 4
    #expect(given.merged(with: stored).workers == 2)
    #expect(given.merged(with: stored).dryRunDelay == 0...4)
  }

  @Test func `a target named as its rows show it means the requested one`() {
    var options = EvalOptions()
    options.targets = ["real", "other", "alias"]
    let rows = [row("a", 1, target: "real", requested: "alias")]
    let translated = options.translated(EarlierRows(rows), stored: nil)
    #expect(translated.targets == ["alias", "other", "alias"])
  }

  @Test(arguments: [
    ("threshold", "--threshold must be between 0 and 1, got: 1.5"),
    ("workers", "Workers must be between 1 and 50, got: 51"),
    (
      "experiment",
      "Invalid experiment name \"a/b\". Use only letters, numbers, \".\", \"_\" and \"-\"."
    ),
    ("timeout", "--agent-timeout must be a positive number of seconds, got: 0.0"),
    ("retries", "--max-retries must be 0 or more, got: -1"),
    ("overwrite", "--overwrite cannot be combined with --resume or --rerun-failed"),
  ])
  func `a value out of range is refused by name`(_ field: String, _ message: String) {
    var options = EvalOptions()
    switch field {
    case "threshold": options.threshold = 1.5
    case "workers": options.workers = 51
    case "experiment": options.experiment = "a/b"
    case "timeout": options.agentTimeoutSeconds = 0
    case "retries": options.maxRetries = -1
    default:
      options.overwrite = true
      options.resume = true
    }
    #expect(throws: EvalRunError(message)) { try options.validate() }
  }

  @Test func `exit codes follow the table`() {
    let ok = row("a", 1)
    let bad = row("b", 0.5)
    let error = row("c", 0, .executionError, error: "x")
    func code(
      _ rows: [ResultRow], threshold: Double? = nil, strict: Bool = false, signal: Int32? = nil,
      failed: Bool = false
    ) -> Int32 {
      ExitCode.of(
        rows, threshold: threshold, failOnError: strict, signal: signal, hasFailed: failed)
    }
    #expect(code([ok, bad, error]) == 0)
    #expect(code([ok, bad], threshold: 0.8) == 1)
    #expect(code([ok, error], threshold: 0.8) == 0)
    #expect(code([error], threshold: 0.8) == 2)
    #expect(code([error], strict: true) == 2)
    #expect(code([ok, error], strict: true) == 1)
    #expect(code([ok, bad], strict: true) == 1)
    #expect(code([ok], strict: true) == 0)
    #expect(code([ok], signal: 15) == 143)
    #expect(code([error], signal: 2) == 130)
    #expect(code([ok], signal: 2, failed: true) == 1)
    #expect(code([]) == 0)
  }
}
