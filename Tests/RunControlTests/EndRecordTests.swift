import Core
import Supervisor
import TestSupport
import Testing

@testable import RunControl

struct EndRecordTests {
  private let stop = StopRequest(
    reason: nil, actor: "api", force: false, requestedAt: Timestamp(millisecondsSinceEpoch: 0))

  private func end(
    _ record: JSON, completion: String? = nil, stop: StopRequest? = nil
  ) -> JobEnd {
    EndRecord.interpret(record, completion: completion, stop: stop)
  }

  @Test func `the outcome follows from the record, the stop and the completion`() {
    #expect(end(["exit_code": 0], completion: "completed").outcome == .completed)
    #expect(end(["exit_code": 1], completion: "completed").outcome == .completed)
    #expect(end(["exit_code": 1], completion: "running").outcome == .failed)
    #expect(end(["exit_code": 137], completion: "running").outcome == .failed)
    #expect(end(["exit_code": 143, "stopped": true], stop: stop).outcome == .stopped)
    #expect(
      end(["exit_code": 0], completion: "completed", stop: stop).outcome == .completed,
      "it was done before the stop reached it")
  }

  @Test func `a signal is named even where the run exited by itself`() {
    #expect(end(["exit_code": 143]).signal == "SIGTERM")
    #expect(end(["exit_code": 137, "signal": "SIGKILL"]).signal == "SIGKILL")
    #expect(end(["exit_code": 1]).signal == nil)
  }

  @Test func `a holder that left no record makes the outcome lost`() throws {
    let directory = try TemporaryDirectory()
    let end = EndRecord.read(
      jobDirectory: directory.path, runDirectory: directory.path, holder: .signaled(9), stop: nil)
    #expect(end.outcome == .lost && end.exitCode == nil)
    #expect(end.reason?.contains("SIGKILL") == true)
  }

  @Test(arguments: [
    (Core.ExitStatus.exited(143), JobOutcome.stopped, 143), (.exited(0), .completed, 0),
    (.exited(1), .failed, 1),
  ])
  func `a holder that had no room for its record tells by its exit code`(
    holder: Core.ExitStatus, outcome: JobOutcome, code: Int
  ) throws {
    let directory = try TemporaryDirectory()
    let stop =
      outcome == .stopped
      ? StopRequest(
        reason: "tired", actor: "api", force: false,
        requestedAt: Timestamp(millisecondsSinceEpoch: 0)) : nil
    let end = EndRecord.read(
      jobDirectory: directory.path, runDirectory: directory.path, holder: holder, stop: stop)
    #expect(end.outcome == outcome && end.exitCode == code)
    #expect(end.reason?.isEmpty == false)
  }

  @Test func `a holder that could not do its work makes the outcome lost`() throws {
    let directory = try TemporaryDirectory()
    let end = EndRecord.read(
      jobDirectory: directory.path, runDirectory: directory.path,
      holder: .exited(Holder.ownFailureCode), stop: nil)
    #expect(end.outcome == .lost && end.exitCode == nil)
  }

  @Test func `the completion of a long run record is found at its end`() throws {
    let directory = try TemporaryDirectory()
    let planned = JSON.array(Array(repeating: ["test_id": "a test with a name"], count: 5000))
    let record: JSON = [
      "planned": planned, "finished_at": "x", "exit_code": 0, "completion": "completed",
    ]
    try FileIO.write("\(directory.path)/run.json", record.pretty())
    #expect(EndRecord.completion(runDirectory: directory.path) == "completed")
    try FileIO.write("\(directory.path)/run.json", Array("{\"completion\":\"failed\"}".utf8))
    #expect(EndRecord.completion(runDirectory: directory.path) == "failed")
  }
}
