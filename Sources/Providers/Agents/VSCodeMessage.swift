// The files and command lines of one exchange with VS Code.

import Core
import EvalFiles

/// One request in a slot.
struct VSCodeMessage: Sendable {
  let workspaceFile: String
  let aliveFile: String
  let requestFile: String
  let responseFile: String
  private let mode = "agentv"

  /// Writes the workspace and the request.
  /// - Throws: `FileError`.
  init(
    _ request: ProviderRequest, in directory: String, workspace: String, systemPrompt: String?
  ) throws(FileError) {
    let random = String(UInt32.random(in: 0 ... .max), radix: 36)
    let name = "\(Timestamp.now().directoryName)-\(random)"
    workspaceFile = Path.join(directory, "\(Path.name(directory)).code-workspace")
    aliveFile = Path.join(directory, ".alive")
    requestFile = Path.join(directory, "messages/\(name)_req.md")
    responseFile = Path.join(directory, "messages/\(name)_res.md")
    let folders: JSON = [
      "folders": [["path": "."], ["path": .string(workspace)]], "settings": [:],
    ]
    try FileIO.remove(aliveFile)
    try FileIO.write(workspaceFile, folders.pretty())
    for (mode, text) in [
      ("wakeup", "Create the file that you are asked for and stop."),
      (mode, "Do what the request file says, then write the response file."),
    ] {
      let folder = Path.join(directory, ".github/chatmodes")
      try FileIO.createDirectories(folder)
      try FileIO.write(
        Path.join(folder, "\(mode).chatmode.md"),
        Array("---\ndescription: agentv\n---\n\n\(text)\n".utf8))
    }
    try FileIO.write(
      requestFile, Array(Self.text(request, systemPrompt, response: responseFile).utf8))
  }

  private static func text(
    _ request: ProviderRequest, _ systemPrompt: String?, response: String
  ) -> String {
    let question = AgentPrompt.document(request.prompt, files: request.test.inputFiles)
    let rules = """
      ## Response

      When you are done, write your final answer, and nothing else, to `\(response).tmp`. Then rename \
      that file to `\(response)`. Do this also when you cannot answer; say why then.
      """
    return [systemPrompt, question, rules].compactMap { $0 }.joined(separator: "\n\n") + "\n"
  }

  /// Asks the window for a sign of life.
  var wakeUp: [String] {
    ["-r", "chat", "-m", "wakeup", "create a file named .alive in \(Path.directory(aliveFile))"]
  }

  /// Asks the window to follow the request.
  func chat(files: [String]) -> [String] {
    ["-r", "chat", "-m", mode] + (files + [requestFile]).flatMap { ["-a", $0] }
      + ["Follow instructions in [\(Path.name(requestFile))](\(requestFile))"]
  }
}
