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

  private struct Key: Hashable {
    var file: String?
    var test: String?
    var target: String?
  }

  /// The lines without the conversations that a later one of the same test replaces, and without a
  /// torn last line.
  static func withoutReplaced(_ bytes: [UInt8]) -> [UInt8] {
    var groups: [(key: Key, lines: [UInt8])] = []
    for line in bytes.split(separator: 0x0A) {
      guard let json = try? JSON.parse(Array(line)), json.object != nil else { continue }
      let key = Key(
        file: json["eval_file"]?.string, test: json["test_id"]?.string,
        target: json["target"]?.string)
      if json["message_index"]?.int == 0 || groups.last?.key != key {
        groups.append((key, []))
      }
      groups[groups.count - 1].lines += line + [0x0A]
    }
    var last: [Key: Int] = [:]
    for (index, group) in groups.enumerated() { last[group.key] = index }
    return groups.enumerated().filter { last[$0.element.key] == $0.offset }
      .flatMap(\.element.lines)
  }
}
