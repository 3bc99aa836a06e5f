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
    let left = await journal.live().compactMap { stored -> (job: Job, project: Project)? in
      guard let job = Job(stored) else { return nil }
      return (job, project(job.plan.project))
    }
    jobs.restore(left)
  }

  /// What people must know of the start.
  public var notices: [String] { journal?.state.notices ?? [] }
}
