// Programs that graders start: bounded in time and output, and gone with the run.

import Core
import EvalFiles
import EventLoop
import Supervisor

/// One run of a program that reads something and answers on stdout.
struct GraderProgram {
  /// Longest time when neither `--agent-timeout` nor the grader says anything.
  static let defaultTimeLimit = Duration.seconds(1800)
  /// Most that a program may write to one of its outputs; one that writes more is stopped.
  static let outputLimitBytes = 16 << 20
  /// Most of stderr that a message repeats, in characters.
  static let errorTextLimit = 2000

  /// What became of it.
  struct Outcome {
    /// Its stdout without white space around it, invalid UTF-8 replaced.
    var stdout: String
    var stderr: String
    /// Exit code, or 128 + signal.
    var code: Int

    /// The end of stderr for a message; empty when there is none.
    var errorText: String {
      guard stderr.utf16.count > GraderProgram.errorTextLimit else { return stderr }
      return "...(truncated, last \(GraderProgram.errorTextLimit) chars)\n"
        + stderr.suffix(GraderProgram.errorTextLimit)
    }
  }

  /// What messages call it.
  var subject: String
  /// Program and arguments.
  var command: [String]
  var directory: String
  var standardInput: [UInt8]
  /// Variables beyond those of the grading.
  var environment: [String: String] = [:]
  /// Longest time; by default `--agent-timeout`, else half an hour.
  var timeLimit: Duration?

  /// Runs it to the end of everything it started.
  /// - Throws: `GraderError` when it could not be started, took too long or wrote too much;
  ///   `.cancelled` when the run was stopped.
  func run(_ input: GraderInput) async throws(GraderError) -> Outcome {
    guard let executable = command.first, !executable.isEmpty else {
      throw GraderError("\(subject) has no command")
    }
    var variables = input.environment.merging(environment) { $1 }
    variables["AGENTV_WORKSPACE_PATH"] = input.workspacePath
    let spec = ProcessSpec(
      executable: executable, arguments: Array(command.dropFirst()), environment: variables,
      workingDirectory: directory, standardInput: .bytes(standardInput),
      cookie: [("AGENTV_TEST_ID", input.test.id.replacing("\0", with: ""))])
    let limit = timeLimit ?? input.agentTimeout ?? Self.defaultTimeLimit
    if Task.isCancelled { throw .cancelled }
    let ended: Ended
    do {
      ended = try await ProgramRun.run(spec, limit: limit)
    } catch {
      if error.code == .stopping || Task.isCancelled { throw .cancelled }
      throw GraderError(error.description)
    }
    if ended.wroteTooMuch {
      throw GraderError("\(subject) wrote more than \(Self.outputLimitBytes >> 20) MiB to stdout")
    }
    if ended.result.timedOut {
      throw GraderError("timed out after \(Self.seconds(limit)) s")
    }
    if ended.result.stopped || Task.isCancelled { throw .cancelled }
    return Outcome(
      stdout: String(decoding: ended.stdout, as: UTF8.self).trimmed,
      stderr: String(decoding: ended.stderr, as: UTF8.self).trimmed,
      code: ended.result.exit.shellCode)
  }

  private static func seconds(_ duration: Duration) -> String {
    let (whole, rest) = duration.components
    return NumberText.plain(Double(whole) + (Double(rest) / 1e15).rounded() / 1000)
  }

  fileprivate struct Ended {
    var result: ProcessResult
    var stdout: [UInt8]
    var stderr: [UInt8]
    var wroteTooMuch: Bool
  }
}

/// Reads what a program writes and stops it when that is too much.
@LoopActor
private final class ProgramRun {
  private static let errorLimitBytes = 64 << 10
  private var stdout: [UInt8] = []
  private var stderr: [UInt8] = []
  private var wroteTooMuch = false
  private var process: SupervisedProcess?

  static func run(
    _ spec: ProcessSpec, limit: Duration
  ) async throws(SupervisorError) -> GraderProgram.Ended {
    let run = ProgramRun()
    var spec = spec
    spec.output = .deliver { [weak run] stream, bytes in run?.take(stream, bytes) }
    let process = try Supervisor.shared.start(spec)
    run.process = process
    process.limit(limit)
    let result = await withTaskCancellationHandler {
      await process.result()
    } onCancel: {
      LoopActor.post { process.stop() }
    }
    return GraderProgram.Ended(
      result: result, stdout: run.stdout, stderr: run.stderr, wroteTooMuch: run.wroteTooMuch)
  }

  private func take(_ stream: OutputStream, _ bytes: [UInt8]) {
    switch stream {
    case .stdout:
      guard !wroteTooMuch else { return }
      stdout += bytes
      if stdout.count > GraderProgram.outputLimitBytes {
        wroteTooMuch = true
        stdout = []
        process?.stop()
      }
    case .stderr:
      // The end says why; a flood before it is of no use.
      stderr += bytes
      if stderr.count > 2 * Self.errorLimitBytes {
        stderr.removeFirst(stderr.count - Self.errorLimitBytes)
      }
    }
  }
}
