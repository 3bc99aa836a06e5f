// The document that agents are sent: the files to read first, then the question.

import Core

/// The prompt of an agent that reads files itself.
enum AgentPrompt {
  /// The document.
  /// - Parameters:
  ///   - question: the text of the test.
  ///   - files: absolute paths of its input files.
  /// - Returns: the text for the agent.
  static func document(_ question: String, files: [String]) -> String {
    var parts: [String] = []
    if !files.isEmpty {
      let list = files.map { "* [\(Path.name($0))](file://\($0))" }.joined(separator: "\n")
      parts.append(
        """
        Read all input files:
        \(list).
        If any file is missing, fail with ERROR: missing-file <filename> and stop.
        Then apply system_instructions on the user query below.
        """)
    }
    return (parts + ["[[ ## user_query ## ]]", question]).joined(separator: "\n\n")
  }
}
