// What the records on disk say of a job that an earlier server launched. Blocking.

import Core
import RunArtifacts
import RunControl
import Supervisor

/// What became of a job.
enum JobLook: Sendable {
  /// Its holder lives.
  case held(ProcessReference)
  /// Its holder was killed, the run itself lives and is about to end by itself.
  case orphaned(ProcessReference)
  /// A holder was started, or is being started, and has not got so far as to tell.
  case coming
  /// Nobody ever held it, and nobody is on the way.
  case unclaimed
  /// It has ended.
  case ended(JobEnd)
  /// Its holder and its run are gone, without a record of the end; what they left may live.
  case lost(owners: [ProcessReference])

  /// Looks at a job.
  /// - Parameter job: the job as it is known.
  /// - Returns: what became of it.
  static func look(at job: Job) -> JobLook {
    let isComing = LaunchLock.isHeld(job: job.directory)
    // After that look: a holder that was there and has ended since has left its record before.
    guard let record = JobRecord(directory: job.directory) else {
      // A job that ran and whose records were deleted is not started a second time.
      if isComing { return .coming }
      return job.state.pid == nil ? .unclaimed : .lost(owners: [])
    }
    if let holder = record.livingHolder { return .held(holder) }
    // After that look: a holder that has ended since has left its record before.
    if FileIO.isFile("\(job.directory)/end.json") {
      return .ended(
        EndRecord.read(
          jobDirectory: job.directory, runDirectory: job.plan.runDirectory, holder: nil,
          stop: job.state.stop ?? record.stop))
    }
    guard let holder = record.holder else { return isComing ? .coming : .unclaimed }
    if let child = record.child, child.isAlive { return .orphaned(child) }
    return .lost(owners: [holder, record.child].compactMap(\.self))
  }

  /// Ends what a job without a holder left, and says how it ended.
  static func sweep(_ job: Job, owners: [ProcessReference]) -> JobEnd {
    var census = Census()
    for owner in owners where !owner.isAlive {
      let outcome = LeftoverSweep.run(of: owner)
      census.merge(Census(killed: outcome.killed, remaining: outcome.remaining))
    }
    var end = JobEnd(
      exitCode: nil, outcome: .lost,
      reason: owners.isEmpty
        ? "the records of the run are gone"
        : "the process that watched the run ended without leaving a record",
      actor: job.state.stop?.actor, census: owners.isEmpty ? nil : census, endedAt: .now())
    let directory = RunDirectory(path: job.plan.runDirectory, project: job.plan.project)
    // The run may have told its own end.
    guard let record = directory.record(), let writer = record.writer, owners.contains(writer),
      record.completion != .running
    else { return end }
    end.exitCode = record.exitCode
    end.signal = record.signal
    if let finished = record.finishedAt { end.endedAt = finished }
    if record.completion == .completed {
      end.outcome = .completed
      end.reason = nil
    } else if job.state.stop != nil {
      end.outcome = .stopped
      end.reason = job.state.stop?.reason
    }
    return end
  }
}
