import Core
import EvalFiles
import TestSupport
import Testing

@testable import Graders

@Suite(.timeLimit(.minutes(1))) struct CompositeTests {
  private func member(
    _ name: String, _ value: String, weight: Double = 1, required: RequiredGate? = nil,
    negate: Bool = false
  ) -> GraderSpec {
    GraderSpec(
      name: name, type: "contains", weight: weight, required: required, negate: negate,
      config: ["value": .string(value)])
  }

  private func composite(
    _ aggregator: JSON, _ members: [GraderSpec], name: String = "g"
  ) -> GraderSpec {
    var spec = GraderSpec(name: name, type: "composite", config: ["aggregator": aggregator])
    spec.members = members
    return spec
  }

  private func grade(
    _ aggregator: JSON, _ members: [GraderSpec], target: ScriptedTarget? = nil,
    directory: String = "/"
  ) async throws -> GraderScore {
    var run = input("hello")
    run.targets = target
    run.test.directory = directory
    return try await GraderRegistry.grade(composite(aggregator, members), run)
  }

  @Test func `the weighted average takes the aggregator's weights before the members'`()
    async throws
  {
    let score = try await grade(
      ["type": "weighted_average", "weights": ["a": 3]],
      [member("a", "hello"), member("b", "bye", weight: 2), member("c", "bye")])
    #expect(score.score == 0.5)
    #expect(score.verdict == .fail)
    #expect(
      score.assertions.map(\.text) == [
        "[a] Output contains \"hello\"", "[b] Output does not contain \"bye\"",
        "[c] Output does not contain \"bye\"",
      ])
    #expect(score.scores.map(\.weight) == [3, 2, 1])
    let entry = score.json
    #expect(entry["input"] == ["aggregator": "weighted_average", "weights": ["a": 3]])
    #expect(
      entry["scores"]?[0]?.object?.names == [
        "name", "type", "score", "weight", "verdict", "assertions",
      ])
  }

  @Test(arguments: [(0.5, Verdict.pass), (0.6, .fail)])
  func `the threshold counts members that pass`(level: Double, verdict: Verdict) async throws {
    let score = try await grade(
      ["type": "threshold", "threshold": .double(level)],
      [member("a", "hello"), member("b", "bye")])
    #expect((score.score, score.verdict) == (0.5, verdict))
    #expect(
      score.assertions.first
        == AssertionResult(
          "1/2 evaluators passed (threshold: \(NumberText.plain(level)))", passed: verdict == .pass)
    )
    #expect(score.json["scores"]?[0]?["weight"] == nil)
  }

  @Test func `members may be negated`() async throws {
    let score = try await grade(
      ["type": "weighted_average"],
      [member("a", "hello"), member("b", "bye", negate: true)])
    #expect(score.score == 1)
  }

  @Test(
    arguments: [["type": "weighted_average"], ["type": "threshold", "threshold": 0.1]] as [JSON])
  func `a required member below its level brings the composite to 0`(aggregator: JSON) async throws
  {
    let score = try await grade(
      aggregator, [member("a", "hello"), member("b", "bye", required: .yes)])
    #expect((score.score, score.verdict) == (0, .fail))
    #expect(score.assertions.last?.text == "[b] required: score 0 is below 0.8")
  }

  @Test func `skipped members are left out, and with them alone the composite is skipped`()
    async throws
  {
    let skipping = GraderSpec(name: "m", type: "llm-grader")
    let mixed = try await grade(
      ["type": "threshold", "threshold": 1], [member("a", "hello"), skipping])
    #expect((mixed.score, mixed.verdict) == (1, .pass))
    #expect(mixed.scores.map(\.verdict) == [.pass, .skip])
    for type in ["weighted_average", "threshold", "code-grader", "llm-grader"] {
      let score = try await grade(
        ["type": .string(type), "threshold": 1, "path": "exit 1"], [skipping])
      #expect(score.verdict == .skip, "\(type)")
      #expect(
        score.assertions.map(\.text) == ["All evaluators skipped (infrastructure failure)"])
    }
  }

  @Test func `a script puts the results together`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "sum.sh",
      #"cat > in.json; echo '{"score": 0.4, "verdict": "pass", "assertions": [{"text": "sum", "passed": true}]}'"#
    )
    let score = try await grade(
      ["type": "code-grader", "path": "sh ./sum.sh"], [member("a", "hello"), member("a", "bye")],
      directory: directory.path)
    #expect((score.score, score.verdict) == (0.4, .pass))
    #expect(score.assertions == [AssertionResult("sum", passed: true)])
    let sent = try JSON.parse(FileIO.read(directory.file("in.json")))
    #expect(sent["results"]?["a"]?["score"] == 1)
    #expect(sent["results"]?["a-2"]?["verdict"] == "fail")
    #expect(
      sent["results"]?["a"]?["assertions"] == [
        ["text": "Output contains \"hello\"", "passed": true]
      ])
  }

  @Test(arguments: [
    ("echo why >&2; exit 2", "Code aggregator failed: Code evaluator exited with code 2: why"),
    ("echo 1", "Code aggregator failed: expected a JSON object on stdout, found 1"),
    ("true", "Code aggregator failed: expected a JSON object on stdout, found nothing"),
  ])
  func `a script that fails makes the composite 0`(script: String, text: String) async throws {
    let score = try await grade(
      ["type": "code-grader", "path": .string(script)], [member("a", "hello")])
    #expect((score.score, score.verdict) == (0, .fail))
    #expect(score.assertions.map(\.text) == [text])
    #expect(score.scores.count == 1)
  }

  @Test func `a model puts the results together`() async throws {
    let target = ScriptedTarget(#"{"score": 0.85, "assertions": [{"text": "t", "passed": true}]}"#)
    let score = try await grade(
      ["type": "llm-grader", "prompt": "Weigh {{EVALUATOR_RESULTS_JSON}}!"],
      [member("a", "hello")], target: target)
    #expect((score.score, score.verdict, score.target) == (0.85, .pass, "judge"))
    #expect(target.questions.count == 1)
    #expect(target.questions[0].prompt.hasPrefix("Weigh {\n  \"a\": {\n    \"score\": 1,"))
    let broken = try await grade(
      ["type": "llm-grader"], [member("a", "hello")], target: ScriptedTarget("nonsense"))
    #expect(broken.assertions.map(\.text) == ["LLM aggregator failed"])
    #expect(broken.score == 0)
  }

  @Test func `the prompt of a model that puts results together may be a file`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("agg.md", "From a file: {{EVALUATOR_RESULTS_JSON}}")
    let target = ScriptedTarget(#"{"score": 1}"#)
    _ = try await grade(
      ["type": "llm-grader", "prompt": "file://agg.md"], [member("a", "hello")], target: target,
      directory: directory.path)
    #expect(target.questions[0].prompt.hasPrefix("From a file: {"))
  }

  @Test func `composites nest, and say when they are too deep`() async throws {
    func nested(_ depth: Int) -> GraderSpec {
      depth == 0
        ? member("leaf", "hello")
        : composite("weighted_average", [nested(depth - 1)], name: "c\(depth)")
    }
    let fine = try await grade(["type": "weighted_average"], [nested(15)])
    #expect(fine.score == 1)
    #expect(
      fine.json["scores"]?[0]?["scores"]?[0]?["name"] == "c14")
    let deep = try await grade(["type": "weighted_average"], [nested(400)])
    #expect(deep.score == 0)
    #expect(deep.assertions.first?.text.contains("nested deeper than 16") == true)
  }

  @Test func `many members run a few at a time and stay in order`() async throws {
    let members = (0..<200).map { member("m\($0)", $0 % 2 == 0 ? "hello" : "bye") }
    let score = try await grade(["type": "weighted_average"], members)
    #expect(score.score == 0.5)
    #expect(score.scores.map(\.name) == (0..<200).map { "m\($0)" })
  }

  @Test(
    arguments: [
      (.null, 1, "it needs an `aggregator` with a type"),
      (["type": "median"], 1, "found 'median'"),
      (["type": "threshold"], 1, "must be a number from 0 to 1, found none"),
      (["type": "code-grader"], 1, "needs a `path`"),
      (
        ["type": "weighted_average"], 0,
        "it needs `assertions`: a list of graders that is not empty"
      ),
    ] as [(JSON, Int, String)])
  func `a composite that makes no sense fails and says why`(
    aggregator: JSON, count: Int, text: String
  ) async throws {
    let score = try await grade(
      aggregator, (0..<count).map { member("m\($0)", "x") })
    #expect(score.assertions.first?.text.hasPrefix("Grader 'g' failed: ") == true)
    #expect(score.assertions.first?.text.contains(text) == true, "\(score.assertions)")
  }
}
