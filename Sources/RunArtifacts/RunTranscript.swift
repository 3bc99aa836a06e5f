// transcript.jsonl of a run: every message that went to a target or came from it, one a line
// (reference: run-artifacts 5). It can be played back with --transcript.

import Core

/// The conversation of the tests of a run.
enum RunTranscript {
  /// The lines of one finished test, newlines included.
  static func lines(_ row: ResultRow, input: [JSON], output: [JSON]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, message) in (input + output).enumerated() {
      var object: JSONObject = [
        "test_id": .string(row.testID), "target": .string(row.target),
        "message_index": .int(index), "role": message["role"] ?? "assistant",
        "content": message["content"] ?? "",
      ]
      for name in ["name", "tool_calls", "start_time", "end_time", "duration_ms"] {
        object[name] = message[name]
      }
      object["transcript_token_usage"] = row.tokenUsage?.json
      object["transcript_duration_ms"] = row.durationMS.map(JSON.int)
      object["transcript_cost_usd"] = row.costUSD.map(JSON.double)
      var source: JSONObject = [
        "provider": .string(row.target),
        "session_id": .string(row.conversationID ?? row.testID),
      ]
      source["timestamp"] = row.timestamp.map(JSON.string)
      if case .string(let version)? = row.extra["agent_version"] {
        source["version"] = .string(version)
      }
      object["source"] = .object(source)
      object["eval_file"] = row.evalFile.map(JSON.string)
      bytes += JSON.object(object).serialized() + [0x0A]
    }
    return bytes
  }

  /// Conversations in the order of the file, while it is being read.
  private struct Groups {
    /// The last conversation of each test, by the fingerprint of its names.
    var last: [UInt64: Int] = [:]
    /// The conversation that the last line belongs to.
    private(set) var current = -1
    private var key: UInt64?

    /// Takes the next line.
    /// - Returns: the fingerprint of its test; `nil` when it is no message.
    mutating func take(_ line: ArraySlice<UInt8>) -> UInt64? {
      guard let json = try? JSON.parse(line), json.object != nil else { return nil }
      let names = ["eval_file", "test_id", "target"].map { json[$0]?.string ?? "" }
      let key = Fingerprint.of(names.joined(separator: "\0"))
      if json["message_index"]?.int == 0 || self.key != key { current += 1 }
      self.key = key
      return key
    }
  }

  /// Takes the conversations out of a transcript that a later one of the same test replaces, and
  /// lines that are no messages; blocks.
  /// - Throws: `FileError`; the file is then as it was.
  static func removeReplaced(_ path: String) throws(FileError) {
    let stream = RowStream(path: path)
    var groups = Groups()
    let badLines = try stream.forEachLine { line, _ in
      guard let key = groups.take(line) else { return false }
      groups.last[key] = groups.current
      return true
    }
    if badLines == 0, groups.last.count == groups.current + 1 { return }
    let last = groups.last
    groups = Groups()
    var file = try OutputFile(path)
    var failure: FileError?
    _ = try stream.forEachLine { line, _ in
      guard failure == nil, let key = groups.take(line), last[key] == groups.current else {
        return true
      }
      do throws(FileError) {
        try file.write(line + [0x0A])
      } catch {
        failure = error
      }
      return true
    }
    if let failure { throw failure }
    try file.finish()
  }
}
