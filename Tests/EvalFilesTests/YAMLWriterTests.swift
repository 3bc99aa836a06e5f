import Core
import EvalFiles
import TestSupport
import Testing

@Suite struct YAMLWriterTests {
  private func written(_ value: JSON) throws -> JSON? {
    let scratch = try TemporaryDirectory()
    try scratch.write("file.yaml", YAMLFile.text(value))
    return YAMLFile.read(scratch.file("file.yaml"), limitBytes: 1 << 20)
  }

  @Test(arguments: [
    "plain", "a/b.c", "", " ", "true", "no", "Off", "null", "~", "12", "1.5e3", "0x10",
    "2026-01-01",
    "- a", "a: b", "# c", "'q'", "\"q\"", "a\nb", "tab\t", "ä €", "*x", "&x", "!x", "%x", "@x",
    "`x",
    "{a}", "[a]", "a #b", "\u{1}", "y", "<<", "-", "?", "|", ">",
  ])
  func `every text is read as it was written, as value and as key`(_ text: String) throws {
    let value: JSON = .object([text: .array([.string(text), [text: .string(text)]])])
    #expect(try written(value) == value)
  }

  @Test func `nested values are read as they were written`() throws {
    let value: JSON = [
      "list": [1, -2.5, true, .null, [], [:], ["x", ["y"]], [["deep": [["er": 1]]]]],
      "map": ["a": ["b": ["c": "d"]], "empty": [:]],
    ]
    #expect(try written(value) == value)
  }

  @Test func `entries look as people write them`() {
    let text = YAMLFile.text(["benchmarks": [["id": "a", "path": "/x/y"], ["id": "b-2"]]])
    #expect(text == "benchmarks:\n  - id: a\n    path: /x/y\n  - id: b-2\n")
  }
}
