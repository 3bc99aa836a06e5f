// The provider of all agents: start, read, limit, stop, log. What differs between them is in `Agent`.

import Core
import EvalFiles
import EventLoop
import Supervisor

/// Runs an agent program for each test.
///
/// A test is complete only when the agent's own final event was read before a stop was asked for:
/// exit codes are not believed, because some agents exit 0 when they are interrupted.
struct AgentProvider: Provider {
  /// Longest error text that goes into a row, characters.
  static let errorTextLimit = 4000

  let promptStyle = PromptStyle.agent
  let agent: any Agent
  /// Directory of the project, absolute: agents without another one work there.
  let projectDirectory: String
  let log: (@Sendable (String) -> Void)?
  private let health = AgentHealth()

  init(
    _ agent: any Agent, projectDirectory: String, log: (@Sendable (String) -> Void)? = nil
  ) {
    self.agent = agent
    self.projectDirectory = projectDirectory
    self.log = log
  }

  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    if Task.isCancelled { throw .cancelled }
    let settings = agent.settings
    let directory =
      request.workingDirectory
      ?? settings.cwd.map { Path.absolute($0, in: request.test.directory) } ?? projectDirectory
    let executable = executable(request)
    let version = try await health.check(
      agent, executable: executable, environment: request.environment, directory: directory)
    let temporary = try Self.temporaryDirectory(request)
    defer { try? FileIO.removeTree(temporary) }
    let call = AgentCall(
      request: request,
      prompt: AgentPrompt.document(request.prompt, files: request.test.inputFiles),
      // That of the request is part of its prompt, where agents find all messages.
      systemPrompt: settings.systemPrompt,
      directory: directory, temporaryDirectory: temporary)
    let launch = try agent.launch(call)
    try write(launch.files, temporary)
    let redactor = SecretRedactor(launch.environment, settings: agent.secrets)
    let session = AgentSession(
      reader: agent.makeReader(), redactor: redactor, log: streamLog(request))
    let limit = Self.shorter(settings.timeout, request.timeout)
    let process = AgentProcess(
      spec: spec(launch, executable: executable, request, directory), stop: agent.traits.stop,
      timeout: limit?.duration)
    let end: AgentProcess.End
    do throws(SupervisorError) {
      end = try await process.run(linger: agent.traits.linger) { line, instant, isLate in
        await session.take(line, at: instant, isLate: isLate)
      }
    } catch {
      throw failure(of: error)
    }
    let seen = await session.finish()
    // A stop leaves no result, whatever the agent still managed to say.
    if Task.isCancelled { throw .cancelled }
    switch seen.outcome {
    case .answered: break
    case .failed(var error):
      error.description = redactor.redacted(Self.cut(error.description))
      throw error
    case nil: throw unfinished(end, seen.reader, limit, redactor)
    }
    return response(seen, end, version: version)
  }

  // MARK: - Start

  /// The program by its path, where it can be found; else as it was named, for the message.
  private func executable(_ request: ProviderRequest) -> String {
    let name = agent.settings.command.first ?? ""
    let home = request.environment["HOME"] ?? ""
    if name.hasPrefix("~/") { return Path.join(home, String(name.dropFirst(2))) }
    if name.contains("/") { return Path.absolute(name, in: request.test.directory) }
    let search = request.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    for directory in search.split(separator: ":") {
      let path = Path.absolute(Path.join(String(directory), name), in: projectDirectory)
      if FileIO.isFile(path), FileIO.isExecutable(path) { return path }
    }
    return name
  }

  private func spec(
    _ launch: AgentLaunch, executable: String, _ request: ProviderRequest, _ directory: String
  ) -> ProcessSpec {
    var spec = ProcessSpec(
      executable: executable,
      arguments: agent.settings.command.dropFirst() + launch.arguments,
      environment: launch.environment, workingDirectory: directory,
      standardInput: .bytes(Array(launch.input.utf8)),
      cookie: [("AGENTV_TEST_ID", request.test.id.replacing("\0", with: ""))])
    spec.keepsProcesses = agent.settings.keepsProcesses
    return spec
  }

  private func write(_ files: [String: String], _ directory: String) throws(ProviderError) {
    guard !files.isEmpty else { return }
    do {
      try FileIO.createDirectories(directory)
      for (path, text) in files { try FileIO.write(path, Array(text.utf8)) }
    } catch {
      throw ProviderError(.failed, "\(error)")
    }
  }

  private static func temporaryDirectory(
    _ request: ProviderRequest
  ) throws(ProviderError) -> String {
    let base: String
    do throws(FileError) {
      base = try ScratchDirectory.shared.path()
    } catch {
      throw ProviderError(.failed, error.description)
    }
    let random = String(UInt64.random(in: 0 ... .max), radix: 36)
    return Path.join(base, "agentv-\(StreamLog.safe(request.test.id))-\(random)")
  }

  private func streamLog(_ request: ProviderRequest) -> StreamLog? {
    let settings = agent.settings
    let off = agent.traits.logSwitch.flatMap { request.environment[$0]?.lowercased() }
    guard settings.streamLog != .off, !["false", "0", "off"].contains(off ?? "") else { return nil }
    let directory =
      settings.logDirectory.map { Path.absolute($0, in: projectDirectory) }
      ?? Path.join(projectDirectory, ".agentv/logs/\(agent.traits.logName)")
    do throws(FileError) {
      return try StreamLog(
        directory: directory, title: agent.traits.name, target: settings.target.name,
        test: request.test.id, attempt: request.attempt, isRaw: settings.streamLog == .raw)
    } catch {
      log?("Warning: no stream log for \(request.test.id): \(error)")
      return nil
    }
  }

  // MARK: - End

  private func response(
    _ seen: AgentSession.Seen, _ end: AgentProcess.End, version: String?
  ) -> ProviderResponse {
    let record = seen.reader.record
    var response = ProviderResponse(output: record.messages, warnings: record.warnings)
    response.metrics.tokenUsage = record.tokenUsage
    response.metrics.costUSD = record.costUSD
    response.metrics.durationMS = record.durationMS ?? end.result.duration.milliseconds
    response.agentVersion = record.version ?? version
    response.transcript = seen.transcript
    response.streamLogPath = seen.logPath
    if seen.leftOutBytes > 0 {
      response.warnings.append(
        "\(seen.leftOutBytes) bytes of the agent's events are not in its transcript, which holds "
          + "\(AgentSession.transcriptLimitBytes >> 20) MiB at most")
    }
    return response
  }

  private func failure(of error: SupervisorError) -> ProviderError {
    if error.code == .stopping || Task.isCancelled { return .cancelled }
    let code: ProviderError.Code = error.code == .outOfResources ? .failed : .configuration
    return ProviderError(
      code, "target '\(agent.settings.target.name)': \(error.description)")
  }

  /// Why there is no final event.
  private func unfinished(
    _ end: AgentProcess.End, _ reader: any AgentReader,
    _ limit: (duration: Duration, source: String)?, _ redactor: SecretRedactor
  ) -> ProviderError {
    let name = agent.traits.name
    if end.result.timedOut {
      let milliseconds = (limit?.duration ?? .zero).milliseconds
      let seconds =
        milliseconds % 1000 == 0
        ? "\(milliseconds / 1000)" : "\(Double(milliseconds) / 1000)"
      return ProviderError(.timedOut, "\(name) timed out after \(seconds)s\(limit?.source ?? "")")
    }
    if end.result.stopped { return .cancelled }
    let stderr = redactor.redacted(Self.cut(end.stderr.trimmed))
    if var error = reader.failure(stderr: stderr) {
      error.description = redactor.redacted(Self.cut(error.description))
      return error
    }
    let how =
      end.result.exit.signalName.map { "was killed by \($0)" }
      ?? "exited with code \(end.result.exit.shellCode)"
    return ProviderError(
      .failed,
      "\(name) \(how) without a final event" + (stderr.isEmpty ? "" : ": \(stderr)"))
  }

  private static func shorter(
    _ own: Duration?, _ run: Duration?
  ) -> (duration: Duration, source: String)? {
    switch (own, run) {
    case (let own?, let run?): run < own ? (run, " (--agent-timeout)") : (own, "")
    case (let own?, nil): (own, "")
    case (nil, let run?): (run, " (--agent-timeout)")
    case (nil, nil): nil
    }
  }

  private static func cut(_ text: String) -> String {
    guard text.count > errorTextLimit else { return text }
    let half = errorTextLimit / 2
    return "\(text.prefix(half))\n[\(text.count - 2 * half) characters left out]\n"
      + text.suffix(half)
  }
}
