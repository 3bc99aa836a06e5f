import Core
import RunArtifacts
import TestSupport
import Testing

@testable import Reports

/// Traces against the JSON mapping of opentelemetry-proto: ids in hexadecimal, 64-bit numbers as
/// strings, enums as numbers.
@Suite struct OTelTests {
  private let fixture: RunFixture

  init() throws { fixture = try RunFixture() }

  private func traces(_ source: ResultSource, content: Bool = false) throws -> String {
    let path = fixture.scratch.file("trace.json")
    try ExportPlan(otelFile: path, capturesContent: content).write(source, in: fixture.scratch.path)
    return String(decoding: try FileIO.read(path), as: UTF8.self)
  }

  private func spans(_ text: String) throws -> [JSON] {
    let json = try JSON.parse(text)
    return try #require(json["resourceSpans"]?[0]?["scopeSpans"]?[0]?["spans"]?.array)
  }

  private static let toolRow: JSON = [
    "timestamp": "2026-05-08T09:35:02.417Z", "test_id": "tools", "target": "t", "score": 1,
    "duration_ms": 900, "execution_status": "ok",
    "output": [
      [
        "role": "assistant", "content": "done",
        "tool_calls": [
          ["tool": "Read", "input": ["file_path": "x"], "output": "secret", "id": "c1"],
          [
            "tool": "Bash", "start_time": "2026-05-08T09:35:01.900Z",
            "end_time": "2026-05-08T09:35:02.100Z",
          ],
        ],
      ]
    ],
  ]

  @Test func `every span has ids, times and attributes in the mapping's form`() throws {
    let source = try fixture.run([
      .init(id: "a"), .init(id: "b", score: 0, status: .executionError, error: "boom"),
    ])
    let all = try spans(try traces(source))
    var ids = Set<String>()
    for span in all {
      let trace = try #require(span["traceId"]?.string)
      let id = try #require(span["spanId"]?.string)
      #expect(trace.wholeMatch(of: /[0-9a-f]{32}/) != nil)
      #expect(id.wholeMatch(of: /[0-9a-f]{16}/) != nil)
      #expect(ids.insert(id).inserted, "every span has an id of its own")
      let start = try #require(span["startTimeUnixNano"]?.string.flatMap(Int.init))
      let end = try #require(span["endTimeUnixNano"]?.string.flatMap(Int.init))
      #expect(start > 1_700_000_000_000_000_000 && start <= end)
      #expect((1...3).contains(span["kind"]?.int ?? 0))
      for attribute in span["attributes"]?.array ?? [] {
        let value = try #require(attribute["value"]?.object)
        #expect(value.count == 1)
        let kind = try #require(value.names.first)
        #expect(["stringValue", "intValue", "doubleValue", "boolValue"].contains(kind))
        if kind == "intValue" { #expect(value["intValue"]?.string.flatMap(Int.init) != nil) }
      }
    }
    for span in all {
      if let parent = span["parentSpanId"]?.string { #expect(ids.contains(parent)) }
    }
    let roots = all.filter { $0["parentSpanId"] == nil }
    #expect(roots.count == 2)
    #expect(Set(all.compactMap { $0["traceId"]?.string }).count == 2)
    #expect(roots[0]["status"] == ["code": 1])
    #expect(roots[1]["status"] == ["code": 2, "message": "boom"])
    #expect(roots[0]["events"]?[0]?["name"] == "gen_ai.evaluation.result")
  }

  @Test func `exporting again gives the same ids`() throws {
    let source = try fixture.run([.init(id: "a")])
    #expect(try traces(source) == traces(source))
  }

  @Test func `tools are spans beneath the agent's, with their own times when they are known`()
    throws
  {
    let source = try fixture.run([], append: Self.toolRow.text + "\n")
    let all = try spans(try traces(source))
    let tools = all.filter { $0["name"]?.string?.hasPrefix("execute_tool") == true }
    #expect(tools.compactMap { $0["name"]?.string } == ["execute_tool Read", "execute_tool Bash"])
    let agent = try #require(all.first { $0["name"] == "invoke_agent t" })
    #expect(tools.allSatisfy { $0["parentSpanId"] == agent["spanId"] })
    #expect(tools[1]["startTimeUnixNano"] == "1778232901900000000")
    #expect(tools[1]["endTimeUnixNano"] == "1778232902100000000")
  }

  @Test func `prompts and answers are in the traces only when they are asked for`() throws {
    let source = try fixture.run(
      [.init(answer: "the-answer", prompt: "the-prompt")], append: Self.toolRow.text + "\n")
    let plain = try traces(source)
    for text in ["the-answer", "the-prompt", "secret"] { #expect(!plain.contains(text)) }
    let full = try traces(source, content: true)
    for text in ["the-answer", "the-prompt", "secret", "gen_ai.output.messages"] {
      #expect(full.contains(text))
    }
  }

  @Test func `a trace file reads back as results`() throws {
    let source = try fixture.run(
      [.init(id: "a", score: 0.5, status: .qualityFailure)], append: Self.toolRow.text + "\n")
    _ = try traces(source)
    let rows = try OTLPReader.rows(of: fixture.scratch.file("trace.json"))
    #expect(rows.map(\.testID) == ["a", "tools"])
    #expect(rows[0].score == 0.5)
    #expect(rows[0].executionStatus == .qualityFailure)
    #expect(rows[0].suite == "s")
    #expect(rows[0].costUSD == 0.25)
    #expect(rows[0].tokenUsage == TokenCount(input: 10, output: 5))
    #expect(rows[0].durationMS == 120)
    #expect(rows[0].scores.first?["name"] == "grader")
    #expect(ToolCallDigest.all(in: rows[1].extra["output"]).map(\.name) == ["Read", "Bash"])
  }

  @Test(arguments: ["{}", "[]", "nonsense", #"{"resourceSpans":[]}"#, #"{"resourceSpans":3}"#])
  func `what is no trace is refused by name`(_ text: String) throws {
    let path = try fixture.scratch.write("x.json", text)
    #expect {
      try OTLPReader.rows(of: path)
    } throws: { error in
      "\(error)".contains("x.json")
    }
  }
}
