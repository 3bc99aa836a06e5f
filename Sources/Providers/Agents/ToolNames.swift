// Tools under the same names whatever agent called them, so that one assertion fits all.

import Core

/// Names of tools (reference: docs/reference/agents.md).
enum ToolNames {
  private static let same: [String: String] = [
    // copilot, today and in former versions
    "skill": "Skill", "bash": "Bash", "shell": "Bash", "view": "Read", "create": "Write",
    "edit": "Edit", "str_replace_editor": "Edit", "apply_patch": "Edit",
    "Read File": "Read", "readFile": "Read", "readTextFile": "Read", "Write File": "Write",
    "writeTextFile": "Write", "editFile": "Edit", "Edit File": "Edit",
    "runTerminalCommand": "Bash",
    // codex
    "command_execution": "Bash", "file_change": "Edit",
    // pi
    "read": "Read", "write": "Write",
  ]

  /// A tool under its common name; unknown ones keep theirs.
  /// - Parameters:
  ///   - name: as the agent wrote it.
  ///   - input: its arguments.
  /// - Returns: the name, and the arguments with what the name told added.
  static func normalized(_ name: String, input: JSON?) -> (name: String, input: JSON?) {
    for prefix in ["Using skill: ", "mcp:"] where name.hasPrefix(prefix) {
      var object = input?.object ?? [:]
      object["skill"] = .string(String(name.dropFirst(prefix.count)))
      return ("Skill", .object(object))
    }
    let tool = same[name] ?? (name.hasPrefix("Viewing ") ? "Read" : name)
    guard tool == "Read", var object = input?.object, object["file_path"] == nil,
      let path = object["path"] ?? object["filePath"]
    else { return (tool, input) }
    object["file_path"] = path
    return (tool, .object(object))
  }
}
