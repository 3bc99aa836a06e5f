// Where agents keep their sessions, and how one of them is read.

public import Core
import RunArtifacts

/// An agent whose sessions can be imported.
public enum SessionKind: String, Sendable, Hashable, CaseIterable {
  case claude, codex, copilot

  /// The agent's name for people.
  public var title: String {
    switch self {
    case .claude: "Claude Code"
    case .codex: "Codex CLI"
    case .copilot: "Copilot CLI"
    }
  }

  /// Where the agent keeps its sessions.
  /// - Parameter environment: variables of the process; the agents' own variables move the place.
  /// - Returns: an absolute path, when `HOME` is one.
  public func directory(_ environment: [String: String]) -> String {
    let home = environment["HOME"] ?? "/"
    func own(_ variable: String, _ usual: String) -> String {
      environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? Path.join(home, usual)
    }
    return switch self {
    case .claude: Path.join(own("CLAUDE_CONFIG_DIR", ".claude"), "projects")
    case .codex: Path.join(own("CODEX_HOME", ".codex"), "sessions")
    case .copilot: Path.join(own("COPILOT_HOME", ".copilot"), "session-state")
    }
  }
}

/// A session on disk.
public struct AgentSession: Sendable, Hashable {
  /// The agent's id of it.
  public var id: String
  /// The file.
  public var path: String
  /// Project, working directory or file name: what people know it by.
  public var label: String
  /// Last change.
  public var updatedAt: Timestamp
  /// Whether the agent still holds it.
  public var isActive = false

  /// The form in JSON.
  public var json: JSON {
    [
      "session_id": .string(id), "updated_at": .string(updatedAt.description),
      "label": .string(label), "path": .string(path), "active": .bool(isActive),
    ]
  }

  /// The sessions of an agent, the last changed first.
  /// - Parameters:
  ///   - kind: the agent.
  ///   - directory: where its sessions are.
  ///   - project: of Claude: only sessions of this project directory.
  ///   - date: of Codex: only sessions of this day, `YYYY-MM-DD`.
  /// - Returns: the sessions; none when the directory is missing.
  public static func all(
    _ kind: SessionKind, in directory: String, project: String? = nil, date: String? = nil
  ) -> [AgentSession] {
    let found =
      switch kind {
      case .claude: claude(directory, project: project)
      case .codex: codex(directory, date: date)
      case .copilot: copilot(directory)
      }
    return found.sorted { ($1.updatedAt, $0.id) < ($0.updatedAt, $1.id) }
  }

  private init?(id: String, path: String, label: String) {
    guard let status = FileIO.status(path), status.kind == .file else { return nil }
    self.id = id
    self.path = path
    self.label = label
    updatedAt = Timestamp(millisecondsSinceEpoch: status.modifiedNanoseconds / 1_000_000)
  }

  private static func names(_ path: String) -> [String] { (try? FileIO.list(path)) ?? [] }

  private static func claude(_ directory: String, project: String?) -> [AgentSession] {
    // Claude names a project's directory by its path with everything but letters and digits as "-".
    let encoded = project.map { path in
      String(path.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    }
    return names(directory).filter { encoded == nil || $0 == encoded }.flatMap { project in
      let path = Path.join(directory, project)
      return names(path).compactMap { name -> AgentSession? in
        // Sessions of sub-agents lie beside those that started them.
        guard name.hasSuffix(".jsonl"), !name.hasPrefix("agent-") else { return nil }
        return AgentSession(
          id: String(name.dropLast(6)), path: Path.join(path, name), label: project)
      }
    }
  }

  private static func codex(_ directory: String, date: String?) -> [AgentSession] {
    names(directory).flatMap { year in
      names("\(directory)/\(year)").flatMap { month in
        names("\(directory)/\(year)/\(month)").flatMap { day -> [AgentSession] in
          if let date, date != "\(year)-\(month)-\(day)" { return [] }
          let path = "\(directory)/\(year)/\(month)/\(day)"
          return names(path).compactMap { name -> AgentSession? in
            guard name.hasPrefix("rollout-"), name.hasSuffix(".jsonl") else { return nil }
            let stem = name.dropLast(6)
            let parts = stem.split(separator: "-")
            // A UUID has five parts.
            let id = parts.count > 5 ? parts.suffix(5).joined(separator: "-") : String(stem)
            return AgentSession(id: id, path: "\(path)/\(name)", label: name)
          }
        }
      }
    }
  }

  private static func copilot(_ directory: String) -> [AgentSession] {
    names(directory).compactMap { name in
      let path = Path.join(directory, name)
      guard
        var session = AgentSession(id: name, path: "\(path)/events.jsonl", label: "")
      else { return nil }
      session.label = workingDirectory(session.path) ?? name
      session.isActive = names(path).contains { $0.hasPrefix("inuse.") && $0.hasSuffix(".lock") }
      return session
    }
  }

  /// The working directory that the first event of a Copilot session tells.
  private static func workingDirectory(_ path: String) -> String? {
    guard let bytes = try? FileIO.read(path, offset: 0, count: 65536) else { return nil }
    let first = bytes.prefix { $0 != 0x0A }
    guard let json = try? JSON.parse(first) else { return nil }
    return json["data"]?["context"]?["cwd"]?.string ?? json["data"]?["cwd"]?.string
  }

  /// Reads a session.
  /// - Parameter kind: the agent.
  /// - Returns: the transcript; its `badLines` tells what was skipped.
  /// - Throws: `FileError`.
  public func transcript(_ kind: SessionKind) throws(FileError) -> AgentTranscript {
    let stream = RowStream(path: path)
    func read(_ take: (JSON) -> Void) throws(FileError) -> Int {
      try stream.forEachLine { bytes, _ in
        guard let event = try? JSON.parse(bytes), event.object != nil else { return false }
        take(event)
        return true
      }
    }
    var transcript: AgentTranscript
    let badLines: Int
    switch kind {
    case .claude:
      var session = ClaudeSession()
      badLines = try read { session.take($0) }
      transcript = session.finish()
    case .codex:
      var session = CodexSession()
      badLines = try read { session.take($0) }
      transcript = session.transcript
    case .copilot:
      var session = CopilotSession()
      badLines = try read { session.take($0) }
      transcript = session.transcript
    }
    transcript.badLines = badLines
    if transcript.sessionID.isEmpty { transcript.sessionID = id }
    return transcript
  }

  /// How long ago a session was changed, `2m ago`.
  public func age(at now: Timestamp) -> String {
    let minutes =
      max(0, now.millisecondsSinceEpoch - updatedAt.millisecondsSinceEpoch) / 60_000
    if minutes < 60 { return "\(minutes)m ago" }
    if minutes < 60 * 24 { return "\(minutes / 60)h ago" }
    return "\(minutes / (60 * 24))d ago"
  }
}
