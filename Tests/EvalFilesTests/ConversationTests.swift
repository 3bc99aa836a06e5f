import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct ConversationTests {
  private static let one = "input: i\nmode: conversation\n"

  @Test func `a conversation has its turns and says how they are put together`() throws {
    let (loaded, notes, _) = try test(
      """
      input: [{role: system, content: s}]
      mode: conversation
      aggregation: min
      on_turn_failure: stop
      window_size: 2
      turns:
        - {input: a, expected_output: A, assertions: [{type: contains, value: x}, be nice, be brief]}
        - {input: [{type: text, value: b}]}
      """)
    #expect(notes.isEmpty, "\(notes)")
    let conversation = try #require(loaded?.conversation)
    #expect(conversation.aggregation == .min)
    #expect(conversation.onTurnFailure == .stop)
    #expect(conversation.windowSize == 2)
    #expect(conversation.turns.map(\.input.text) == ["a", "b"])
    #expect(conversation.turns[0].expectedOutput == [Message(role: "assistant", text: "A")])
    #expect(conversation.turns[0].assertions.map(\.type) == ["contains", "rubrics"])
    #expect(conversation.turns[1].assertions.isEmpty)
  }

  @Test func `without more it is the mean of all turns, and all is sent again`() throws {
    let conversation = try #require(
      try test(Self.one + "turns: [{input: a}]").test?.conversation)
    #expect(conversation.aggregation == .mean)
    #expect(conversation.onTurnFailure == .continue)
    #expect(conversation.windowSize == nil)
  }

  @Test func `a turn's files are read`() throws {
    let (loaded, _, _) = try test(
      Self.one + "turns: [{input: [{type: file, value: a.txt}]}]",
      files: ["evals/a.txt": "content"])
    let turn = try #require(loaded?.conversation?.turns.first)
    #expect(turn.input.content?.json[0]?["text"] == "content")
  }

  @Test(arguments: [
    ("turns: []", "turns: Skipping test 't': a test in `mode: conversation` needs a list of turns"),
    ("turns: x", "needs a list of turns, found the string"),
    ("window_size: 1", "needs a list of turns, found none"),
    ("turns: [{input: ''}]", "turns[0].input: Skipping test 't': expected what the user says"),
    ("turns: [{input: a}, {expected_output: b}]", "turns[1].input: Skipping test 't'"),
  ])
  func `a conversation that cannot be held leaves the test out`(
    lines: String, text: String
  ) throws {
    let (loaded, notes, _) = try test("criteria: k\n" + Self.one + lines)
    #expect(loaded == nil)
    #expect(notes.contains { $0.contains(text) }, "\(notes)")
  }

  @Test(arguments: [
    ("aggregation: sum", "aggregation: ignored: expected one of mean, min, max"),
    ("on_turn_failure: panic", "on_turn_failure: ignored: expected one of continue, stop"),
    ("window_size: 0", "window_size: ignored: expected a whole number from 1 on"),
  ])
  func `settings that make no sense are ignored with a warning`(
    lines: String, text: String
  ) throws {
    let (loaded, notes, _) = try test(Self.one + "turns: [{input: a}]\n" + lines)
    #expect(loaded?.conversation != nil)
    #expect(notes.contains { $0.contains(text) }, "\(notes)")
  }

  @Test func `turns without the mode are said to have no effect`() throws {
    let (loaded, notes, _) = try test("input: i\ncriteria: c\nturns: [{input: a}]")
    #expect(loaded?.conversation == nil)
    #expect(notes.contains { $0.contains("turns: without effect") }, "\(notes)")
  }
}

@Suite struct DependencyFieldTests {
  @Test func `a test names what it waits for, and what a failure of it means`() throws {
    let found = try test("input: i\ncriteria: c\ndepends_on: [a, b, a]\non_dependency_failure: run")
      .test
    #expect(found?.dependencies == TestDependencies(ids: ["a", "b"], onFailure: .run))
    #expect(
      try test("input: i\ncriteria: c").test?.dependencies
        == TestDependencies(ids: [], onFailure: .skip))
  }

  @Test(arguments: [
    ("depends_on: {a: b}", "depends_on: ignored: expected a list of test ids"),
    ("depends_on: [5]", "depends_on[0]: left out: expected a test id"),
    ("on_dependency_failure: die", "ignored: expected one of skip, fail, run"),
  ])
  func `what makes no sense is ignored with a warning`(lines: String, text: String) throws {
    let (loaded, notes, _) = try test("input: i\ncriteria: c\n" + lines)
    #expect(loaded != nil)
    #expect(notes.contains { $0.contains(text) }, "\(notes)")
  }
}

@Suite struct RunLimitFieldTests {
  private func execution(_ lines: String) throws -> ExecutionSettings {
    try load("execution: {\(lines)}\ntests: [{id: t, input: i, criteria: c}]").suite.execution
  }

  @Test(arguments: [
    ("trials: {count: 3}", Trials(count: 3)),
    ("trials: {count: 5, strategy: mean}", Trials(count: 5, strategy: .mean)),
    (
      "trials: {count: 2, strategy: confidence_interval, cost_limit_usd: 0.5}",
      Trials(count: 2, strategy: .confidenceInterval, costLimitUSD: 0.5)
    ),
    ("trials: {count: 2, costLimitUsd: 2}", Trials(count: 2, costLimitUSD: 2)),
    ("trials: {count: 1, strategy: mean}", nil), ("trials: {count: 2.5}", nil),
  ])
  func `trials need a count from two on`(lines: String, trials: Trials?) throws {
    #expect(try execution(lines).trials == trials)
  }

  @Test(arguments: ["budget_usd: 2.5", "budgetUsd: 2.5"])
  func `a budget has two spellings`(line: String) throws {
    #expect(try execution(line).budgetUSD == 2.5)
  }

  @Test(arguments: ["fail_on_error: true", "failOnError: true"])
  func `the end after an error has two spellings`(line: String) throws {
    #expect(try execution(line).failOnError)
    #expect(try !execution("workers: 1").failOnError)
  }

  @Test func `kept answers are on, off or left to the command line`() throws {
    #expect(try execution("cache: true, cache_path: c").cache == true)
    #expect(try execution("cache: true, cachePath: c").cachePath == "c")
    #expect(try execution("cache: false").cache == false)
    #expect(try execution("workers: 1").cache == nil)
  }
}
