// The journal of the server: opened before it listens, so that no request meets a job it does not
// know.

import Core
import EventLoop
import JobStore

extension StudioServer {
  /// The journal's place in a project.
  nonisolated static func journalFile(of project: String) -> String {
    Path.join(project, ".agentv/studio.db")
  }

  /// Opens the journal and takes over the jobs in it that have not ended.
  func openJournal() async {
    let file = configuration.isReadOnly ? nil : Self.journalFile(of: configuration.project)
    let journal = await Journal.open(file)
    self.journal = journal
    jobs.journal = journal
    journal.onTrouble = { error in
      StandardStream.error.write(
        error.map { "Warning: the journal cannot be written and is tried again: \($0)\n" }
          ?? "The journal is written again.\n")
    }
    let live = await journal.live()
    let ended = await journal.ended(limit: JobRegistry.maximumRecent)
    let outcomes = await journal.outcomes()
    jobs.begin(recent: read(ended.reversed()), outcomes: outcomes)
    jobs.restore(read(live))
  }

  private func read(_ stored: [StoredJob]) -> [(job: Job, project: Project)] {
    stored.compactMap(Job.init).map { ($0, project($0.plan.project)) }
  }

  /// What people must know of the start.
  public var notices: [String] { journal?.state.notices ?? [] }
}
