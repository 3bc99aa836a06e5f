// What is left when a supervisor is killed: nothing, whatever its trees do to hide.

import Core
import EventLoop
import Glibc
import TestSupport
import Testing

@testable import Supervisor

@Suite(.timeLimit(.minutes(1))) struct HuntTests {
  private func entry(
    _ pid: Int32, parent: Int32 = 1, session: Int32? = nil, startTime: UInt64 = 5
  ) -> ProcessEntry {
    ProcessEntry(
      pid: pid, parent: parent, group: session ?? pid, session: session ?? pid,
      startTime: startTime)
  }

  private func found(
    _ entries: [ProcessEntry], environments: [Int32: String] = [:], limits: [Int32: String] = [:]
  ) -> [Int32] {
    let table = Dictionary(entries.map { ($0.pid, $0) }) { $1 }
    var hunt = Hunt(
      ProcessReference(pid: 10, startTime: 3, bootID: "b"), picture: { table },
      environment: { pid in environments[pid].map { Array($0.utf8) } },
      limits: { pid in limits[pid].map { Array($0.utf8) } })
    return hunt.look().map(\.pid).sorted()
  }

  @Test func `a tree's cookie is found, also in trees below it, and no other one`() {
    let entries = [20, 21, 22, 23, 24].map { entry($0) }
    #expect(
      found(
        entries,
        environments: [
          20: "A=1\0AGENTV_TREE=1-2/10-3-3\0B=2", 21: "AGENTV_TREE=1-2/10-3-4/30-8-1",
          22: "AGENTV_TREE=1-2/10-31-3", 23: "AGENTV_TREE=1-2/10-3",
          24: "X=AGENTV_TREE=1-2/10-3-3",
        ]) == [20, 21])
  }

  @Test func `children and sessions of what is found belong to it`() {
    let entries = [
      entry(20), entry(21, parent: 20), entry(22, session: 21), entry(23, session: 22),
      entry(30), entry(31, parent: 30, session: 30),
    ]
    #expect(found(entries, environments: [20: "AGENTV_TREE=1-2/10-3-3"]) == [20, 21, 22])
  }

  @Test func `the session of a terminal whose shell lives is not taken along`() {
    let entries = [entry(20), entry(21, parent: 20, session: 20), entry(22, session: 20)]
    #expect(found(entries, environments: [21: "AGENTV_TREE=1-2/10-3-3"]) == [21])
  }

  @Test func `the inherited limit is enough, and a real limit is none`() {
    let value = InheritedMark.value(
      ProcessReference(pid: 10, startTime: 3, bootID: "b"))
    func table(_ text: String) -> String {
      "Limit   Soft\nMax realtime priority     0    0\nMax realtime timeout      \(text)   unlimited  us\n"
    }
    let entries = [20, 21, 22, 23].map { entry($0) }
    #expect(
      found(
        entries,
        limits: [
          20: table("\(value)"), 21: table("unlimited"), 22: table("200000"),
          23: table("\(value + 1)"),
        ]) == [20])
  }

  @Test func `a mark of another boot finds nothing`() {
    let owner = ProcessReference(pid: 10, startTime: 3, bootID: "another")
    #expect(LeftoverSweep.run(of: owner) == LeftoverSweep.Outcome())
  }

  @Test func `a cookie names the supervisor that made it`() {
    #expect(
      TreeCookie.supervisor(of: "1-2-3/44-55-6")
        == ProcessIdentity(pid: 44, startTime: 55))
    for text in ["", "44-55", "a-b-c", "1-2-3/"] {
      #expect(TreeCookie.supervisor(of: text)?.pid ?? 0 != 44)
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct KeptProcessTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func spec(keeps: Bool) -> ProcessSpec {
    var spec = TreeProgram().spec(
      ["--setsid", "1", "--for", "0"], pids: directory.file("pids"), output: .null)
    spec.keepsProcesses = keeps
    return spec
  }

  private func isAlive(_ role: String) throws -> Bool {
    let text = String(decoding: try FileIO.read(directory.file("pids")), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(role) ") }
    let pid = try #require(line?.split(separator: " ").dropFirst().first.flatMap { Int32($0) })
    return ProcFS.entry(pid).map { !$0.isGone } ?? false
  }

  @Test func `what a leader leaves is gone with its end, unless it may stay`() async throws {
    _ = try await Supervisor().run(spec(keeps: false))
    #expect(try !isAlive("setsid"))
    try FileIO.remove(directory.file("pids"))
    let supervisor = await Supervisor()
    let process = try await supervisor.start(spec(keeps: true))
    let result = await process.result()
    #expect(result.exit.isSuccess)
    #expect(result.census.remaining.isEmpty)
    #expect(try isAlive("setsid"))
    await process.end()
    #expect(try !isAlive("setsid"))
  }

  @Test func `a stop of everything takes kept processes along`() async throws {
    let supervisor = await Supervisor()
    let process = try await supervisor.start(spec(keeps: true))
    _ = await process.result()
    #expect(try isAlive("setsid"))
    await supervisor.stopAll()
    #expect(try !isAlive("setsid"))
  }
}
