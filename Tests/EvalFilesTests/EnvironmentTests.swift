import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct EnvironmentTests {
  private static let variables = [
    "T": "true", "F": "false", "N": "-12.5", "Z": "0", "Z7": "007", "E": "1e3", "S": "text",
    "X": "",
  ]

  @Test(
    arguments: [
      ("${{ T }}", JSON.bool(true)), ("${{F}}", false), (" ${{ N }} ", -12.5), ("${{ Z }}", 0),
      ("${{ Z7 }}", "007"), ("${{ E }}", "1e3"), ("${{ S }}", "text"), ("${{ X }}", ""),
      ("${{ MISSING }}", ""), ("a ${{ N }} b", "a -12.5 b"), ("${{ S }}${{ S }}", "texttext"),
      ("${{ 1A }}", "${{ 1A }}"), ("${{ a-b }}", "${{ a-b }}"), ("${{ S", "${{ S"), ("$S", "$S"),
      ("${{ }}", "${{ }}"),
    ] as [(String, JSON)])
  func `references are replaced, whole ones with a type`(text: String, value: JSON) {
    #expect(Interpolation.value(text, Self.variables) == value)
  }

  @Test func `a dot env file is read as the dotenv package reads it`() {
    let values = DotEnv.parse(
      """
      # comment
      PLAIN=value
      export EXPORTED = spaced value  # comment
      SINGLE='a # b \\n'
      DOUBLE="two\\nlines"
      MULTI="first
      second"
      EMPTY=
      not an assignment
      BAD NAME=x
      PLAIN=last
      """)
    #expect(
      values == [
        "PLAIN": "last", "EXPORTED": "spaced value", "SINGLE": "a # b \\n", "DOUBLE": "two\nlines",
        "MULTI": "first\nsecond", "EMPTY": "",
      ])
  }

  @Test func `the nearest dot env file wins, exported variables win over all`() throws {
    let project = try Project([
      ".env": "A=root\nB=root\nC=root", "x/evals/.env": "A=near\nC=near", "x/.env": "B=middle",
    ])
    let loaded = DotEnv.load(
      evalDirectory: project.directory.file("x/evals"), workingDirectory: project.directory.path,
      environment: ["C": "exported"])
    #expect(loaded.variables == ["A": "near", "B": "middle"])
    #expect(loaded.files == ["x/evals/.env", "x/.env", ".env"].map(project.directory.file))
  }

  @Test func `dot env variables are used in the eval file and kept with its suite`() throws {
    let (suite, _, _) = try load(
      "tests:\n  - {id: t, input: 'hi ${{ WHO }}', criteria: c}",
      files: [".env": "WHO=you"])
    #expect(suite.tests[0].prompt(style: .llm) == "hi you")
    #expect(suite.environment == ["WHO": "you"])
  }
}
