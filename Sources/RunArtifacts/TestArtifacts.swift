// The files of one test: grading.json, timing.json, input.md, outputs/response.md (reference:
// run-artifacts 4). Written before the row that points to them.

public import Core

/// What the files of one test are made of.
public struct TestArtifacts: Sendable {
  /// Messages that went to the target.
  public var input: [JSON]
  /// Messages that came back, untrimmed.
  public var output: [JSON]
  /// All graders' assertions, `{text, passed, evidence?}`.
  public var assertions: [JSON]
  /// One object for each grader, as in the row.
  public var graders: [JSON]
  /// Unified diff of the workspace, when there is one.
  public var fileChanges: String?
  /// Turns, when the test is a conversation.
  public var turns: Int?
  /// The target's own events, one JSON object a line; empty when it has none.
  public var agentEvents: [UInt8]

  /// Artifacts of a test.
  public init(
    input: [JSON], output: [JSON], assertions: [JSON], graders: [JSON], fileChanges: String? = nil,
    turns: Int? = nil, agentEvents: [UInt8] = []
  ) {
    self.agentEvents = agentEvents
    self.input = input
    self.output = output
    self.assertions = assertions
    self.graders = graders
    self.fileChanges = fileChanges
    self.turns = turns
  }

  /// Writes the files and sets the row's paths to them.
  ///
  /// Blocks for as long as the disk does.
  /// - Parameters:
  ///   - row: the row of the test; its error and numbers go into the files.
  ///   - place: directory of the test relative to the run.
  ///   - run: absolute path of the run directory.
  /// - Throws: `FileError`; the row is then to be dropped.
  public func write(
    for row: inout ResultRow, at place: String, in run: String
  ) throws(FileError) {
    let directory = Path.join(run, place)
    // A run directory that was removed is not made again: nothing would tell what is in it.
    try FileIO.createDirectories(output.isEmpty ? place : "\(place)/outputs", in: run)
    try FileIO.write("\(directory)/grading.json", grading(row).pretty() + [0x0A])
    row.gradingPath = "\(place)/grading.json"
    try FileIO.write("\(directory)/timing.json", RunSummary.timing([row]).pretty() + [0x0A])
    row.timingPath = "\(place)/timing.json"
    if !input.isEmpty {
      try FileIO.write("\(directory)/input.md", Array(Transcript.render(input).utf8))
      row.inputPath = "\(place)/input.md"
    }
    if !output.isEmpty {
      try FileIO.write("\(directory)/outputs/response.md", Array(Transcript.render(output).utf8))
      row.outputPath = "\(place)/outputs/response.md"
      row.responsePath = row.outputPath
    }
    if !agentEvents.isEmpty {
      try FileIO.createDirectories("\(place)/outputs", in: run)
      try FileIO.write("\(directory)/outputs/agent-events.jsonl", agentEvents)
      row.extra["agent_events_path"] = .string("\(place)/outputs/agent-events.jsonl")
    }
    try writeMessages(for: &row, at: place, in: directory)
  }

  /// Keeps messages that call tools whole: response.md has only their texts.
  private func writeMessages(
    for row: inout ResultRow, at place: String, in directory: String
  ) throws(FileError) {
    guard output.contains(where: { $0["tool_calls"] != nil }) else { return }
    var lines: [UInt8] = []
    for message in output { lines += message.serialized() + [0x0A] }
    try FileIO.write("\(directory)/outputs/messages.jsonl", lines)
    row.extra["messages_path"] = .string("\(place)/outputs/messages.jsonl")
  }

  private func grading(_ row: ResultRow) -> JSON {
    let passed = assertions.count { $0["passed"]?.bool == true }
    let rate = assertions.isEmpty ? 0 : Double(passed) / Double(assertions.count)
    var object: JSONObject = [
      "assertions": .array(assertions.map(Self.assertion)),
      "summary": [
        "passed": .int(passed), "failed": .int(assertions.count - passed),
        "total": .int(assertions.count), "pass_rate": .double(rounded(rate)),
      ],
      "execution_metrics": [
        "tool_calls": row.extra["trace"]?["tool_calls"] ?? [:],
        "total_tool_calls": row.extra["trace"]?["event_count"] ?? 0,
        "errors_encountered": .int(row.error == nil ? 0 : 1),
      ],
    ]
    if !graders.isEmpty { object["graders"] = .array(graders.map(Self.grader)) }
    if let fileChanges { object["workspace_changes"] = Self.changes(fileChanges) }
    if turns != nil || row.conversationID != nil {
      var conversation = JSONObject()
      conversation["turns"] = turns.map(JSON.int)
      conversation["conversation_id"] = row.conversationID.map(JSON.string)
      object["conversation"] = .object(conversation)
    }
    return .object(object)
  }

  private static func assertion(_ assertion: JSON) -> JSON {
    [
      "text": assertion["text"] ?? "", "passed": assertion["passed"] ?? false,
      "evidence": assertion["evidence"] ?? "",
    ]
  }

  private static func grader(_ score: JSON) -> JSON {
    var object: JSONObject = [
      "name": score["name"] ?? "", "type": score["type"] ?? "", "score": score["score"] ?? 0,
      "reasoning": "",
    ]
    for name in ["weight", "verdict", "assertions", "details", "scores"] {
      if let value = score[name] { object[name] = value }
    }
    return .object(object)
  }

  private static func changes(_ diff: String) -> JSON {
    let lines = diff.split(separator: "\n", omittingEmptySubsequences: false)
    let files = lines.count { $0.hasPrefix("+++ ") }
    let created = lines.count { $0 == "--- /dev/null" }
    return [
      "files_modified": .int(max(0, files - created)), "files_created": .int(created),
      "diff_summary": .string(lines.prefix(20).joined(separator: "\n")),
    ]
  }
}
