// Many short children: no exit is lost or mixed up, nothing is leaked.

import Core
import EventLoop
import Glibc
import Testing

@testable import Supervisor

@Suite(.timeLimit(.minutes(2)), .serialized) struct ManyChildrenTests {
  private func spec(_ code: Int32) -> ProcessSpec {
    ProcessSpec(
      executable: "sh", arguments: ["-c", "exit \(code)"], environment: ["PATH": "/usr/bin:/bin"])
  }

  @LoopActor
  @Test func `two thousand children one after the other give their codes`() async throws {
    for number in Int32(0)..<2000 {
      let result = try await Supervisor.shared.run(spec(number % 256))
      guard result.exit == .exited(number % 256) else {
        Issue.record("child \(number) ended with \(result.exit)")
        return
      }
    }
  }

  @Test func `fifty children at a time give their codes`() async throws {
    for _ in 0..<4 {
      try await withThrowingTaskGroup(of: (Int32, Core.ExitStatus).self) { group in
        for number in Int32(0)..<50 {
          group.addTask {
            (number, try await Supervisor.shared.run(self.spec(number + 100)).exit)
          }
        }
        for try await (number, exit) in group { #expect(exit == .exited(number + 100)) }
      }
    }
  }

  @LoopActor
  @Test func `no descriptor is left open and no zombie behind`() async throws {
    // In a process of its own, because other tests open and close descriptors meanwhile.
    let result = try await output([Program.testChild, "leaks", "30"])
    #expect(result.exit == .exited(0), "\(result.stderr.text)")
    let report = try JSON.parse(result.stdout.bytes)
    #expect(report["descriptors_before"] == report["descriptors_after"])
    #expect(report["children_after"]?.int == 0)
  }
}
