import Core
import TestSupport
import Testing

@testable import RunArtifacts

@Suite struct RowLedgerTests {
  /// Rows of ours and of upstream about few tests, so that they replace each other.
  private func rows(_ seed: UInt64, count: Int) -> [ResultRow] {
    var random = IndexPropertyTests.SeededGenerator(state: seed)
    func one(_ values: [String?]) -> String? { values.randomElement(using: &random) ?? nil }
    return (0..<count).map { number in
      let file = one(["a.yaml", "b.yaml", nil])
      var row = ResultRow(
        timestamp: Timestamp(millisecondsSinceEpoch: number), testID: one(["t1", "t2", "ü"]) ?? "",
        target: one(["real", "other"]) ?? "", score: Double(number) / 100,
        executionStatus: ExecutionStatus.allCases.randomElement(using: &random) ?? .ok)
      row.evalFile = file
      row.suite = one(["s", "z", nil])
      row.requestedTarget = file == nil ? nil : one(["alias", "real"])
      row.costUSD = Bool.random(using: &random) ? 0.25 : nil
      row.durationMS = Bool.random(using: &random) ? number : nil
      row.tokenUsage = Bool.random(using: &random) ? TokenCount(input: number, output: 1) : nil
      row.scores = [["name": "g", "type": "contains", "score": .double(row.score ?? 0)]]
      if row.executionStatus == .executionError {
        row.error = "broke \(number)"
        row.failureStage = "agent"
      }
      return row
    }
  }

  @Test(arguments: 0..<60)
  func `a ledger knows what the rows that count say`(_ seed: Int) {
    let all = rows(UInt64(seed), count: seed)
    let ledger = RowLedger(all)
    let whole = EffectiveRows(all)
    #expect(ledger.count == whole.count)
    #expect(ledger.replacedCount == whole.replacedCount)
    let heading = RunSummary.Heading(evalFile: "", experiment: "e", plannedTestCount: nil)
    let now = Timestamp(millisecondsSinceEpoch: 0)
    #expect(
      RunSummary.benchmark(heading, rows: ledger.rows, now: now)
        == RunSummary.benchmark(heading, rows: whole.rows, now: now))
    #expect(RunSummary.timing(ledger.rows) == RunSummary.timing(whole.rows))
    #expect(ledger.rows.map(\.error) == whole.rows.map(\.error))
    #expect(ledger.rows.map(\.failureStage) == whole.rows.map(\.failureStage))
    #expect(ledger.rows.map(\.timestamp) == whole.rows.map(\.timestamp))
    for file in ["a.yaml", "b.yaml"] {
      for id in ["t1", "t2", "ü", "none"] {
        for target in ["alias", "real"] {
          for suite in ["s", "z", nil] {
            let identity = TestIdentity(evalFile: file, testID: id, target: target)
            #expect(
              ledger.row(for: identity, suite: suite, resolvedTarget: "real")?.score
                == whole.row(for: identity, suite: suite, resolvedTarget: "real")?.score)
          }
        }
      }
    }
  }

  @Test func `the rows to take over are the last ones of each test, by their numbers`() {
    let all = [
      EffectiveRowsTests.row("a", score: 0), EffectiveRowsTests.row("b"),
      EffectiveRowsTests.row("a"),
    ]
    #expect(RowLedger(all).rowNumbers { $0 == .ok } == [1, 2])
    #expect(RowLedger(all).rowNumbers { $0 == .qualityFailure }.isEmpty)
  }

  @Test func `what was spent counts all attempts, by file and requested target`() {
    var first = EffectiveRowsTests.row("a", target: "real", requested: "alias")
    first.costUSD = 1
    var second = first
    second.evalFile = "b.yaml"
    let earlier = EarlierRows([first, first, second])
    #expect(earlier.spentUSD == 3)
    #expect(earlier.spentUSD(evalFile: "a.yaml", requested: "alias") == 2)
    #expect(earlier.spentUSD(evalFile: "a.yaml", requested: "real") == 0)
    #expect(earlier.count == 3)
    #expect(earlier.effectiveCount == 2)
    #expect(earlier.requestedTarget(of: "real") == "alias")
  }

  @Test func `a transcript keeps the last conversation of each test`() throws {
    let scratch = try TemporaryDirectory()
    func lines(_ id: String, _ text: String) -> String {
      (0..<2).map {
        #"{"test_id":"\#(id)","target":"t","message_index":\#($0),"content":"\#(text)"}"# + "\n"
      }.joined()
    }
    let path = scratch.file("transcript.jsonl")
    let whole = lines("a", "new") + lines("b", "x")
    try scratch.write("transcript.jsonl", whole)
    try RunTranscript.removeReplaced(path)
    #expect(try FileIO.read(path) == Array(whole.utf8))
    try scratch.write("transcript.jsonl", lines("a", "old") + whole + "{\"torn")
    try RunTranscript.removeReplaced(path)
    #expect(try FileIO.read(path) == Array(whole.utf8))
  }
}
