import Core
import RunArtifacts
import TestSupport
import Testing

@testable import RunControl

struct TextTests {
  @Test(arguments: [
    (0, "0s"), (99, "99s"), (100, "1m"), (5999, "99m"), (6000, "1h"), (172_799, "47h"),
    (172_800, "2d"),
  ])
  func `an age is one number with its unit`(_ seconds: Int, _ text: String) {
    #expect(RunLine.age(seconds) == text)
  }

  @Test func `the table lines its columns up and has no blanks at the ends`() throws {
    let project = try RunProject()
    let now = Timestamp(millisecondsSinceEpoch: 1_060_000)
    let runs = [
      try project.run("short", ids: ["a", "b"]), try project.run("a-longer-name", planned: 1),
    ].map { RunLine(ControlledRun($0), now: now) }
    #expect(
      RunTable.text(runs) == """
        RUN            JOB  STATUS       DONE  TARGET  AGE  PID  BY
        short          -    interrupted  2/3   t       60s  -    terminal
        a-longer-name  -    interrupted  1/1   t       60s  -    terminal
        """)
  }

  @Test func `text from files cannot steer the terminal`() {
    #expect(RunTable.printable("a\u{1B}[31mb\rc\n") == "a?[31mb?c?")
    #expect(RunTable.printableLines("a\nb\u{7}") == "a\nb?")
  }

  @Test(arguments: [("a-b_1:2", "a-b_1:2"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'")])
  func `a word is quoted where the shell would change it`(_ word: String, _ quoted: String) {
    #expect(ShellWord.quoted(word) == quoted)
  }

  @Test func `a report tells what the stop took and how to go on`() {
    var report = StopReport(
      runID: "r 1", runDirectory: "/r", isStopped: true, state: .interrupted, exitCode: 143,
      signal: "SIGTERM", census: Census(obeyed: 2, killed: 1, outsideGroup: 1), completed: 3,
      planned: 5)
    #expect(
      report.text == """
        Stopped r 1: exit code 143, SIGTERM, 3 of 5 tests finished.
          Processes: 2 obeyed, 1 killed, 1 outside of the group, none left
          Resume with: agentv resume 'r 1'
        """)
    #expect(report.isClean && report.json["resume"] == "agentv resume 'r 1'")
    report.census?.remaining = [.init(pid: 7, command: "stuck")]
    #expect(!report.isClean && report.text.contains("left: 7 (stuck)"))
    report.isStopped = false
    report.state = .finished
    report.exitCode = 0
    report.signal = nil
    report.census = nil
    #expect(report.text == "Already ended: r 1 is finished (exit code 0, 3 of 5 tests finished).")
  }

  @Test func `a job id tells who started it`() {
    var random = SystemRandomNumberGenerator()
    let id = JobID.make(.detached, using: &random)
    #expect(JobID.Starter(jobID: id) == .detached)
    #expect(JobID.Starter(jobID: JobID.make(using: &random)) == .studio)
    #expect(JobID.Starter(jobID: "x") == nil)
  }
}
