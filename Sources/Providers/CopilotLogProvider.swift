// `copilot-log`: the answer of a session that Copilot has recorded; no process, no model.

import Core
import EvalFiles

/// Reads a recorded session for each test.
struct CopilotLogProvider: Provider {
  /// Which session is read.
  enum Choice: Sendable, Hashable {
    case directory(String)
    case id(String)
    case latest
  }

  let promptStyle = PromptStyle.agent
  let targetName: String
  let choice: Choice
  /// Directory of the sessions; `nil` for Copilot's own.
  let stateDirectory: String?
  /// Only sessions that worked in this directory, for the latest one.
  let cwd: String?

  /// Reads the settings of a target.
  /// - Throws: `ProviderError` with `.configuration`.
  init(_ target: ResolvedTarget) throws(ProviderError) {
    let reader = TargetReader(target)
    targetName = target.name
    stateDirectory = try reader.text("session_state_dir")
    cwd = try reader.text("cwd")
    let directory = try reader.text("session_dir")
    let id = try reader.text("session_id")
    let discover = try reader.text("discover")
    if let directory {
      choice = .directory(directory)
    } else if let id {
      guard !id.contains("/"), id != ".." else {
        throw reader.problem(
          "session_id", "must be an id, found \(id); use 'session_dir' for a path")
      }
      choice = .id(id)
    } else if discover == "latest" {
      choice = .latest
    } else if let discover {
      throw reader.problem("discover", "must be latest, found \(discover)")
    } else {
      throw reader.problem(
        "session_dir",
        "is missing; a copilot-log target needs 'session_dir', 'session_id' or 'discover: latest'")
    }
  }

  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    if Task.isCancelled { throw .cancelled }
    let directory = try directory(request)
    let file = Path.join(directory, "events.jsonl")
    let bytes: [UInt8]
    do {
      bytes = try FileIO.read(file, limitBytes: CopilotSession.fileLimitBytes)
    } catch {
      throw ProviderError(.configuration, "target '\(targetName)': \(error.description)")
    }
    let session = CopilotSession(bytes)
    guard !session.messages.isEmpty else {
      throw ProviderError(
        .badAnswer, "target '\(targetName)': \(file) holds no message of the assistant")
    }
    let warnings =
      session.badLines == 0 ? [] : ["\(session.badLines) lines of \(file) were passed over"]
    return ProviderResponse(
      output: session.messages, metrics: session.metrics, warnings: warnings)
  }

  // MARK: Finding the session

  private func directory(_ request: ProviderRequest) throws(ProviderError) -> String {
    func absolute(_ path: String) -> String {
      let home = request.environment["HOME"] ?? ""
      let expanded = path.hasPrefix("~/") ? home + path.dropFirst() : path
      return Path.absolute(expanded, in: request.test.directory)
    }
    let sessions = absolute(stateDirectory ?? "~/.copilot/session-state")
    switch choice {
    case .directory(let path): return absolute(path)
    case .id(let id): return Path.join(sessions, id)
    case .latest:
      guard let latest = latest(in: sessions, cwd: cwd.map(absolute)) else {
        let filter = cwd.map { " that worked in \(absolute($0))" } ?? ""
        throw ProviderError(
          .configuration,
          "target '\(targetName)': there is no session\(filter) in \(sessions); check "
            + "'session_state_dir' and 'cwd'")
      }
      return latest
    }
  }

  /// The session whose record was written last.
  private func latest(in sessions: String, cwd: String?) -> String? {
    let names = (try? FileIO.list(sessions)) ?? []
    let found = names.compactMap { name -> (path: String, time: Int)? in
      let path = Path.join(sessions, name)
      guard let status = FileIO.status(Path.join(path, "events.jsonl")), status.kind == .file else {
        return nil
      }
      return (path, status.modifiedNanoseconds)
    }
    return found.sorted { $0.time > $1.time }.first { session in
      cwd.map { Self.workingDirectory(of: session.path) == $0 } ?? true
    }?.path
  }

  /// Where a session worked: its first event tells, or `workspace.yaml` beside it.
  private static func workingDirectory(of session: String) -> String? {
    let bytes = try? FileIO.read(Path.join(session, "events.jsonl"), offset: 0, count: 64 << 10)
    if let line = bytes?.split(separator: 0x0A).first,
      let directory = CopilotSession(Array(line)).workingDirectory
    {
      return Path.normalize(directory)
    }
    let text = (try? FileIO.read(Path.join(session, "workspace.yaml"))).map {
      String(decoding: $0, as: UTF8.self)
    }
    let line = text?.split(separator: "\n").first { $0.hasPrefix("cwd:") }
    return line.map { Path.normalize(String($0.dropFirst("cwd:".count)).trimmed) }
  }
}
