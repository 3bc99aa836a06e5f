// Calls of the `code` program. What they leave running is the window: it stays until `end`.

import Core
import EvalFiles
import EventLoop
import Supervisor

/// The `code` program of one test.
@LoopActor
final class VSCodeLauncher {
  private let executable: String
  private let arguments: [String]
  private let directory: String
  private let request: ProviderRequest
  private let target: String
  private let limit: Duration
  private var started: [SupervisedProcess] = []

  nonisolated init(
    executable: String, arguments: [String], directory: String, request: ProviderRequest,
    target: String, limit: Duration
  ) {
    self.executable = executable
    self.arguments = arguments
    self.directory = directory
    self.request = request
    self.target = target
    self.limit = limit
  }

  /// Runs it once; it must exit with 0.
  /// - Throws: `ProviderError`.
  func run(_ words: [String]) async throws(ProviderError) {
    if Task.isCancelled { throw .cancelled }
    var spec = ProcessSpec(
      executable: executable, arguments: arguments + words, environment: request.environment,
      workingDirectory: directory, output: .capture(limitBytes: 64 << 10),
      cookie: [("AGENTV_TEST_ID", request.test.id.replacing("\0", with: ""))])
    spec.keepsProcesses = true
    let process: SupervisedProcess
    do throws(SupervisorError) {
      process = try Supervisor.shared.start(spec)
    } catch {
      if error.code == .stopping { throw .cancelled }
      throw ProviderError(
        .configuration,
        "target '\(target)': VS Code is not there: \(error.description). Install it with its "
          + "`code` command, or set `executable`")
    }
    started.append(process)
    process.limit(limit)
    let result = await withTaskCancellationHandler {
      await process.result()
    } onCancel: {
      LoopActor.post { process.stop() }
    }
    if Task.isCancelled || (result.stopped && !result.timedOut) { throw .cancelled }
    guard result.exit.isSuccess, !result.timedOut else {
      let how = result.timedOut ? "did not end" : "exited with \(result.exit.shellCode)"
      throw ProviderError(
        .failed, "VS Code's launcher \(how): \(result.stderr.text.prefix(1000))")
    }
  }

  /// Stops everything that the calls left.
  func end() async {
    for process in started { await process.end(StopPolicy(target: .tree)) }
    started = []
  }
}
