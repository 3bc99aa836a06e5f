// A recorded session of an agent as a transcript that `--transcript` replays (reference: providers
// A3, transcript).

public import Core

/// A conversation that an agent's own program recorded.
public struct AgentTranscript: Sendable {
  /// One message, with the tools it calls.
  public struct Message: Sendable, Hashable {
    /// `user` or `assistant`.
    public var role: String
    /// What it says; `nil` for a message that only calls tools.
    public var content: String?
    /// `{tool, input, id, output?}`.
    public var toolCalls: [JSONObject] = []
  }

  /// Agent: `claude`, `codex`, `copilot`.
  public var provider: String
  /// The session's own id.
  public var sessionID = ""
  /// Model, as far as the session tells.
  public var model: String?
  /// Working directory of the session.
  public var cwd: String?
  /// Branch of the working directory.
  public var gitBranch: String?
  /// Version of the agent's program.
  public var version: String?
  /// Time of the first event, ISO 8601.
  public var startedAt: String?
  /// Time of the last event, ISO 8601.
  public var endedAt: String?
  /// Tokens in all; `nil` when the session does not tell.
  public var tokens: (input: Int, output: Int, cached: Int?)?
  /// The messages in order.
  public var messages: [Message] = []
  /// Lines that are no JSON.
  public var badLines = 0

  init(provider: String) { self.provider = provider }

  /// From the first event to the last, milliseconds.
  public var durationMS: Int? {
    guard let start = startedAt.flatMap(Timestamp.init), let end = endedAt.flatMap(Timestamp.init)
    else { return nil }
    return max(0, end.millisecondsSinceEpoch - start.millisecondsSinceEpoch)
  }

  /// Number of tool calls.
  public var toolCallCount: Int { messages.reduce(0) { $0 + $1.toolCalls.count } }

  /// One object for each message, as a transcript file has them.
  /// - Parameter testID: the test that the transcript is to answer; `nil` for the session's id.
  /// - Returns: the objects in the order of the messages.
  public func lines(testID: String? = nil) -> [JSON] {
    var source: JSONObject = ["provider": .string(provider), "session_id": .string(sessionID)]
    source["model"] = model.map(JSON.string)
    source["timestamp"] = startedAt.map(JSON.string)
    source["git_branch"] = gitBranch.map(JSON.string)
    source["cwd"] = cwd.map(JSON.string)
    source["version"] = version.map(JSON.string)
    return messages.enumerated().map { index, message in
      var line: JSONObject = [
        "test_id": .string(testID ?? sessionID), "target": .string(provider),
        "message_index": .int(index), "role": .string(message.role),
      ]
      line["content"] = message.content.map(JSON.string)
      if !message.toolCalls.isEmpty {
        line["tool_calls"] = .array(message.toolCalls.map(JSON.object))
      }
      if let tokens {
        var usage: JSONObject = ["input": .int(tokens.input), "output": .int(tokens.output)]
        usage["cached"] = tokens.cached.map(JSON.int)
        line["transcript_token_usage"] = .object(usage)
      }
      line["transcript_duration_ms"] = durationMS.map(JSON.int)
      line["source"] = .object(source)
      return .object(line)
    }
  }

  /// Notes the time of an event.
  mutating func note(_ time: String?) {
    guard let time else { return }
    if startedAt == nil { startedAt = time }
    endedAt = time
  }
}

/// Puts what tools returned to the calls that wait for it.
struct PendingCalls {
  private var places: [String: (message: Int, call: Int)] = [:]

  /// Adds a call to a message.
  mutating func add(
    _ name: String, id: String?, input: JSON?, to message: Int,
    of messages: inout [AgentTranscript.Message]
  ) {
    var call: JSONObject = ["tool": .string(name)]
    call["input"] = input
    call["id"] = id.map(JSON.string)
    messages[message].toolCalls.append(call)
    if let id { places[id] = (message, messages[message].toolCalls.count - 1) }
  }

  /// Whether a call is known.
  func contains(_ id: String) -> Bool { places[id] != nil }

  /// Adds the output of a call; one that is not known is left out.
  mutating func finish(
    _ id: String?, output: JSON, durationMS: Int? = nil,
    of messages: inout [AgentTranscript.Message]
  ) {
    guard let id, let place = places[id] else { return }
    messages[place.message].toolCalls[place.call]["output"] = output
    if let durationMS {
      messages[place.message].toolCalls[place.call]["duration_ms"] = .int(durationMS)
    }
  }
}

/// Names of tools as AgentV writes them (reference: providers A2, tool names).
enum ToolNames {
  static func normalized(_ name: String, input: JSON?) -> (name: String, input: JSON?) {
    let known = [
      "command_execution": "Bash", "bash": "Bash", "shell": "Bash", "exec_command": "Bash",
      "local_shell_call": "Bash", "runTerminalCommand": "Bash", "file_change": "Edit",
      "apply_patch": "Edit", "edit": "Edit", "editFile": "Edit", "Edit File": "Edit",
      "str_replace": "Edit", "create": "Write", "Write File": "Write", "writeTextFile": "Write",
      "view": "Read", "read": "Read", "Read File": "Read", "readFile": "Read",
      "readTextFile": "Read", "skill": "Skill",
    ]
    if let word = known[name] {
      guard word == "Read", var object = input?.object, object["file_path"] == nil,
        let path = object["path"] ?? object["filePath"]
      else { return (word, input) }
      object["file_path"] = path
      return (word, .object(object))
    }
    if name.hasPrefix("mcp:") {
      var object = input?.object ?? [:]
      object["skill"] = .string(String(name.dropFirst(4)))
      return ("Skill", .object(object))
    }
    if name.hasPrefix("Using skill: ") {
      var object = input?.object ?? [:]
      object["skill"] = .string(String(name.dropFirst("Using skill: ".count)))
      return ("Skill", .object(object))
    }
    return (name.hasPrefix("Viewing ") ? "Read" : name, input)
  }
}
