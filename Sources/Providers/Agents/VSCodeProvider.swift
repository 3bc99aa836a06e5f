// VS Code's chat: a window is opened on a slot, told to follow a request file, and stopped when the
// response file is there.

import Core
import EvalFiles
import EventLoop
import Supervisor

/// Works by files, because the editor tells nothing on its standard output.
///
/// Only what we started is stopped: a window that was open before and took the request over belongs
/// to the user.
struct VSCodeProvider: Provider {
  /// A window that does not answer the wake-up within this time has no working chat.
  static let wakeUpLimit = Duration.seconds(60)
  /// Time for an answer when the target names none.
  static let defaultLimit = Duration.seconds(600)
  /// Time for the launcher, which only talks to the window.
  private static let launcherLimit = Duration.seconds(60)
  /// Largest answer read, bytes.
  private static let answerLimitBytes = 64 << 20

  let promptStyle = PromptStyle.agent
  private let settings: AgentSettings
  private let waits: Bool
  private let isDryRun: Bool
  private let root: String?
  private let kind: String
  private let projectDirectory: String
  private let windows = WindowTurns()

  init(_ target: ResolvedTarget, projectDirectory: String) throws(ProviderError) {
    kind = target.provider
    settings = try AgentSettings(
      target, executable: kind == "vscode" ? "code" : "code-insiders")
    waits = try settings.own.flag("wait") ?? true
    isDryRun = try settings.own.flag("dry_run") ?? false
    root = try settings.own.text("subagent_root")
    self.projectDirectory = projectDirectory
  }

  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    if Task.isCancelled { throw .cancelled }
    if isDryRun { return ProviderResponse(output: [Message(role: "assistant", text: "{}")]) }
    // `-r` means the window used last: with two at a time requests would go to the wrong one.
    await windows.take()
    do throws(ProviderError) {
      let response = try await answer(request)
      await windows.give()
      return response
    } catch {
      await windows.give()
      throw error
    }
  }

  private func answer(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    let began = ContinuousClock.now
    let slot = try takeSlot(request)
    let message: VSCodeMessage
    do throws(FileError) {
      message = try VSCodeMessage(
        request, in: slot.directory, workspace: workspace(request),
        systemPrompt: settings.systemPrompt)
    } catch {
      throw ProviderError(.failed, "target '\(settings.target.name)': \(error)")
    }
    let launcher = VSCodeLauncher(
      executable: settings.command[0], arguments: settings.arguments, directory: slot.directory,
      request: request, target: settings.target.name, limit: Self.launcherLimit)
    let result: Result<ProviderResponse, ProviderError>
    do throws(ProviderError) {
      result = .success(try await exchange(message, launcher, request))
    } catch {
      result = .failure(error)
    }
    if !settings.keepsProcesses { await launcher.end() }
    slot.release()
    if Task.isCancelled { throw .cancelled }
    var response = try result.get()
    response.metrics.durationMS = began.duration(to: .now).milliseconds
    return response
  }

  private func takeSlot(_ request: ProviderRequest) throws(ProviderError) -> VSCodeSlot {
    do throws(FileError) {
      return try VSCodeSlot(root: slotRoot(request))
    } catch {
      throw ProviderError(.failed, "target '\(settings.target.name)': \(error)")
    }
  }

  private func exchange(
    _ message: VSCodeMessage, _ launcher: VSCodeLauncher, _ request: ProviderRequest
  ) async throws(ProviderError) -> ProviderResponse {
    let deadline = ContinuousClock.now.advanced(by: limit(request))
    try await launcher.run([message.workspaceFile])
    try await launcher.run(message.wakeUp)
    guard try await appears(message.aliveFile, within: Self.wakeUpLimit) else {
      throw ProviderError(
        .failed,
        "VS Code did not answer the wake-up within \(Self.wakeUpLimit.components.seconds) s; check "
          + "that its chat is signed in and may create files")
    }
    try await launcher.run(message.chat(files: request.test.inputFiles))
    guard waits else { return ProviderResponse(output: []) }
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero, try await appears(message.responseFile, within: left) else {
      throw ProviderError(
        .timedOut, "VS Code timed out after \(limit(request).components.seconds)s")
    }
    do {
      let text = try FileIO.read(message.responseFile, limitBytes: Self.answerLimitBytes)
      return ProviderResponse(
        output: [Message(role: "assistant", text: String(decoding: text, as: UTF8.self))])
    } catch {
      throw ProviderError(.badAnswer, "\(error)")
    }
  }

  private func appears(
    _ path: String, within limit: Duration
  ) async throws(ProviderError) -> Bool {
    let isThere: Bool
    do throws(EventLoopError) {
      isThere = try await FileAppearance.wait(for: path, within: limit)
    } catch {
      throw ProviderError(.failed, "\(error)")
    }
    if Task.isCancelled { throw .cancelled }
    return isThere
  }

  private func limit(_ request: ProviderRequest) -> Duration {
    [settings.timeout, request.timeout].compactMap(\.self).min() ?? Self.defaultLimit
  }

  private func workspace(_ request: ProviderRequest) -> String {
    request.workingDirectory
      ?? settings.cwd.map { Path.absolute($0, in: request.test.directory) } ?? projectDirectory
  }

  private func slotRoot(_ request: ProviderRequest) -> String {
    if let root { return Path.absolute(root, in: request.test.directory) }
    return Path.join(
      request.environment["HOME"] ?? "/tmp", ".agentv/subagents/\(kind)-agents")
  }
}

/// One test at a time.
private actor WindowTurns {
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func take() async {
    if !isTaken {
      isTaken = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func give() {
    if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
  }
}
