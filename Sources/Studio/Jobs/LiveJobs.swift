// Jobs that live although no journal tells of them, found by what their launches and holders wrote into
// the run directories. Blocking: looks into every run.

import Core
import RunArtifacts
import RunControl
import Supervisor

enum LiveJobs {
  /// The jobs of Studios that are gone and whose holders live.
  ///
  /// - Parameter projects: directories; one that is named twice is looked at once.
  /// - Returns: the jobs, oldest first.
  static func find(in projects: [String]) -> [Job] {
    var seen = Set<String>()
    return projects.filter { seen.insert(FileIO.realPath($0) ?? $0).inserted }
      .flatMap { project in
        RunFinder(project: project, workingDirectory: project).directories()
          .flatMap { directory in
            JobRecord.all(inRun: directory.path).compactMap { job(of: $0, in: directory.path) }
          }
      }
      .sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
  }

  /// The job of a record; `nil` unless it lives and nobody else has it.
  ///
  /// A directory that came from elsewhere may hold any record, so the living holder must have been
  /// started with the very launch that is read here.
  private static func job(of record: JobRecord, in directory: String) -> Job? {
    guard record.starter == .studio, !record.hasEnded, let holder = record.livingHolder,
      holder.arguments.contains("\(record.directory)/launch.json"),
      // While the Studio that launched it lives, the job is that one's.
      record.launcher?.isAlive != true, var details = record.details.object
    else { return nil }
    details["phase"] = .string(JobState.Phase.running.rawValue)
    details["pid"] = .int(Int(holder.pid))
    details["end"] = .null
    details["stop"] = record.stop?.json ?? .null
    details["stop_mode"] = .optional(record.stop?.mode.rawValue)
    guard let job = Job(id: record.id, record: .object(details)),
      job.plan.runDirectory == directory
    else { return nil }
    return job
  }
}
