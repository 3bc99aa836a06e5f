// docs/concepts/supervision.md is held to the code.

import Core
import Testing

@testable import Supervisor

@Suite struct DocumentationTests {
  private static let page: String = {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let bytes = try? FileIO.read("/\(root)/docs/concepts/supervision.md")
    return String(decoding: bytes ?? [], as: UTF8.self)
  }()

  @Test(arguments: SupervisorError.Code.allCases)
  func `every error code is explained`(code: SupervisorError.Code) {
    #expect(Self.page.contains("| `\(code.rawValue)` |"))
  }

  @Test(arguments: ["running", "terminating", "sweeping", "killing", "ended"])
  func `every state has a row of seven cells`(state: String) {
    let rows = Self.page.split(separator: "\n").filter { $0.hasPrefix("| `\(state)` |") }
    #expect(rows.count == 1)
    #expect(rows.first?.split(separator: "|").count == 7)
  }

  @Test func `the times and sizes on the page are those of the code`() {
    typealias Machine = StopMachine<ContinuousClock.Instant>
    #expect(Machine.lookInterval == .milliseconds(10))
    #expect(Machine.killWait == .seconds(5))
    #expect(StopPolicy.defaultSweepGrace == .seconds(2))
    #expect(StopPolicy.providerGrace == .seconds(5))
    #expect(StopPolicy.runGrace == .seconds(10))
    #expect(Console.headLimitBytes == 64 << 20)
    #expect(Console.tailLimitBytes == 64 << 10)
    for text in ["10 ms", "5 s after SIGKILL", "2 s", "a run 10 s", "64 MiB", "64 KiB"] {
      #expect(Self.page.contains(text))
    }
  }

  @Test func `every field of the end record is written in the form the Studio reads`() {
    let names = EndOfRun(exitCode: 0).json.object?.names
    #expect(
      names == [
        "exit_code", "signal", "stopped", "reason", "actor", "stop_requested_at", "ended_at",
        "duration_ms", "census", "console_bytes", "console_cut_bytes", "rusage", "guarantee",
        "error",
      ])
  }
}
