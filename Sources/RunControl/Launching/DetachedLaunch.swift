// Starts a command of this binary under a holder, without a Studio.

import Core
import EventLoop
public import RunArtifacts
import Supervisor

/// The launch of a run that outlives the command that asked for it.
public enum DetachedLaunch {
  /// What a launch came to.
  public struct Started: Sendable {
    /// Job id.
    public var jobID: String
    /// The run as it was seen when it had begun, or had ended already.
    public var run: ControlledRun
  }

  /// Starts `agentv` with arguments in a run directory and waits until it writes there or has ended.
  /// - Parameters:
  ///   - executable: the binary.
  ///   - arguments: after its name.
  ///   - directory: the run, which nobody may write now.
  ///   - workingDirectory: where the run starts.
  ///   - environment: its variables.
  /// - Returns: the job and the run.
  /// - Throws: `RunControlError`.
  @LoopActor
  public static func start(
    executable: String, arguments: [String], directory: RunDirectory, workingDirectory: String,
    environment: [String: String]
  ) async throws(RunControlError) -> Started {
    let run = await look(directory)
    guard !run.isLive else {
      throw RunControlError(
        .live, directory.runID,
        "it is \(run.state.rawValue) already; watch it with: agentv watch "
          + ShellWord.quoted(directory.runID))
    }
    var random = SystemRandomNumberGenerator()
    var spec = LaunchSpec(
      jobID: JobID.make(.detached, using: &random), runDirectory: directory.path,
      command: [executable] + arguments, workingDirectory: workingDirectory,
      stopGrace: StopPolicy.runGrace, requestedAt: .now())
    while FileIO.exists(spec.directory) { spec.jobID = JobID.make(.detached, using: &random) }
    do {
      try spec.write()
    } catch {
      throw RunControlError(.file, directory.runID, error.description)
    }
    let process: SupervisedProcess
    do {
      process = try Supervisor.shared.start(
        Holder.spec(executable: executable, launchFile: spec.file, environment: environment))
    } catch {
      throw RunControlError(.file, directory.runID, error.description)
    }
    let monitor = RunMonitor(directory)
    let jobID = spec.jobID
    let began = await withCheckedContinuation { continuation in
      var waiter: CheckedContinuation<ControlledRun, Never>? = continuation
      process.onEnd = { _ in monitor.look() }
      monitor.onLook = { run in
        let isOurs = run.job?.id == jobID
        let hasBegun = run.lock.isHeld && run.writer != nil && isOurs
        guard hasBegun || (isOurs && run.job?.hasEnded == true) || process.isEnded else { return }
        waiter?.resume(returning: run)
        waiter = nil
      }
      monitor.start()
    }
    monitor.cancel()
    return Started(jobID: jobID, run: began)
  }

  @LoopActor
  private static func look(_ directory: RunDirectory) async -> ControlledRun {
    await withCheckedContinuation { continuation in
      FileWorker("control").run {
        ControlledRun(directory)
      } then: {
        continuation.resume(returning: $0)
      }
    }
  }
}
