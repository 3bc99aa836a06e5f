import Core
import Testing

@testable import RunArtifacts

@Suite struct ArtifactLayoutTests {
  private func places(
    _ parts: [(String?, String, String)], existing: [ResultRow] = []
  ) -> [String] {
    let layout = ArtifactLayout(
      plan: parts.map { ArtifactLayout.Parts(suite: $0.0, testID: $0.1, target: $0.2) },
      existing: existing)
    return parts.indices.map { layout.directory($0) }
  }

  @Test func `one target leaves the target out, two put it in`() {
    #expect(places([("s", "a", "t"), ("s", "b", "t")]) == ["s/a", "s/b"])
    #expect(places([("s", "a", "t"), ("s", "a", "u")]) == ["s/a/t", "s/a/u"])
  }

  @Test func `a blank suite leaves the level out and a blank id is unknown`() {
    #expect(places([(nil, "a", "t"), ("  ", " ", "t")]) == ["a", "unknown"])
  }

  @Test(arguments: [
    ("a/b", "a_b"), ("..", "__"), (".", "_"), ("../../etc", "_._.._etc"), (".jobs", "_jobs"),
    ("index.jsonl", "index.jsonl_"), ("a\0b\nc", "a_b_c"), ("C:\\x*?\"<>|", "C__x______"),
    ("  padded  ", "padded"), ("ünï", "ünï"), (".\u{301}x", "_\u{301}x"),
  ])
  func `a segment is always a plain file name`(_ text: String, _ expected: String) {
    let segment = ArtifactLayout.segment(text)
    #expect(segment == expected)
  }

  @Test func `two ids that become the same name get two places`() {
    #expect(
      places([("s", "a/b", "t"), ("s", "a:b", "t"), ("s", "a_b", "t")])
        == ["s/a_b", "s/a_b~2", "s/a_b~3"])
  }

  @Test func `a long id is cut and stays unlike its neighbours`() {
    let long = String(repeating: "ä", count: 300)
    let all = places([("s", long + "1", "t"), ("s", long + "2", "t")])
    #expect(Set(all).count == 2)
    #expect(all.allSatisfy { $0.utf8.count <= 202 })
  }

  @Test func `a further attempt goes beside the artifacts of the earlier one`() {
    var first = EffectiveRowsTests.row("a")
    first.gradingPath = "s/a/grading.json"
    #expect(places([("s", "a", "t")], existing: [first]) == ["s/a/attempt-2"])
    var second = first
    second.gradingPath = "s/a/attempt-2/grading.json"
    #expect(places([("s", "a", "t")], existing: [first, second]) == ["s/a/attempt-3"])
  }
}
