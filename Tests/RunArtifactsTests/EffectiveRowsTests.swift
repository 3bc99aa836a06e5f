import Core
import RunArtifacts
import Testing

@Suite struct EffectiveRowsTests {
  static func row(
    _ id: String, file: String? = "a.yaml", target: String = "t", requested: String? = nil,
    suite: String? = nil, score: Double = 1
  ) -> ResultRow {
    var row = ResultRow(
      timestamp: Timestamp(millisecondsSinceEpoch: 0), testID: id, target: target, score: score,
      executionStatus: score == 1 ? .ok : .qualityFailure)
    row.evalFile = file
    row.requestedTarget = file == nil ? nil : requested ?? target
    row.suite = suite
    return row
  }

  @Test func `the last row of an identity counts, in the place of the first`() {
    let rows = EffectiveRows([
      Self.row("a", score: 0), Self.row("b"), Self.row("a", score: 1),
    ])
    #expect(rows.rows.map(\.testID) == ["a", "b"])
    #expect(rows.rows.map(\.score) == [1, 1])
    #expect(rows.replacedCount == 1)
    #expect(rows.count == 2)
  }

  @Test func `equal ids of two files, and of two targets, are different tests`() {
    let rows = EffectiveRows([
      Self.row("a", file: "x.yaml"), Self.row("a", file: "y.yaml"),
      Self.row("a", file: "y.yaml", target: "u"),
    ])
    #expect(rows.count == 3)
  }

  @Test func `an alias is told by the requested name, not by what it resolves to`() {
    let rows = EffectiveRows([
      Self.row("a", target: "real", requested: "one"),
      Self.row("a", target: "real", requested: "two"),
    ])
    #expect(rows.count == 2)
    let identity = TestIdentity(evalFile: "a.yaml", testID: "a", target: "one")
    #expect(rows.row(for: identity, suite: nil, resolvedTarget: "real") != nil)
    let other = TestIdentity(evalFile: "a.yaml", testID: "a", target: "real")
    #expect(rows.row(for: other, suite: nil, resolvedTarget: "real") == nil)
  }

  @Test func `a row of upstream matches by id and resolved target, and by suite when it has one`() {
    let rows = EffectiveRows([
      Self.row("a", file: nil, target: "real", suite: "s"),
      Self.row("b", file: nil, target: "real"),
    ])
    func found(_ id: String, _ suite: String) -> Bool {
      rows.row(
        for: TestIdentity(evalFile: "f.yaml", testID: id, target: "alias"), suite: suite,
        resolvedTarget: "real") != nil
    }
    #expect(found("a", "s"))
    #expect(!found("a", "other"))
    #expect(found("b", "any"))
  }

  @Test func `a row of ours replaces the row of upstream that stood for it`() {
    let rows = EffectiveRows([
      Self.row("a", file: nil, target: "real", suite: "s", score: 0),
      Self.row("a", target: "real", requested: "alias", suite: "s"),
    ])
    #expect(rows.rows.map(\.score) == [1])
    #expect(rows.replacedCount == 1)
  }
}
