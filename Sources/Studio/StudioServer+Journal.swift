// The journal of the server: opened before it listens, so that no request meets a job it does not
// know.

import Core
import EventLoop
import JobStore
import RunControl

extension StudioServer {
  /// The journal's place in a project.
  nonisolated static func journalFile(of project: String) -> String {
    Path.join(project, ".agentv/studio.db")
  }

  /// Opens the journal and takes over the jobs in it that have not ended.
  func openJournal() async {
    let file = Self.journalFile(of: configuration.project)
    let journal =
      configuration.isReadOnly ? await Journal.openCopy(of: file) : await Journal.open(file)
    self.journal = journal
    jobs.journal = journal
    journal.onTrouble = { error in
      StandardStream.error.write(
        error.map { "Warning: the journal cannot be written and is tried again: \($0)\n" }
          ?? "The journal is written again.\n")
    }
    sessions = await journal.sessions(at: Gate.seconds())
    let live = await journal.live()
    let ended = await journal.ended(limit: JobRegistry.maximumRecent)
    let outcomes = await journal.outcomes()
    jobs.begin(recent: read(ended.reversed()), outcomes: outcomes)
    jobs.restore(read(live))
    if journal.state.isNew, !journal.state.isTaken { await restoreUnknown() }
  }

  /// Takes over the jobs that live although this journal does not know them: the one before was lost
  /// or set aside.
  private func restoreUnknown() async {
    let homes = [configuration.project] + benchmarks.read().map(\.path)
    let worker = reader
    let found = await withCheckedContinuation { continuation in
      worker.run {
        LiveJobs.find(in: homes)
      } then: {
        continuation.resume(returning: $0)
      }
    }
    guard !found.isEmpty else { return }
    jobs.restore(found.map { ($0, project($0.plan.project)) })
    restoredCount = found.count
  }

  private func read(_ stored: [StoredJob]) -> [(job: Job, project: Project)] {
    stored.compactMap(Job.init).map { ($0, project($0.plan.project)) }
  }

  /// What people must know of the start.
  public var notices: [String] {
    let restored =
      restoredCount == 0
      ? [] : ["\(restoredCount) live run(s) that the journal did not know were taken over"]
    return (journal?.state.notices ?? []) + restored
  }
}
