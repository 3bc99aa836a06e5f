// Run directories as a run, a holder or a stranger would leave them.

import Core
import RunArtifacts
import Supervisor
import TestSupport

@testable import RunControl

/// A project with runs.
struct RunProject: Sendable {
  let scratch: TemporaryDirectory
  var path: String { scratch.path }
  var finder: RunFinder { RunFinder(project: path, workingDirectory: path) }

  init() throws { scratch = try TemporaryDirectory() }

  /// Where a run of the project lies.
  func directory(_ name: String, experiment: String = "default") -> RunDirectory {
    RunDirectory(
      path: scratch.file(".agentv/results/runs/\(experiment)/\(name)"), project: path)
  }

  /// Writes a run with as many rows as ids.
  @discardableResult
  func run(
    _ name: String, experiment: String = "default", ids: [String] = ["one"], planned: Int = 3,
    completion: RunCompletion = .interrupted, change: (inout RunRecord) -> Void = { _ in }
  ) throws -> RunDirectory {
    let directory = directory(name, experiment: experiment)
    var record = RunRecord(
      runID: directory.runID, experiment: experiment, pid: 4_000_000,
      startedAt: Timestamp(millisecondsSinceEpoch: 1_000_000), argv: ["agentv"], cwd: path,
      launch: RunLaunch(evalFiles: ["a.eval.yaml"]))
    record.completion = completion
    record.plannedTestCount = planned
    record.exitCode = completion == .running ? nil : completion == .completed ? 0 : 143
    record.signal = completion == .interrupted ? "SIGTERM" : nil
    change(&record)
    let place = Path.relative(directory.path, to: path)
    let rows = ids.map {
      #"{"test_id":"\#($0)","target":"t","score":1,"execution_status":"ok"}"# + "\n"
    }
    try scratch.write("\(place)/run.json", record.json.prettyText)
    try scratch.write("\(place)/index.jsonl", rows.joined())
    return directory
  }

  /// Writes records of a job.
  func job(
    _ id: String, in directory: RunDirectory, launcher: ProcessReference? = nil,
    holder: ProcessReference? = nil, end: JSON? = nil, stop: StopRequest? = nil
  ) throws {
    let place = "\(Path.relative(directory.path, to: path))/.jobs/\(id)"
    var launch: JSONObject = [
      "job_id": .string(id), "run_dir": .string(directory.path), "command": ["true"],
      "requested_at": "2026-05-08T09:30:00.000Z",
    ]
    if let launcher { launch["launcher"] = launcher.json }
    try scratch.write("\(place)/launch.json", JSON.object(launch).text)
    if let holder { try scratch.write("\(place)/holder.json", holder.json.text) }
    if let end { try scratch.write("\(place)/end.json", end.text) }
    if let stop { try scratch.write("\(place)/stop.json", stop.json.text) }
  }
}
