// The turns of a model that looks into a workspace. Tool calls are JSON in the model's text, so that
// every model can do it, whatever its API offers.

import Core
import EvalFiles

/// What has been asked and seen so far.
struct WorkspaceLoop {
  /// Most of the transcript that a prompt repeats, in bytes; the oldest results are shortened first.
  static let transcriptLimitBytes = 400 << 10

  /// How to use the tools.
  static let instructions = """
    You grade an answer and can look into the workspace that it is about. To do so, reply with one \
    JSON object and nothing else, in one of these forms:

    {"tool": "list_files", "input": {"path": "."}}
    {"tool": "read_file", "input": {"path": "<file>"}}
    {"tool": "search_files", "input": {"pattern": "<JavaScript regular expression>", "path": "."}}

    Paths are relative to the workspace. You get the result and may go on. Look at what matters \
    before you judge. When you know enough, judge.
    """

  /// A tool call of the model.
  struct Call {
    var tool: String
    var input: JSON
  }

  private let task: String
  private let steps: Int
  private var transcript: [String] = []
  /// Turns so far.
  private(set) var taken = 0
  /// Tools run so far.
  private(set) var toolCalls = 0

  init(task: String, steps: Int) {
    self.task = task
    self.steps = steps
  }

  /// Whether this turn must bring the judgement.
  var isLast: Bool { taken >= steps }

  /// The prompt of the next turn; `nil` when there are no more.
  mutating func nextPrompt() -> String? {
    guard taken < steps else { return nil }
    taken += 1
    var parts = [task]
    if !transcript.isEmpty {
      parts.append("[[ ## what you saw so far ## ]]\n" + transcript.joined(separator: "\n\n"))
    }
    if isLast { parts.append("This is the last turn: reply with your judgement now.") }
    return parts.joined(separator: "\n\n")
  }

  /// Notes the result of a tool.
  mutating func add(_ call: Call, result: JSON) {
    toolCalls += 1
    note("\(call.tool) \(call.input.text)\n\(result.text)")
  }

  /// Notes a reply that was neither a tool call nor a judgement.
  mutating func addUnreadable(_ text: String, reason: String) {
    note(
      "Your reply could not be read (\(reason)); it was:\n\(BoundedText.cut(text, to: 4 << 10))")
  }

  private mutating func note(_ text: String) {
    transcript.append(text)
    var total = transcript.reduce(0) { $0 + $1.utf8.count }
    for index in transcript.indices where total > Self.transcriptLimitBytes {
      let short = BoundedText.cut(transcript[index], to: 1 << 10)
      total -= transcript[index].utf8.count - short.utf8.count
      transcript[index] = short
    }
  }

  /// The tool call in a reply; `nil` when it is none.
  static func call(in text: String) -> Call? {
    guard let object = (try? LenientJSON.parse(text))?.object, object["score"] == nil,
      object["checks"] == nil, let tool = object["tool"]?.string
    else { return nil }
    return Call(tool: tool, input: object["input"] ?? .object(object))
  }
}
