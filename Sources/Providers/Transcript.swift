// Recorded conversations: JSONL with one message a line (reference: docs/reference/run-artifacts.md,
// transcript.jsonl).

import Core
import EvalFiles

/// What a transcript file holds.
struct Transcript: Sendable {
  /// Largest file that is read, in bytes.
  static let fileLimitBytes = 512 << 20

  /// One recorded conversation.
  struct Recording: Sendable {
    var testID: String
    var target: String?
    /// Messages by their index.
    var messages: [(index: Int, message: Message)] = []
    var metrics = TargetMetrics()
    /// Sum of what the messages say, for transcripts without a total.
    var messageTokens: TokenUsage?

    /// What the target said: everything from its first message on.
    ///
    /// Before that stands what it was asked.
    var output: [Message] {
      let sorted = messages.sorted { $0.index < $1.index }.map(\.message)
      return Array(sorted.drop { $0.role != "assistant" && $0.role != "tool" })
    }
  }

  /// The recordings in the order in which they begin.
  private(set) var recordings: [Recording] = []

  /// Reads a file.
  /// - Throws: `ProviderError` with `.configuration`, naming the file and the line.
  init(file: String) throws(ProviderError) {
    let bytes: [UInt8]
    do {
      bytes = try FileIO.read(file, limitBytes: Self.fileLimitBytes)
    } catch {
      throw ProviderError(.configuration, "cannot read the transcript: \(error.description)")
    }
    try self.init(bytes, name: file)
  }

  /// Reads the bytes of a file.
  init(_ bytes: [UInt8], name: String) throws(ProviderError) {
    var open: [String: Int] = [:]
    var number = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      func refused(_ reason: String) -> ProviderError {
        ProviderError(.configuration, "\(name):\(number): \(reason)")
      }
      let json: JSON
      do throws(JSONParseError) {
        json = try JSON.parse(line)
      } catch {
        throw refused("a transcript holds one JSON object a line; \(error.description)")
      }
      guard let id = json["test_id"]?.string, !id.isEmpty else {
        throw refused("'test_id' must be a text, found \(json["test_id"]?.text ?? "none")")
      }
      guard let message = Message(json: Self.message(json), anyRole: true) else {
        throw refused("'role' must be a text, found \(json["role"]?.text ?? "none")")
      }
      take(message, json, id: id, &open)
    }
    guard !recordings.isEmpty else {
      throw ProviderError(.configuration, "\(name): the transcript holds no message")
    }
  }

  private mutating func take(
    _ message: Message, _ json: JSON, id: String, _ open: inout [String: Int]
  ) {
    let target = json["target"]?.string
    let key = "\(id)\n\(target ?? "")"
    var place = open[key]
    // An index that is there already begins the recording of another attempt.
    if let current = place, let index = json["message_index"]?.int,
      recordings[current].messages.contains(where: { $0.index == index })
    {
      place = nil
    }
    if place == nil { recordings.append(Recording(testID: id, target: target)) }
    let current = place ?? recordings.count - 1
    open[key] = current
    let index = json["message_index"]?.int ?? recordings[current].messages.count
    recordings[current].messages.append((index, message))
    if let usage = json["transcript_token_usage"].flatMap(TokenUsage.init(json:)) {
      recordings[current].metrics.tokenUsage = usage
    }
    if let duration = json["transcript_duration_ms"]?.double, duration >= 0, duration < 1e15 {
      recordings[current].metrics.durationMS = Int(duration)
    }
    if let cost = json["transcript_cost_usd"]?.double, cost >= 0 {
      recordings[current].metrics.costUSD = cost
    }
    if let usage = json["token_usage"].flatMap(TokenUsage.init(json:)) {
      recordings[current].messageTokens = (recordings[current].messageTokens ?? .none) + usage
    }
  }

  /// The parts of a line that belong to the message.
  private static func message(_ json: JSON) -> JSON {
    var object: JSONObject = [:]
    for name in [
      "role", "name", "content", "tool_calls", "start_time", "end_time", "duration_ms", "metadata",
    ] {
      if let value = json[name], !value.isNull { object[name] = value }
    }
    return .object(object)
  }
}

extension TokenUsage {
  fileprivate static let none = TokenUsage(input: 0, output: 0)

  fileprivate static func + (left: TokenUsage, right: TokenUsage) -> TokenUsage {
    func sum(_ one: Int?, _ other: Int?) -> Int? {
      one == nil && other == nil ? nil : (one ?? 0) + (other ?? 0)
    }
    return TokenUsage(
      input: left.input + right.input, output: left.output + right.output,
      cached: sum(left.cached, right.cached), reasoning: sum(left.reasoning, right.reasoning))
  }
}
