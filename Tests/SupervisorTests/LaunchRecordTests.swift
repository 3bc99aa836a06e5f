import Core
import TestSupport
import Testing

@testable import Supervisor

@Suite struct LaunchRecordTests {
  @Test func `a launch record is read`() throws {
    let record = try LaunchRecord(json: [
      "job_id": "j", "run_dir": "/r", "command": ["a", "b"], "cwd": "/c",
      "environment_additions": ["X": "1"], "stop_grace_ms": 250, "requested_at": "now",
    ])
    #expect(record.jobID == "j")
    #expect(record.command == ["a", "b"])
    #expect(record.workingDirectory == "/c")
    #expect(record.environmentAdditions.map(\.name) == ["X"])
    #expect(record.stopGrace == .milliseconds(250))
  }

  @Test func `the grace is that of a run when none is given`() throws {
    let record = try LaunchRecord(json: ["job_id": "j", "run_dir": "/r", "command": ["a"]])
    #expect(record.stopGrace == StopPolicy.runGrace)
  }

  @Test(arguments: [
    ("{}", "\"job_id\""), (#"{"job_id":"j"}"#, "\"run_dir\""),
    (#"{"job_id":"j","run_dir":"/r","command":[]}"#, "\"command\""),
    (#"{"job_id":"j","run_dir":"/r","command":["a",1]}"#, "\"command\""),
    (
      #"{"job_id":"j","run_dir":"/r","command":["a"],"environment_additions":{"X":1}}"#,
      "environment_additions.X"
    ),
    ("[", "is not JSON"),
  ])
  func `an error names the file and the field`(text: String, named: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("launch.json", text)
    let error = #expect(throws: LaunchRecordError.self) { try LaunchRecord.read(path) }
    #expect(error?.description.contains(named) == true)
    #expect(error?.description.contains(path) == true)
  }

  @Test func `a missing record is an error with its path`() {
    let error = #expect(throws: LaunchRecordError.self) { try LaunchRecord.read("/nowhere/l.json") }
    #expect(error?.description.contains("/nowhere/l.json") == true)
  }
}
