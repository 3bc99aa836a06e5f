import Core
import RunArtifacts
import TestSupport
import Testing

/// What a run writes can be read back, whole or cut at any byte, in whichever of the three shapes:
/// upstream's raw and compact rows, and ours (docs/reference/run-artifacts.md).
@Suite(.timeLimit(.minutes(2))) struct IndexPropertyTests {
  /// SplitMix64 (Steele, Lea, Flood 2014): the same seed makes the same rows everywhere.
  struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  private enum Shape: CaseIterable { case raw, compact, ours }

  private static let texts = [
    "plain", "", "line\nbreak", "tab\tand \"quotes\" \\ /", "ünïcödé 🎉 \u{0}", "{\"not\": json",
    String(repeating: "long ", count: 40),
  ]

  private func line(_ shape: Shape, _ random: inout SeededGenerator) -> [UInt8] {
    func text() -> JSON { .string(Self.texts.randomElement(using: &random) ?? "") }
    let status = ExecutionStatus.allCases.randomElement(using: &random) ?? .ok
    let score = Double(Int.random(in: 0...100, using: &random)) / 100
    var object: JSONObject = [
      "timestamp": "2026-05-08T09:35:02.417Z",
      "test_id": .string("test-\(Int.random(in: 0...3, using: &random))"), "suite": "s",
      "score": .double(score), "target": "t", "execution_status": .string(status.rawValue),
    ]
    if status == .executionError {
      object["error"] = text()
      object["failure_stage"] = "agent"
    }
    switch shape {
    case .raw:
      object["assertions"] = [["text": text(), "passed": true]]
      object["output"] = [["role": "assistant", "content": text()]]
      object["trace"] = ["event_count": 0, "tool_calls": [:]]
      object["eval_run"] = ["duration_ms": 5]
    case .compact:
      object["scores"] = [["name": "g", "type": "contains", "score": .double(score)]]
      object["grading_path"] = "s/a/grading.json"
      object["experiment"] = "default"
    case .ours:
      object["scores"] = [["name": text(), "type": "contains", "score": .double(score)]]
      object["eval_file"] = "evals/a.eval.yaml"
      object["requested_target"] = Bool.random(using: &random) ? "t" : "alias"
      object["cost_usd"] = 0.25
      object["trials"] = [["attempt": 0, "score": .double(score)]]
      object["metadata"] = ["note": text()]
    }
    return JSON.object(object).serialized() + [0x0A]
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `rows of all shapes are read, and an index cut anywhere gives the rows before the cut`(
    _ seed: UInt64
  ) {
    var random = SeededGenerator(state: seed)
    let lines = (0..<12).map { _ in
      line(Shape.allCases.randomElement(using: &random) ?? .ours, &random)
    }
    let bytes = lines.flatMap(\.self)
    let whole = IndexContents(bytes: bytes)
    #expect(whole.rows.count == lines.count)
    #expect(whole.badLines == 0)
    // Every row can be written again without loss: what is read is what is kept.
    for row in whole.rows { #expect(ResultRow(json: row.json) == row) }
    var ends: [Int] = []
    for line in lines { ends.append((ends.last ?? 0) + line.count) }
    for length in 0...bytes.count {
      let cut = IndexContents(bytes: Array(bytes[..<length]))
      let complete = ends.count { $0 - 1 <= length }
      #expect(cut.rows == Array(whole.rows[..<complete]), "seed \(seed), cut at \(length)")
      #expect(cut.badLines <= 1)
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `counted rows are as many as identities, and summaries come out of every cut`(
    _ seed: UInt64
  ) throws {
    var random = SeededGenerator(state: seed)
    let lines = (0..<12).map { _ in
      line(Shape.allCases.randomElement(using: &random) ?? .ours, &random)
    }
    let bytes = lines.flatMap(\.self)
    let scratch = try TemporaryDirectory()
    for _ in 0..<6 {
      let length = Int.random(in: 0...bytes.count, using: &random)
      let directory = RunDirectory(
        path: scratch.file("runs/\(length)"), project: scratch.path)
      try FileIO.createDirectories(directory.path)
      try FileIO.write(directory.file(RunFile.index), Array(bytes[..<length]))
      let contents = try directory.read()
      let effective = contents.effectiveRows
      #expect(effective.count <= contents.rows.count)
      // Whatever was cut, the last row of an identity of ours is the one that counts.
      for row in effective where row.evalFile != nil {
        #expect(contents.rows.last { $0.identity == row.identity } == row)
      }
      let summary = try directory.summarize(now: Timestamp(millisecondsSinceEpoch: 0))
      #expect(summary.results == effective.count)
      let benchmark = try #require(directory.json(RunFile.benchmark))
      #expect(
        benchmark["metadata"]?["tests_run"]?.array?.count == Set(effective.map(\.testID)).count)
      for row in contents.rows { _ = evalResultJSON(row, in: directory) }
    }
  }
}
