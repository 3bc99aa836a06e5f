// From a job that has a place to a holder that runs it.

import Core
import EventLoop
import RunArtifacts
import RunControl
import Supervisor

extension JobRegistry {
  /// Writes down that a job waits, so that commands without a server see it.
  func register(_ entry: JobEntry) {
    let launch = launchSpec(entry.job)
    control.run {
      // Written again before the start; that one must not fail.
      try? launch.write()
    } then: { _ in
    }
  }

  /// Removes what was written down of a job that never ran.
  func withdraw(_ job: Job) {
    let launch = launchSpec(job)
    control.run {
      launch.withdraw()
    } then: { _ in
    }
  }

  /// What a job's holder is to run.
  func launchSpec(_ job: Job) -> LaunchSpec {
    LaunchSpec(
      jobID: job.id, runDirectory: job.plan.runDirectory,
      command: [configuration.executable] + job.plan.arguments,
      workingDirectory: job.plan.project, stopGrace: configuration.stopGrace,
      requestedAt: job.startedAt, details: job.record)
  }

  /// Makes the run directory and takes the right to start a holder there.
  func prepare(_ entry: JobEntry) {
    let launch = launchSpec(entry.job)
    control.run { () -> Result<LaunchLock, FileError> in
      do throws(FileError) {
        try launch.write()
        return .success(try LaunchLock(job: launch.directory))
      } catch {
        return .failure(error)
      }
    } then: { [self] result in
      switch result {
      case .success(let lock):
        entry.launchLock = lock
        handle(.prepared, entry)
      case .failure(let error): handle(.launchFailed(message: error.description), entry)
      }
    }
  }

  /// Starts the holder.
  func spawn(_ entry: JobEntry) {
    let job = entry.job
    // Watched before anything can be written there.
    entry.project.watchOutput(of: job, entry.feed.output)
    let spec = Holder.spec(
      executable: configuration.executable, launchFile: "\(job.directory)/launch.json",
      environment: configuration.environment, lock: entry.launchLock?.descriptor)
    // The holder has it then, or nobody.
    defer { entry.launchLock = nil }
    do throws(SupervisorError) {
      let process = try supervisor.start(spec)
      entry.holding = .child(process)
      process.onEnd = { [weak self, weak entry] result in
        guard let self, let entry else { return }
        self.ended(entry, result)
      }
      handle(.spawned(pid: process.pid), entry)
    } catch {
      handle(.launchFailed(message: error.description), entry)
    }
  }

  private func ended(_ entry: JobEntry, _ result: ProcessResult) {
    entry.holding = nil
    // A holder of the server before was faster.
    if result.exit == .exited(Holder.takenCode), !result.stopped,
      !FileIO.isFile("\(entry.job.directory)/end.json")
    {
      return look(entry)
    }
    entry.lastResort?.cancel()
    let end = EndRecord.read(
      jobDirectory: entry.job.directory, runDirectory: entry.job.plan.runDirectory,
      holder: result.exit, stop: entry.state.stop)
    handle(.exited(end), entry)
  }
}
