// Goes on with the jobs of the server before: those that live are adopted, those that were never
// started are started, those that ended meanwhile are told with what they left.

import Core
import EventLoop
import RunArtifacts
import RunControl
import Supervisor

extension JobRegistry {
  /// Takes over what an earlier server left; nothing is started or watched yet.
  func restore(_ left: [(job: Job, project: Project)]) {
    for (job, project) in left where entries[job.id] == nil {
      let entry = makeEntry(job, in: project, isNew: false)
      entry.isKept = true
      live.append(entry)
    }
  }

  /// Looks what became of the jobs that were taken over.
  func adopt() {
    for entry in live {
      switch entry.state.phase {
      case .restoring: look(entry)
      case .draining: drain(entry)
      default: break
      }
    }
  }

  /// Looks what became of a job, on disk.
  func look(_ entry: JobEntry) {
    let job = entry.job
    entry.holding = nil
    control.run {
      JobLook.look(at: job)
    } then: { [self] found in
      take(found, entry)
    }
  }

  private func take(_ found: JobLook, _ entry: JobEntry) {
    switch found {
    case .held(let holder): hold(holder, entry)
    case .orphaned(let child):
      hold(child, entry)
      // Whoever waited for the holder in vain does not wait for the run as well.
      if entry.wasKilled { entry.holding?.kill() }
    case .coming: lookAgain(entry)
    case .unclaimed:
      // A holder of ours that found the job taken, or was killed before it took it.
      if entry.state.phase == .running { return take(.lost(owners: []), entry) }
      startAnew(entry)
    case .ended(let end): ended(entry, end)
    case .lost(let owners):
      let job = entry.job
      sweeper.run {
        JobLook.sweep(job, owners: owners)
      } then: { [self] end in
        ended(entry, end)
      }
    }
  }

  /// Looks again in a moment.
  private func lookAgain(_ entry: JobEntry) {
    let timer = LoopTimer { [weak self, weak entry] in
      guard let self, let entry else { return }
      self.look(entry)
    }
    timer.schedule(after: LaunchLock.lookInterval)
    entry.nextLook = timer
  }

  /// Starts a job that nobody held, or ends it when it is to be stopped.
  private func startAnew(_ entry: JobEntry) {
    handle(.unclaimed, entry)
    startQueued()
    if entry.state.phase == .queued { register(entry) }
  }

  private func hold(_ process: ProcessReference, _ entry: JobEntry) {
    entry.project.watchOutput(of: entry.job, entry.feed.output)
    let watched = WatchedProcess(process) { [weak self, weak entry] in
      guard let self, let entry else { return }
      self.look(entry)
    }
    // It may have ended between the two looks.
    guard let watched else { return look(entry) }
    entry.holding = .adopted(watched)
    handle(.found(pid: process.pid), entry)
  }

  private func ended(_ entry: JobEntry, _ end: JobEnd) {
    entry.lastResort?.cancel()
    handle(.exited(end), entry)
  }
}
