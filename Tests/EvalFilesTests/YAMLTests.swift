import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct YAMLTests {
  private func read(
    _ text: String, environment: [String: String]? = nil
  ) throws -> SourceNode? {
    try YAMLReader.read(
      text, file: SourceFile("/p/a.yaml", workingDirectory: "/p"), environment: environment)
  }

  @Test(
    arguments: [
      ("", JSON.null), ("~", .null), ("null", .null), ("Null", .null), ("NULL", .null),
      ("nULL", "nULL"), ("true", true), ("True", true), ("FALSE", false), ("yes", "yes"),
      ("no", "no"), ("on", "on"), ("Off", "Off"), ("0", 0), ("-12", -12), ("+3", 3), ("007", 7),
      ("0o17", 15), ("0xFF", 255), ("0b11", "0b11"), ("1_000", "1_000"), ("12:30", "12:30"),
      ("1.5", 1.5), ("-.5", -0.5), ("1.", 1.0), ("1e3", 1000.0), ("1.e2", 100.0), ("1.5E-1", 0.15),
      (".", "."), ("-", "-"), ("+", "+"), ("1e", "1e"), ("e1", "e1"), ("0x", "0x"),
      ("0x-1", "0x-1"),
      ("2026-01-01", "2026-01-01"), ("1.2.3", "1.2.3"), ("99999999999999999999", 1e20),
    ] as [(String, JSON)])
  func `plain scalars are resolved by the core schema of YAML 1.2`(text: String, value: JSON) {
    #expect(SourceNode(YAMLScalar.resolve(text), SourcePosition(line: 1, column: 1)).json == value)
  }

  @Test func `quoted and tagged scalars are what they say`() throws {
    let json = try read("a: '1'\nb: \"true\"\nc: !!str 5\nd: !!int '7'\ne: |\n  12\n")?.json
    #expect(json == ["a": "1", "b": "true", "c": "5", "d": 7, "e": "12\n"])
  }

  @Test func `anchors and merge keys are followed, own members win`() throws {
    let json = try read(
      """
      base: &b {x: 1, y: 2}
      more: &m {y: 3, z: 4}
      one: {<<: *b, y: 9}
      two:
        <<: [*b, *m]
      quoted: {"<<": 1}
      """)?.json
    #expect(json?["one"] == ["x": 1, "y": 9])
    #expect(json?["two"] == ["x": 1, "y": 2, "z": 4])
    #expect(json?["quoted"] == ["<<": 1])
  }

  @Test func `members keep their order and their places`() throws {
    let node = try read("b: 1\na:\n  - x\n  - {c: y}\n")
    #expect(node?.object.names == ["b", "a"])
    #expect(node?.member("a")?.position == SourcePosition(line: 2, column: 1))
    #expect(node?["a"]?.sequence?[1].position == SourcePosition(line: 4, column: 5))
    #expect(node?["a"]?.sequence?[1]["c"]?.position == SourcePosition(line: 4, column: 9))
  }

  @Test func `environment references in values are replaced, keys are left`() throws {
    let json = try read(
      "a: ${{ N }}\n'${{ N }}': x${{N}}y\nb: ${{ NONE }}", environment: ["N": "42"])?.json
    #expect(json == ["a": 42, "${{ N }}": "x42y", "b": ""])
  }

  @Test(arguments: [
    ("a: [1", "a.yaml:2:1: not valid YAML: did not find expected ',' or ']'"),
    ("a: 1\n\tb: 2", "indent with spaces, not with tabs"),
    ("a: b: c", "a.yaml:1:5: not valid YAML: mapping values are not allowed in this context"),
    ("a: 1\na: 2", "a.yaml:1:1: not valid YAML: the key 'a' is there more than once"),
    ("a: *x", "found undefined alias"),
    ("a: .nan", "a.yaml:1:4: expected a value that JSON knows, found .nan; put it in quotes"),
    ("? [a]\n: 1", "expected a key of plain text, found a list or a mapping"),
    ("<<: 5", "expected a mapping or a list of mappings after <<, found the number 5"),
    ("a: 1\n---\nb: 2", "but found another document"),
    ("a: @b", "put a text that begins with @"),
    ("a: \u{1}", "not valid YAML: control characters are not allowed"),
  ])
  func `what is no YAML is named with its place`(text: String, message: String) {
    let error = #expect(throws: Diagnostic.self) { try read(text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test(.timeLimit(.minutes(1)))
  func `aliases cannot blow a small text up`() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(items)]\n"
    }
    let error = #expect(throws: Diagnostic.self) { try read(text) }
    #expect(error?.description.contains("aliases make this document too large") == true)
  }

  @Test(.timeLimit(.minutes(1)), arguments: [600, 100_000])
  func `nesting without end is refused`(depth: Int) {
    #expect(throws: Diagnostic.self) {
      try read(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
    }
  }

  @Test func `empty documents are none`() throws {
    #expect(try read("") == nil)
    #expect(try read("# only a comment\n") == nil)
    #expect(try read("---\n") == nil)
  }

  @Test func `bytes that are no UTF-8 are named with their line`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a.yaml")
    try FileIO.write(path, Array("a: 1\nb: ".utf8) + [0xFF, 0x0A])
    let file = SourceFile(path, workingDirectory: directory.path)
    let error = #expect(throws: Diagnostic.self) { try file.read() }
    #expect(error?.description == "a.yaml:2:4: not UTF-8 text; save the file in UTF-8")
  }

  @Test func `a byte order mark is dropped`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a.yaml", "\u{FEFF}a: 1")
    #expect(try SourceFile(path, workingDirectory: "/").read() == "a: 1")
  }
}
