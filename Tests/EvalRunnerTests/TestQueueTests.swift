import Core
import EvalFiles
import Testing

@testable import EvalRunner

@Suite(.timeLimit(.minutes(1))) struct TestQueueTests {
  private static func test(
    _ id: String, after ids: [String] = [], _ onFailure: TestDependencies.OnFailure = .skip
  ) -> EvalTest {
    var test = EvalTest(id: id, suite: "s", input: [])
    test.dependencies = TestDependencies(ids: ids, onFailure: onFailure)
    return test
  }

  private func queue(
    _ tests: [EvalTest], earlier: [String: ExecutionStatus] = [:]
  ) -> TestQueue {
    let planned = tests.map {
      PlannedTest(
        test: $0, identity: TestIdentity(evalFile: "f", testID: $0.id, target: "t"))
    }
    return TestQueue(planned, DependencyGraph(planned) { earlier[$0] })
  }

  @Test func `tests without dependencies come in the order of the file, each once`() async {
    let queue = queue([Self.test("a"), Self.test("b")])
    #expect(await queue.next() == .run(0))
    #expect(await queue.next() == .run(1))
    #expect(await queue.next() == nil)
  }

  @Test func `a test comes as soon as its dependencies are done, not before`() async {
    let queue = queue([
      Self.test("last", after: ["slow", "quick"]), Self.test("slow"), Self.test("quick"),
      Self.test("second", after: ["quick"]),
    ])
    #expect(await queue.next() == .run(1))
    #expect(await queue.next() == .run(2))
    queue.ended(2, .ok)
    #expect(await queue.next() == .run(3))
    let waiting = Task { await queue.next() }
    queue.ended(1, .ok)
    #expect(await waiting.value == .run(0))
  }

  @Test func `only what could not be run or judged fails its dependents`() async {
    let queue = queue([
      Self.test("low"), Self.test("broken"), Self.test("a", after: ["low"]),
      Self.test("b", after: ["low", "broken"]),
    ])
    _ = await queue.next()
    _ = await queue.next()
    queue.ended(0, .qualityFailure)
    queue.ended(1, .executionError)
    #expect(await queue.next() == .run(2))
    #expect(await queue.next() == .skip(3, failed: ["broken"]))
  }

  @Test func `a test may run whatever became of its dependencies`() async {
    let queue = queue([Self.test("broken"), Self.test("a", after: ["broken"], .run)])
    _ = await queue.next()
    queue.ended(0, .executionError)
    #expect(await queue.next() == .run(1))
  }

  @Test(arguments: [
    (nil, TestQueue.Turn.run(0)), (ExecutionStatus.ok, .run(0)), (.qualityFailure, .run(0)),
    (.executionError, .skip(0, failed: ["x"])),
  ])
  func `a dependency that does not run now counts by its earlier row`(
    _ status: ExecutionStatus?, _ turn: TestQueue.Turn
  ) async {
    let queue = queue(
      [Self.test("a", after: ["x"])], earlier: status.map { ["x": $0] } ?? [:])
    #expect(await queue.next() == turn)
  }

  @Test func `a test that was given back ends what depends on it, and nobody waits for ever`()
    async
  {
    let queue = queue([Self.test("a"), Self.test("b", after: ["a"])])
    _ = await queue.next()
    let waiting = Task { await queue.next() }
    queue.ended(0, nil)
    #expect(await waiting.value == nil)
  }

  @Test func `a stop wakes the workers that wait`() async {
    let queue = queue([Self.test("a"), Self.test("b", after: ["a"])])
    _ = await queue.next()
    let waiting = Task { await queue.next() }
    queue.close()
    #expect(await waiting.value == nil)
  }

  @Test(arguments: [
    (["a": ["b"]], "Test 'a' depends on 'b', which is not a test of this file"),
    (["a": ["a"]], "Test 'a' depends on itself"),
    (["a": ["b"], "b": ["c"], "c": ["a"]], "Circular dependency detected: a → b → c → a"),
    (["a": [], "b": ["c"], "c": ["b"]], "Circular dependency detected: b → c → b"),
    (["a": [], "b": ["a"], "c": ["a", "b"]], nil),
  ])
  func `what is wrong with a graph is named`(_ graph: [String: [String]], _ problem: String?) {
    let tests = graph.keys.sorted().map { Self.test($0, after: graph[$0] ?? []) }
    #expect(DependencyGraph.problem(tests) == problem)
  }
}
