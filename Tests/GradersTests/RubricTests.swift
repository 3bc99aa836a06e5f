import Core
import EvalFiles
import Testing

@testable import Graders

@Suite(.timeLimit(.minutes(1))) struct RubricTests {
  private func grade(
    _ items: [RubricItem], _ reply: String, type: String = "rubrics"
  ) async throws -> (score: GraderScore, questions: [GraderQuestion]) {
    let target = ScriptedTarget(reply)
    var run = input("x")
    run.targets = target
    var spec = GraderSpec(name: "g", type: type)
    spec.rubrics = items
    return (try await GraderRegistry.grade(spec, run), target.questions)
  }

  private static let items = [
    RubricItem(id: "rubric-1", outcome: "first", required: true),
    RubricItem(id: "b", outcome: "second", weight: 3, required: false),
  ]

  @Test(
    arguments: [
      (
        #"[{"id": "rubric-1", "satisfied": true, "reasoning": "r"}, {"id": "b", "satisfied": true}]"#,
        1, .pass, [true, true]
      ),
      (
        #"[{"id": "rubric-1", "satisfied": true}, {"id": "b", "satisfied": false}]"#, 0.25, .fail,
        [true, false]
      ),
      // A required item that fails brings the verdict down, not the score.
      (
        #"[{"id": "rubric-1", "satisfied": false}, {"id": "b", "satisfied": true}]"#, 0.75, .fail,
        [false, true]
      ),
      // What is left out is not satisfied, what nobody asked for does not count.
      (
        #"[{"id": "rubric-1", "satisfied": true}, {"id": "zz", "satisfied": true}]"#, 0.25, .fail,
        [true, false]
      ),
      ("[]", 0, .fail, [false, false]),
      // The first of two checks of one item counts.
      (
        #"[{"id": "rubric-1", "satisfied": false}, {"id": "rubric-1", "satisfied": true}]"#, 0,
        .fail, [false, false]
      ),
      (
        #"[{"id": "rubric-1", "satisfied": "true"}, {"id": "b", "satisfied": "False"}]"#, 0.25,
        .fail, [true, false]
      ),
    ] as [(String, Double, Verdict, [Bool])])
  func `a checklist scores the weight of what is satisfied`(
    checks: String, expected: Double, verdict: Verdict, passed: [Bool]
  ) async throws {
    let (score, _) = try await grade(
      Self.items, #"{"checks": \#(checks), "overall_reasoning": "o"}"#)
    #expect((score.score, score.verdict) == (expected, verdict))
    #expect(score.assertions.map(\.passed) == passed)
    #expect(score.assertions.map(\.text) == ["[rubric-1] first", "[b] second"])
    #expect(score.type == "llm-grader")
  }

  @Test func `a checklist prompt names every item`() async throws {
    let (_, questions) = try await grade(Self.items, #"{"checks": []}"#)
    #expect(
      questions[0].prompt.hasSuffix(
        "[[ ## rubrics ## ]]\n- [rubric-1] (REQUIRED): first\n- [b] (weight: 3): second"))
    #expect(questions[0].systemPrompt?.contains("\"satisfied\"") == true)
  }

  @Test func `rubrics of an llm-grader are a checklist too`() async throws {
    let (score, questions) = try await grade(
      [RubricItem(id: "rubric-1", outcome: "first")],
      #"{"checks": [{"id": "rubric-1", "satisfied": true}]}"#, type: "llm-grader")
    #expect(score.score == 1)
    #expect(questions[0].prompt.contains("- [rubric-1] (REQUIRED): first"))
  }

  // MARK: Score ranges

  private static let ranged = [
    RubricItem(
      id: "a", outcome: "clear",
      scoreRanges: [range(0, 4, "bad"), range(5, 7, "fair"), range(8, 10, "good")]),
    RubricItem(
      id: "b", outcome: "", weight: 3, minScore: 0.5,
      scoreRanges: [range(0, 5, "no"), range(6, 10, "yes")]),
  ]

  private static func range(_ low: Int, _ high: Int, _ outcome: String) -> RubricItem.ScoreRange {
    RubricItem.ScoreRange(low: low, high: high, outcome: outcome)
  }

  @Test(
    arguments: [
      (
        #"[{"id": "a", "score": 8, "reasoning": "r"}, {"id": "b", "score": 10}]"#, 0.95, .pass,
        ["[a] clear - Score: 8/10 (good)", "[b] b - Score: 10/10 (yes)"], [true, true]
      ),
      (
        #"[{"id": "a", "score": 6}, {"id": "b", "score": 10}]"#, 0.9, .pass,
        ["[a] clear - Score: 6/10 (fair)", "[b] b - Score: 10/10 (yes)"], [false, true]
      ),
      (
        #"[{"id": "a", "score": 10.0}, {"id": "b", "score": 4}]"#, 0.55, .fail,
        ["[a] clear - Score: 10/10 (good)", "[b] b - Score: 4/10 (no)"], [true, false]
      ),
      (
        #"[{"id": "b", "score": 10}]"#, 0.75, .fail,
        ["[a] clear - Score: 0/10 (bad)", "[b] b - Score: 10/10 (yes)"], [false, true]
      ),
    ] as [(String, Double, Verdict, [String], [Bool])])
  func `criteria with ranges are scored from 0 to 10`(
    checks: String, expected: Double, verdict: Verdict, texts: [String], passed: [Bool]
  ) async throws {
    let (score, _) = try await grade(Self.ranged, #"{"checks": \#(checks)}"#)
    #expect(abs(score.score - expected) < 1e-9)
    #expect(score.verdict == verdict)
    #expect(score.assertions.map(\.text) == texts)
    #expect(score.assertions.map(\.passed) == passed)
    #expect(score.details?["normalization"] == "score / 10")
  }

  @Test func `a required criterion with ranges asks for ten of ten`() async throws {
    let item = RubricItem(
      id: "a", outcome: "x", required: true, scoreRanges: [Self.range(0, 10, "any")])
    let (score, _) = try await grade([item], #"{"checks": [{"id": "a", "score": 9}]}"#)
    #expect((score.score, score.verdict) == (0.9, .fail))
    #expect(score.assertions[0].passed == false)
  }

  @Test(arguments: ["11", "-1", "7.5", "\"9\"", "null"])
  func `a score that is none makes the reply unreadable`(value: String) async throws {
    let (score, questions) = try await grade(
      Self.ranged, #"{"checks": [{"id": "a", "score": \#(value)}]}"#)
    #expect(score.verdict == .skip)
    #expect(questions.count == 4)
  }

  @Test func `a prompt with ranges lists them`() async throws {
    let (_, questions) = try await grade(Self.ranged, #"{"checks": []}"#)
    #expect(
      questions[0].prompt.hasSuffix(
        """
        [[ ## scoring_criteria ## ]]

        ### Criterion: a
        Description: clear
        Score ranges:
          - Score 0-4: bad
          - Score 5-7: fair
          - Score 8-10: good

        ### Criterion: b (weight: 3) [REQUIRED: min score 0.5]
        Score ranges:
          - Score 0-5: no
          - Score 6-10: yes
        """))
  }

  // MARK: Items

  @Test func `two items of one id are told apart`() throws {
    var spec = GraderSpec(name: "g", type: "rubrics")
    spec.rubrics = [RubricItem(id: "a", outcome: "x"), RubricItem(id: "a", outcome: "y")]
    #expect(try Rubric.of(spec)?.criteria.map(\.id) == ["a", "a-2"])
    #expect(try Rubric.of(spec)?.criteria.map(\.required) == [true, true])
  }

  @Test func `a rubrics grader without a criterion that can be used fails`() async throws {
    let (score, questions) = try await grade([], "")
    #expect(
      score.assertions.map(\.text) == [
        "Grader 'g' failed: none of its criteria can be used; each needs an `outcome`"
      ])
    #expect(questions.isEmpty)
  }
}
