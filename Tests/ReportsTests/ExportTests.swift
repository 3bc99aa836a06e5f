import Core
import EvalFiles
import Foundation
import FoundationXML
import RunArtifacts
import TestSupport
import Testing

@testable import Reports

@Suite struct ExportTests {
  private let fixture: RunFixture

  init() throws { fixture = try RunFixture() }

  private static let mixed: [RunFixture.Result] = [
    .init(id: "good"), .init(id: "bad", score: 0.5, status: .qualityFailure),
    .init(id: "broken", score: 0, status: .executionError, error: "boom\nat line 2"),
  ]

  @Test(arguments: [
    ("a.jsonl", ExportFormat.jsonl), ("a.JSON", .json), ("dir.x/a.xml", .junit), ("a.yml", .yaml),
    ("a.yaml", .yaml), ("a.htm", .html), ("a.html", .html),
  ])
  func `the extension chooses the document`(_ path: String, _ format: ExportFormat) throws {
    #expect(try ExportFormat(path: path) == format)
  }

  @Test(arguments: ["a.csv", "a", "", "dir.html/a", ".json.bak"])
  func `an extension that no document has is refused by name`(_ path: String) {
    #expect(throws: ReportError.self) { try ExportFormat(path: path) }
  }

  @Test func `a plan is refused before anything is written`() throws {
    try FileIO.createDirectories(fixture.scratch.file("dir.html"))
    func message(_ plan: ExportPlan) -> String {
      do { try plan.check(in: fixture.scratch.path) } catch { return error.description }
      return ""
    }
    #expect(message(ExportPlan(exports: ["a.csv"])).contains("\".csv\". Supported: .jsonl"))
    #expect(message(ExportPlan(exports: ["dir.html"])).contains("is a directory"))
    #expect(message(ExportPlan(exports: ["a.json"], otelFile: "./a.json")).contains("twice"))
    #expect(message(ExportPlan(exports: ["a.json", "a.xml"], benchmarkJSON: "b.json")) == "")
  }

  @Test(arguments: RunFixture.shapes)
  func `records carry the answer and the assertions, whatever shape the rows have`(
    _ shape: String
  ) throws {
    let source = try fixture.run(shape: shape, Self.mixed)
    let lines = try fixture.export(source, .jsonl).split(separator: "\n").map {
      try JSON.parse(String($0))
    }
    #expect(lines.compactMap { $0["test_id"]?.string } == ["good", "bad", "broken"])
    #expect(lines[0]["output"] == [["role": "assistant", "content": "The answer"]])
    #expect(lines[0]["input"]?[0]?["content"] == "The question")
    #expect(lines[1]["assertions"]?[0]?["passed"] == false)
    #expect(lines[1]["token_usage"]?["output"] == 5)
    #expect(lines[1]["duration_ms"] == 120)
    #expect(lines[2]["execution_status"] == "execution_error")
    #expect(lines[0]["grading_path"] == nil)
    #expect(lines[0]["cost_usd"] == (shape == "compact" ? nil : 0.25))
  }

  @Test func `the JSON document counts by status, not by score`() throws {
    let source = try fixture.run([
      .init(id: "a", score: 0.6), .init(id: "b", score: 0.9, status: .qualityFailure),
    ])
    let json = try JSON.parse(try fixture.export(source, .json))
    #expect(json["stats"] == ["total": 2, "passed": 1, "failed": 1, "pass_rate": 0.5])
    #expect(json["results"]?.array?.count == 2)
  }

  @Test func `an empty run gives an empty document of each kind`() throws {
    let source = try fixture.run([])
    #expect(try JSON.parse(try fixture.export(source, .json))["results"] == [])
    #expect(try fixture.export(source, .jsonl) == "")
    #expect(try fixture.export(source, .yaml) == "")
    #expect(XMLDocumentReader(try fixture.export(source, .junit)).error == nil)
    #expect(try fixture.export(source, .html).contains("0 of 0 tests passed"))
  }

  @Test func `a document replaces the old one only when it is whole`() throws {
    let source = try fixture.run(Self.mixed)
    let path = try fixture.scratch.write("out.json", "old")
    let scan = try source.digests()
    // The rows change between the passes: what they were is not there any more.
    try FileIO.write(source.path, Array("{}\n".utf8))
    #expect(throws: (any Error).self) { try Exporter.write(source, scan, as: .json, to: path) }
    #expect(String(decoding: try FileIO.read(path), as: UTF8.self) == "old")
    #expect(try FileIO.list(fixture.scratch.path).filter { $0.contains(".tmp-") } == [])
  }

  // MARK: - JUnit

  @Test func `JUnit tells failures from errors, with what failed`() throws {
    let source = try fixture.run(Self.mixed + [.init(id: "other", suite: "")])
    let document = XMLDocumentReader(try fixture.export(source, .junit))
    #expect(document.error == nil)
    let root = try #require(document.elements.first)
    #expect(root.name == "testsuites")
    #expect(root.attributes["tests"] == "4")
    #expect(root.attributes["failures"] == "1")
    #expect(root.attributes["errors"] == "1")
    #expect(root.attributes["time"] == "0.480")
    let suites = document.elements.filter { $0.name == "testsuite" }
    #expect(suites.map { $0.attributes["name"] } == ["s", "default"])
    let cases = document.elements.filter { $0.name == "testcase" }
    #expect(cases.map { $0.attributes["name"] } == ["good", "bad", "broken", "other"])
    #expect(cases[0].attributes["time"] == "0.120")
    let failure = try #require(document.elements.first { $0.name == "failure" })
    #expect(failure.attributes["message"] == "score=0.500")
    #expect(failure.text == "Score: 0.500\nFailed: Output contains it")
    let error = try #require(document.elements.first { $0.name == "error" })
    #expect(error.attributes["message"] == "boom")
    #expect(error.text == "boom\nat line 2")
  }

  @Test func `JUnit names tell the targets of a matrix apart`() throws {
    let source = try fixture.run([.init(id: "a", target: "x"), .init(id: "a", target: "y")])
    let document = XMLDocumentReader(try fixture.export(source, .junit))
    let names = document.elements.compactMap {
      $0.name == "testcase" ? $0.attributes["name"] : nil
    }
    #expect(names == ["a@x", "a@y"])
  }

  @Test(arguments: hostileTexts)
  func `JUnit is well-formed XML whatever is in ids, suites and errors`(_ text: String) throws {
    let source = try fixture.run(
      shape: "raw",
      [
        .init(id: text, suite: text, score: 0, status: .executionError, error: text)
      ])
    let document = XMLDocumentReader(try fixture.export(source, .junit))
    #expect(document.error == nil)
    #expect(document.elements.map(\.name) == ["testsuites", "testsuite", "testcase", "error"])
  }

  @Test func `invalid UTF-8 in a row does not reach a document`() throws {
    let source = try fixture.run([])
    let row =
      Array(#"{"test_id":"a","target":"t","score":0,"error":"x"#.utf8) + [0xFF, 0xC0]
      + Array(#"","execution_status":"execution_error"}"#.utf8) + [0x0A]
    try FileIO.write(source.path, row)
    for format in ExportFormat.allCases {
      _ = try fixture.export(source, format)
      let bytes = try FileIO.read(fixture.scratch.file("out/document"))
      #expect(String(validating: bytes, as: UTF8.self) != nil, "\(format)")
    }
    #expect(XMLDocumentReader(try fixture.export(source, .junit)).error == nil)
  }

  // MARK: - YAML

  @Test(arguments: hostileTexts)
  func `YAML reads back equal`(_ text: String) throws {
    let values: [JSON] = [
      ["text": .string(text)], ["list": [.string(text), ["deep": [.string(text), 1]]]],
      .object([text: ["x": .string(text)]]), [[.string(text)], .string(text)],
    ]
    for value in values {
      let path = try fixture.scratch.write("a.yaml", YAMLEmitter.text(value))
      #expect(
        YAMLFile.read(path, limitBytes: 1 << 20)?.text == value.text, "\(YAMLEmitter.text(value))")
    }
  }

  @Test(arguments: [
    #"{"a":null,"b":true,"c":-3,"d":0.25,"e":{},"f":[],"g":[[],{}],"h":[[1,2],[3]]}"#,
    #"[{"a":[{"b":{"c":[]}}]},[[["x"]]],"plain text",1e300]"#, #""one""#, "{}", "[]", "7",
  ])
  func `YAML keeps every kind of value and nesting`(_ text: String) throws {
    let value = try JSON.parse(text)
    let path = try fixture.scratch.write("a.yaml", YAMLEmitter.text(value))
    #expect(YAMLFile.read(path, limitBytes: 1 << 20)?.text == value.text)
  }

  @Test func `a YAML export has one document for each row`() throws {
    let text = try fixture.export(try fixture.run(Self.mixed), .yaml)
    let documents = ("\n" + text).split(separator: "\n---\n")
    #expect(documents.count == 3)
    let path = try fixture.scratch.write("one.yaml", String(documents[1]))
    #expect(YAMLFile.read(path, limitBytes: 1 << 20)?["test_id"] == "bad")
  }

  // MARK: - Benchmark

  @Test func `the Agent-Skills summary has means and deviations`() throws {
    let source = try fixture.run(Self.mixed)
    let json = BenchmarkDocument.json(try source.digests().values)
    let skill = try #require(json["run_summary"]?["with_skill"])
    #expect(skill["pass_rate"]?["mean"] == 0.333)
    #expect(skill["time_seconds"]?.text == #"{"mean":0.12,"stddev":0}"#)
    #expect(skill["tokens"]?["mean"]?.double == 15)
  }
}

/// The elements of an XML text in the order of their starts; an error when it is not well-formed.
final class XMLDocumentReader: NSObject, XMLParserDelegate {
  struct Element {
    var name: String
    var attributes: [String: String]
    var text = ""
  }
  private(set) var elements: [Element] = []
  private(set) var error: String?
  private var open: [Int] = []

  init(_ text: String) {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    if !parser.parse() { error = parser.parserError?.localizedDescription ?? "not well-formed" }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    open.append(elements.count)
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if let last = open.last { elements[last].text += string }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }
}
