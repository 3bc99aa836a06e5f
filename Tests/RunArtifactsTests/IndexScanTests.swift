import Core
import RunArtifacts
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct IndexScanTests {
  private let scratch: TemporaryDirectory
  private let directory: RunDirectory

  init() throws {
    scratch = try TemporaryDirectory()
    directory = RunDirectory(
      path: scratch.file(".agentv/results/runs/default/r"), project: scratch.path)
  }

  /// Rows of ours and of upstream, attempts, bad lines, a torn end.
  private static let lines = [
    #"{"timestamp":"2026-05-08T09:00:00.000Z","test_id":"a","target":"m","score":0.5,"execution_status":"quality_failure"}"#,
    #"{"test_id":"b","target":"m","score":1,"execution_status":"ok","suite":"s","cost_usd":0.25}"#,
    "not json", "", #"["no","object"]"#,
    #"{"test_id":"a","target":"m","score":1,"execution_status":"ok","eval_file":"e.yaml","requested_target":"alias","duration_ms":12.4,"token_usage":{"input":1,"output":2}}"#,
    #"{"test_id":"\u0061","target":"m","score":0,"execution_status":"execution_error","eval_file":"e.yaml","requested_target":"alias","error":"it \"broke\"","failure_stage":"agent","failure_reason_code":"x"}"#,
    #"{"score":"high","target":7,"experiment":"ex","category":"ä"}"#,
    #"{"test_id":"b","target":"m","score":0.25,"execution_status":"nonsense","suite":"s"}"#,
  ]

  private func write(_ text: String) throws {
    try scratch.write(".agentv/results/runs/default/r/index.jsonl", text)
  }

  @Test(arguments: ["", "\n", "\n{\"test_id\":\"torn\",\"sc"])
  func `digests count what the whole rows count`(_ end: String) throws {
    try write(Self.lines.joined(separator: "\n") + end)
    let scan = try IndexScan(directory.file("index.jsonl"))
    let contents = try directory.read()
    #expect(scan.rows.map(\.identity) == contents.effectiveRows.map(\.identity))
    #expect(scan.rows.map(\.status) == contents.effectiveRows.map(\.executionStatus))
    #expect(scan.rows.map(\.score) == contents.effectiveRows.map(\.score))
    #expect(scan.rows.map(\.target) == contents.effectiveRows.map(\.target))
    #expect(scan.rows.map(\.suite) == contents.effectiveRows.map(\.suite))
    #expect(scan.rows.map(\.costUSD) == contents.effectiveRows.map(\.costUSD))
    #expect(scan.rows.map(\.durationMS) == contents.effectiveRows.map(\.durationMS))
    #expect(scan.rowCount == contents.rows.count)
    #expect(scan.badLines == contents.badLines)
    #expect(scan.sizeBytes == contents.sizeBytes)
    #expect(scan.attempts.reduce(0, +) <= scan.rowCount)
  }

  @Test func `the short results are the full ones without what the artifacts hold`() throws {
    try write(Self.lines.joined(separator: "\n") + "\n")
    let scan = try IndexScan(directory.file("index.jsonl"))
    func results(_ view: ResultView) throws -> [JSON] {
      var stream = ResultStream(directory, scan, order: nil, view: view)
      var bytes: [UInt8] = []
      while !stream.isAtEnd { bytes += stream.piece() }
      return try JSON.parse([UInt8(ascii: "[")] + bytes + [UInt8(ascii: "]")]).array ?? []
    }
    let (full, compact) = (try results(.full), try results(.compact))
    #expect(full.count == scan.rows.count)
    for (long, short) in zip(full, compact) {
      for (name, value) in short.object ?? [:] { #expect(long[name] == value, "\(name)") }
      let left = Set(long.object?.names ?? []).subtracting(short.object?.names ?? [])
      #expect(
        left.isSubset(of: ["assertions", "scores", "input", "output", "metadata"]), "\(left)")
    }
  }

  @Test func `columns hold what the short results hold`() throws {
    try write(Self.lines.joined(separator: "\n") + "\n")
    let scan = try IndexScan(directory.file("index.jsonl"))
    let order = Array(scan.rows.indices.reversed())
    let columns = try JSON.parse(ResultColumns.json(scan, order: order))
    func value(_ name: String, _ index: Int) -> JSON? {
      guard let column = columns[name] else { return nil }
      if let list = column.array { return list[index] }
      let place = column["rows"]?.array?[index].int ?? 0
      return column["values"]?.array?[place]
    }
    var stream = ResultStream(directory, scan, order: order, view: .compact)
    let bytes = stream.piece()
    let short = try JSON.parse([UInt8(ascii: "[")] + bytes + [UInt8(ascii: "]")]).array ?? []
    #expect(stream.isAtEnd && short.count == scan.rows.count)
    for name in columns.object?.names ?? [] {
      for (index, result) in short.enumerated() {
        let told = value(name, index)
        #expect((told ?? .null) == (result[name] ?? .null), "\(name) of \(index)")
      }
    }
  }

  @Test func `rows far apart and lines longer than a piece are found`() throws {
    let long = String(repeating: "x", count: 6 << 20)
    let rows = (0..<40).map {
      #"{"test_id":"t\#($0)","target":"m","eval_file":"e","error":"\#($0 == 20 ? long : "")"}"#
    }
    // The first one runs again at the end: its line stands far from its place.
    try write(
      (rows + [#"{"test_id":"t0","target":"m","eval_file":"e","score":1}"#]).joined(
        separator: "\n"))
    let scan = try IndexScan(directory.file("index.jsonl"))
    #expect(scan.rows.map(\.testID) == (0..<40).map { "t\($0)" })
    var stream = ResultStream(directory, scan, order: [39, 0, 20, 1], view: .compact)
    var bytes: [UInt8] = []
    while !stream.isAtEnd { bytes += stream.piece() }
    let list = try JSON.parse([UInt8(ascii: "[")] + bytes + [UInt8(ascii: "]")]).array ?? []
    #expect(list.compactMap { $0["testId"]?.string } == ["t39", "t0", "t20", "t1"])
    #expect(list[1]["attempts"] == 2)
    #expect(list[2]["error"]?.string?.utf8.count == long.utf8.count)
  }

  @Test func `a run that is gone has no rows`() throws {
    #expect(try IndexScan(directory.file("index.jsonl")).rows.isEmpty)
  }
}
