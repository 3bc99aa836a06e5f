import ArgumentParser
import Core
import Reports

/// `agentv import`: recorded sessions of agents as transcripts.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Turn recorded agent sessions into transcripts.",
    discussion: """
      A transcript is graded without running the agent again: agentv eval FILE --transcript \
      TRANSCRIPT.

      Examples:
        agentv import claude --list
        agentv eval evals --transcript .agentv/transcripts/claude-ID.jsonl

      Exit codes: 0 done; 1 no such session, or a file that cannot be read or written.
      """,
    subcommands: [ImportClaude.self, ImportCodex.self, ImportCopilot.self])
}

/// What the agents have in common.
struct ImportOptions: ParsableArguments {
  @Option(name: .customLong("session-id"), help: "The session to import; its beginning is enough.")
  var sessionID: String?
  @Flag(help: "Show the sessions that are there, the last changed first.")
  var list = false
  @Option(
    name: [.short, .customLong("output")],
    help: "The file (default: .agentv/transcripts/<agent>-<id>.jsonl).")
  var output: String?
  @Option(
    name: .customLong("test-id"),
    help: "Test that the transcript answers (default: the session id).")
  var testID: String?
  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional,
    help: "With --list, at most so many (default: 20).")
  var limit = 20
  @Flag(help: "Print JSON.")
  var json = false

  func perform(
    _ kind: SessionKind, directory: String?, project: String? = nil, date: String? = nil
  ) async {
    await CommandEnd.perform {
      let here = FileIO.workingDirectory
      let directory =
        directory.map { Path.absolute($0, in: here) }
        ?? kind.directory(ProcessEnvironment.current())
      if limit < 1 { throw ReportError("--limit must be 1 or more, got: \(limit)") }
      let sessions = AgentSession.all(kind, in: directory, project: project, date: date)
      if list {
        show(sessions, kind, directory)
        return 0
      }
      guard let sessionID, !sessionID.isEmpty else {
        throw ReportError(
          "specify --session-id <id> to select a session. Use --list to see available sessions.")
      }
      let exact = sessions.filter { $0.id == sessionID }
      let found = exact.isEmpty ? sessions.filter { $0.id.hasPrefix(sessionID) } : exact
      guard let session = found.first else {
        throw ReportError("session \(sessionID) not found in \"\(directory)\"; --list shows all")
      }
      guard Set(found.map(\.id)).count == 1 else {
        throw ReportError(
          "\(found.count) sessions begin with \(sessionID): "
            + found.prefix(5).map(\.id).joined(separator: ", "))
      }
      try write(session, kind, here)
      return 0
    }
  }

  private func show(_ sessions: [AgentSession], _ kind: SessionKind, _ directory: String) {
    let shown = sessions.prefix(limit)
    if json {
      CommandEnd.say(.array(shown.map(\.json)))
      return
    }
    guard !sessions.isEmpty else {
      CommandEnd.say("No \(kind.title) sessions found in \(directory).")
      return
    }
    CommandEnd.say("Found \(sessions.count) session(s):\n")
    let now = Timestamp.now()
    for session in shown {
      CommandEnd.say(
        "  \(session.id)  \(session.age(at: now))  \(session.label)"
          + (session.isActive ? " (active)" : ""))
    }
    if sessions.count > shown.count {
      CommandEnd.say("  … and \(sessions.count - shown.count) more; --limit shows more")
    }
  }

  private func write(_ session: AgentSession, _ kind: SessionKind, _ here: String) throws {
    let transcript = try session.transcript(kind)
    guard !transcript.messages.isEmpty else {
      throw ReportError("\"\(session.path)\" has no messages")
    }
    if transcript.badLines > 0 {
      CommandEnd.complain(
        "Warning: \(transcript.badLines) line(s) of \"\(session.path)\" are no events and were "
          + "skipped.")
    }
    let path = output ?? ".agentv/transcripts/\(kind.rawValue)-\(session.id.prefix(8)).jsonl"
    var file = try OutputFile(Path.absolute(path, in: here))
    for line in transcript.lines(testID: testID) { try file.write(line.serialized() + [0x0A]) }
    try file.finish()
    if json {
      CommandEnd.say([
        "session_id": .string(session.id), "output": .string(Path.absolute(path, in: here)),
        "messages": .int(transcript.messages.count), "tool_calls": .int(transcript.toolCallCount),
        "model": .optional(transcript.model), "duration_ms": .optional(transcript.durationMS),
      ])
      return
    }
    CommandEnd.say(
      "Imported \(transcript.messages.count) messages (\(transcript.toolCallCount) tool calls) → "
        + path)
    if let model = transcript.model { CommandEnd.say("  Model: \(model)") }
    if let duration = transcript.durationMS {
      CommandEnd.say("  Duration: \(duration / 60_000)m \(duration / 1000 % 60)s")
    }
    if let tokens = transcript.tokens {
      CommandEnd.say("  Tokens: \(tokens.input) in / \(tokens.output) out")
    }
  }
}

/// `agentv import claude`.
struct ImportClaude: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claude", abstract: "Import a session of Claude Code.",
    discussion: """
      Examples:
        agentv import claude --list
        agentv import claude --session-id 3f2a --test-id greets

      Exit codes: 0 done; 1 no such session, or a file that cannot be read or written.
      """)

  @OptionGroup var options: ImportOptions
  @Option(help: "Only sessions of this project directory.")
  var projectPath: String?
  @Option(help: "Where the sessions are (default: ~/.claude/projects).")
  var projectsDir: String?

  func run() async {
    await options.perform(.claude, directory: projectsDir, project: projectPath)
  }
}

/// `agentv import codex`.
struct ImportCodex: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codex", abstract: "Import a session of Codex.",
    discussion: """
      Examples:
        agentv import codex --list
        agentv import codex --session-id 3f2a --test-id greets

      Exit codes: 0 done; 1 no such session, or a file that cannot be read or written.
      """)

  @OptionGroup var options: ImportOptions
  @Option(help: "Only sessions of this day, YYYY-MM-DD.")
  var date: String?
  @Option(help: "Where the sessions are (default: ~/.codex/sessions).")
  var sessionsDir: String?

  func run() async {
    await options.perform(.codex, directory: sessionsDir, date: date)
  }
}

/// `agentv import copilot`.
struct ImportCopilot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copilot", abstract: "Import a session of Copilot CLI.",
    discussion: """
      Examples:
        agentv import copilot --list
        agentv import copilot --session-id 3f2a --test-id greets

      Exit codes: 0 done; 1 no such session, or a file that cannot be read or written.
      """)

  @OptionGroup var options: ImportOptions
  @Option(help: "Where the sessions are (default: ~/.copilot/session-state).")
  var sessionStateDir: String?

  func run() async { await options.perform(.copilot, directory: sessionStateDir) }
}
