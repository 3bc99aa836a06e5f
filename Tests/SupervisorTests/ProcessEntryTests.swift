import Glibc
import Testing

@testable import Supervisor

@Suite struct ProcessEntryTests {
  private func entry(_ text: String) -> ProcessEntry? { ProcessEntry(stat: Array(text.utf8)) }
  private let rest = "1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 12345 99 7 18446744073709551615"

  @Test func `the fields of a stat file are read`() {
    #expect(
      entry("42 (sleep) S \(rest)\n")
        == ProcessEntry(
          pid: 42, state: UInt8(ascii: "S"), parent: 1, group: 42, session: 42, threads: 3,
          startTime: 12345))
  }

  @Test(arguments: ["a b", "x) R 7 7 7", "(((", ")", "", "a\nb", "42 (sleep) S 9"])
  func `a name with spaces and brackets does not shift the fields`(name: String) {
    #expect(entry("42 (\(name)) S \(rest)\n")?.startTime == 12345)
    #expect(entry("42 (\(name)) S \(rest)\n")?.parent == 1)
  }

  @Test(arguments: ["", "42", "42 (x)", "42 (x) S 1 2", "no (x) S 1 42 42", "42 (x) S a b c d"])
  func `a text in another form is no entry`(text: String) {
    #expect(entry(text) == nil)
  }

  @Test func `a zombie with running threads is not gone`() {
    var zombie = entry("42 (x) Z \(rest)")
    #expect(zombie?.isGone == false)
    zombie?.threads = 1
    #expect(zombie?.isGone == true)
  }

  @Test func `this process finds itself and its parent`() {
    let own = ProcFS.entry(getpid())
    #expect(own?.parent == getppid())
    #expect(own?.isGone == false)
    #expect(ProcFS.allPids().contains(getpid()))
    #expect(!ProcFS.command(of: getpid()).isEmpty)
    #expect(ProcFS.bootID().count == 36)
    #expect(ProcFS.environment(of: getpid())?.isEmpty == false)
  }

  @Test func `a process that does not exist has no entry`() {
    #expect(ProcFS.entry(-5) == nil)
    #expect(ProcFS.environment(of: -5) == nil)
    #expect(ProcFS.command(of: -5) == "")
  }
}
