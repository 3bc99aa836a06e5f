import Core
import RunControl
import Supervisor
import TestSupport
import Testing

@testable import Studio

struct JobLookTests {
  private let scratch: TemporaryDirectory

  init() throws { scratch = try TemporaryDirectory() }

  /// A job whose launch is written, as a server leaves it that dies at that moment.
  private func launched() throws -> Job {
    let job = sampleJob(directory: scratch.file("run"))
    try LaunchSpec(
      jobID: job.id, runDirectory: job.plan.runDirectory, command: ["true"],
      workingDirectory: scratch.path, stopGrace: .seconds(1), requestedAt: job.startedAt
    ).write()
    return job
  }

  private func write(_ name: String, _ json: JSON, of job: Job) throws {
    try FileIO.write("\(job.directory)/\(name)", json.pretty())
  }

  @Test func `a job to which a holder is on its way is not one that nobody holds`() throws {
    let job = try launched()
    #expect(look(job) == "unclaimed")
    var lock: LaunchLock? = try LaunchLock(job: job.directory)
    #expect(lock != nil && look(job) == "coming")
    // Even when its launch cannot be read any more.
    try FileIO.remove("\(job.directory)/launch.json")
    #expect(look(job) == "coming")
    lock = nil
    #expect(look(job) == "unclaimed")
  }

  @Test func `a holder that has told of itself is looked at whether or not it has the lock`() throws
  {
    let job = try launched()
    // No process has this number.
    try write("holder.json", ["pid": 4_000_000, "start_time": 1, "boot_id": "x"], of: job)
    #expect(look(job) == "lost")
    try write("end.json", ["exit_code": 143, "stopped": true], of: job)
    var lock: LaunchLock? = try LaunchLock(job: job.directory)
    #expect(lock != nil && look(job) == "ended 143")
    lock = nil
    #expect(look(job) == "ended 143")
  }

  private func look(_ job: Job) -> String {
    switch JobLook.look(at: job) {
    case .held: "held"
    case .orphaned: "orphaned"
    case .coming: "coming"
    case .unclaimed: "unclaimed"
    case .ended(let end): "ended \(end.exitCode ?? -1)"
    case .lost: "lost"
    }
  }
}
