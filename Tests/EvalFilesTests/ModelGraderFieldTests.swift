import Core
import TestSupport
import Testing

@testable import EvalFiles

/// Criteria, prompts and preprocessors of graders that ask a model.
@Suite struct ModelGraderFieldTests {
  private func grader(
    _ yaml: String, suite: String = "", files: [String: String] = [:]
  ) throws -> (spec: GraderSpec?, test: EvalTest?, notes: [String], project: Project) {
    let (test, notes, project) = try test(
      "input: i\ncriteria: c\nassertions: [\(yaml)]", suite: suite, files: files)
    return (test?.assertions.first, test, notes, project)
  }

  @Test func `criteria are texts or items with every field`() throws {
    let found = try grader(
      """
      {type: rubrics, criteria: [plain, {id: own, outcome: o, weight: 2.5, required: false, \
      min_score: 0.5}, {outcome: x, required: 0.7}, {outcome: y, required_min_score: 8}]}
      """)
    #expect(
      found.spec?.rubrics == [
        RubricItem(id: "rubric-1", outcome: "plain", required: true),
        RubricItem(id: "own", outcome: "o", weight: 2.5, required: false, minScore: 0.5),
        RubricItem(id: "rubric-3", outcome: "x", required: true, minScore: 0.7),
        RubricItem(id: "rubric-4", outcome: "y", minScore: 0.8),
      ])
    #expect(found.notes.count { $0.contains("is deprecated") } == 2)
  }

  @Test func `score ranges are a list or a mapping from lower bounds`() throws {
    let wanted = [
      RubricItem.ScoreRange(low: 0, high: 4, outcome: "bad"),
      RubricItem.ScoreRange(low: 5, high: 10, outcome: "good"),
    ]
    for ranges in [
      "{0: bad, 5: good}",
      "[{score_range: [5, 10], outcome: good}, {score_range: [0, 4], outcome: bad}]",
    ] {
      let found = try grader("{type: rubrics, criteria: [{id: a, score_ranges: \(ranges)}]}")
      #expect(found.spec?.rubrics.first?.scoreRanges == wanted)
    }
  }

  @Test(arguments: [
    ("{1: x}", "leave out 0"), ("{}", "are empty"), ("{0: x, 11: y}", "from 0 to 10"),
    ("{0: ''}", "expected what an answer in this range is like"), ("5", "expected a list of"),
    ("[{score_range: [0, 5], outcome: a}, {score_range: [5, 10], outcome: b}]", "overlap at 5"),
    ("[{score_range: [0, 4], outcome: a}, {score_range: [6, 10], outcome: b}]", "leave out 5"),
    ("[{score_range: [0, 9], outcome: a}]", "end at 9"),
    ("[{score_range: [0, 1.5], outcome: a}]", "two whole numbers from 0 to 10"),
    ("[{score_range: [9, 0], outcome: a}]", "the lower one first"),
  ])
  func `score ranges that are no scale leave the test out`(ranges: String, text: String) throws {
    let found = try grader("{type: rubrics, criteria: [{id: a, score_ranges: \(ranges)}]}")
    #expect(found.test == nil)
    #expect(
      found.notes.contains { $0.contains("Skipping test 't'") && $0.contains(text) },
      "\(found.notes)")
  }

  @Test(arguments: [
    ("{weight: -1, outcome: x}", "expected a number of 0 or more"),
    ("{min_score: 2, outcome: x}", "expected a number above 0 and up to 1"),
    ("{required: maybe, outcome: x}", "expected true or false"), ("{id: a}", "needs an outcome"),
    ("5", "expected a text or a mapping"), ("{id: rubric-1, outcome: x}", "have the id 'rubric-1'"),
  ])
  func `a criterion that makes no sense is named`(item: String, text: String) throws {
    let found = try grader("{type: rubrics, criteria: [good, \(item)]}")
    #expect(found.test != nil)
    #expect(found.notes.contains { $0.contains(text) }, "\(found.notes)")
  }

  @Test func `a bare path that exists is read as the prompt, and said once`() throws {
    let found = try grader(
      "{type: llm-grader, prompt: ../prompts/p.md}, {type: llm-grader, prompt: ../prompts/p.md}",
      files: ["prompts/p.md": "Is it good?\n"])
    #expect(
      found.test?.assertions.map { $0.config["prompt"] } == ["Is it good?\n", "Is it good?\n"])
    #expect(found.notes.count == 1)
    #expect(found.notes.first?.contains("the prompt is the path of a file") == true)
  }

  @Test(arguments: ["../prompts/none.md", "Is it good?", "file", "a/b {{ output }}"])
  func `any other text is the prompt itself`(text: String) throws {
    let found = try grader("{type: llm-grader, prompt: \"\(text)\"}")
    #expect(found.spec?.config["prompt"] == .string(text))
    #expect(found.notes.isEmpty)
  }

  @Test func `a prompt file must show the answer, and unknown variables are named`() throws {
    let bad = try grader(
      "{type: llm-grader, prompt: file://p.md}", files: ["p.md": "{{ criteria }}"])
    #expect(bad.test == nil)
    #expect(bad.notes.first?.contains("must contain {{ output }} or {{ expected_output }}") == true)
    let odd = try grader(
      "{type: llm-grader, prompt: file://p.md}", files: ["p.md": "{{ output }} {{ odd }}"])
    #expect(odd.test != nil)
    #expect(odd.notes.first?.contains("unknown variable {{ odd }}") == true)
  }

  @Test func `a prompt script must be there`() throws {
    let found = try grader("{type: llm-grader, prompt: {command: [node, x.ts]}}")
    #expect(found.notes.first?.contains("prompt script not found: x.ts") == true)
    let good = try grader(
      "{type: llm-grader, prompt: {command: [node, x.ts]}}", files: ["x.ts": ""])
    #expect(good.test != nil && good.notes.isEmpty)
  }

  @Test func `preprocessors of the suite are inherited, own ones replace those of the same type`()
    throws
  {
    let found = try grader(
      "{type: llm-grader, preprocessors: [{type: application/pdf, command: [own.sh]}]}",
      suite: "preprocessors: [{type: pdf, command: [sh, a.sh]}, {type: csv, command: [b.sh]}]",
      files: ["a.sh": "", "b.sh": "", "own.sh": ""])
    let directory = found.project.directory
    #expect(
      found.spec?.preprocessors == [
        Preprocessor(type: "csv", command: [directory.file("b.sh")]),
        Preprocessor(type: "application/pdf", command: [directory.file("own.sh")]),
      ])
  }

  @Test(arguments: [
    ("{command: [x]}", "needs a type"), ("{type: pdf}", "needs a command"),
    ("{type: pdf, command: [sh, none.sh]}", "preprocessor script not found: none.sh"),
  ])
  func `a preprocessor that cannot be used is named`(entry: String, text: String) throws {
    let found = try grader("{type: llm-grader, preprocessors: [\(entry)]}")
    #expect(found.spec?.preprocessors.isEmpty == true)
    #expect(found.notes.first?.contains(text) == true, "\(found.notes)")
  }

  @Test func `members of a composite are read like other graders`() throws {
    let found = try grader(
      """
      {type: composite, aggregator: {type: weighted_average}, assertions: [a text, \
      {type: is_json, weight: 2}, {name: m, type: rubrics, criteria: [x]}, {type: is-json}]}
      """)
    #expect(found.spec?.members.map(\.name) == ["rubrics", "is-json", "m", "is-json-4"])
    #expect(found.spec?.members[1].weight == 2)
    #expect(found.spec?.members[2].rubrics.count == 1)
  }

  @Test(arguments: [
    ("{type: latency}", "a latency grader needs a number of milliseconds"),
    ("{type: cost, budget: -1}", "a cost grader needs a number of US dollars"),
    ("{type: token-usage}", "at least one of max_total, max_input, max_output"),
    ("{type: execution-metrics, max_tokens: x}", "expected a number of 0 or more"),
    ("{type: skill-trigger}", "needs the name of a skill"),
    ("{type: tool-trajectory, mode: odd}", "needs one of any_order, exact, in_order"),
    ("{type: tool-trajectory, mode: any_order}", "a mapping from tools to numbers of calls"),
    ("{type: tool-trajectory, mode: exact, expected: [{}]}", "each with the name of a tool"),
    ("{type: field-accuracy}", "a list of fields that is not empty"),
    ("{type: field-accuracy, fields: [{path: a, match: odd}]}", "expected one of date, exact"),
    ("{type: composite, assertions: [x]}", "needs an aggregator"),
    (
      "{type: composite, assertions: [x], aggregator: {type: threshold}}",
      "expected a number from 0 to 1"
    ),
    ("{type: composite, aggregator: {type: weighted_average}}", "a list of assertions"),
  ])
  func `a grader without its parameters is left out`(yaml: String, text: String) throws {
    let found = try grader("\(yaml), {type: is-json}")
    #expect(found.test?.assertions.map(\.type) == ["is-json"])
    #expect(found.notes.contains { $0.contains(text) }, "\(found.notes)")
  }
}
