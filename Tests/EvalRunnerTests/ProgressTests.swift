import Core
import RunArtifacts
import Synchronization
import Testing

@testable import EvalRunner

@Suite struct ProgressTests {
  private let plain = Console(hasColor: false) { _, _ in }
  private let line = ProgressLine(isMatrix: false)

  private func finished(_ row: ResultRow, _ target: Int?, _ total: Int?) -> String {
    var row = row
    row.durationMS = target
    row.totalDurationMS = total
    return line.finished(row, done: 1, total: 3, console: plain)
  }

  @Test func `lines have the shapes that scripts read`() {
    #expect(
      line.open(
        "🔄", done: 0, total: 3, testID: "case-a", requested: "default", resolved: "local_cli")
        == "0/3   🔄 case-a | default → local_cli")
    #expect(
      finished(row("case-a", 1, target: "local_cli", requested: "default"), 312, 320)
        == "1/3   ✅ case-a | default → local_cli | 100% PASS | 312/320ms")
    #expect(
      finished(row("case-b", 0.5), 280, 275) == "1/3   ⚠️ case-b | t | 50% FAIL | 280/280ms")
    #expect(
      finished(row("case-c", 0, .executionError, error: "boom (exit code 3)"), nil, nil)
        == "1/3   ❌ case-c | t | ERROR: boom (exit code 3)")
    #expect(finished(row("d", 1), nil, 7) == "1/3   ✅ d | t | 100% PASS | 7ms")
  }

  @Test func `a matrix names the target beside the id`() {
    let line = ProgressLine(isMatrix: true)
    #expect(
      line.finished(
        row("a", 1, target: "real", requested: "alias"), done: 2, total: 4, console: plain)
        == "2/4   ✅ a@alias | alias → real | 100% PASS")
  }

  @Test func `colours come only where they were asked for`() {
    let colored = Console(hasColor: true) { _, _ in }
    #expect(
      line.finished(row("a", 1), done: 1, total: 1, console: colored)
        == "1/1   ✅ a | t | \u{1B}[1;32m100% PASS\u{1B}[0m")
  }

  @Test func `the live line tells done, pass rate, cost, time left and what runs`() {
    var bar = ProgressBar()
    bar.total = 40
    #expect(bar.line(columns: 200) == "0/40 ░░░░░░░░░░░░░░░░░░░░ · 0 running")
    bar.done = 10
    bar.ok = 5
    bar.costUSD = 0.0123
    bar.elapsedSeconds = 20
    bar.running = ["a", "b"]
    #expect(
      bar.line(columns: 200)
        == "10/40 █████░░░░░░░░░░░░░░░ · pass 50% · $0.0123 · ETA 1:00 · 2 running: a, b")
    #expect(bar.line(columns: 30) == "10/40 █████░░░░░░░░░░░░░░░ ·…")
    bar.running = ["new\nline"]
    #expect(bar.line(columns: 200).contains("new line"))
  }

  @Test func `the live line stays under the plain ones`() async {
    let out = Mutex("")
    let console = Console(hasColor: false) { _, text in out.withLock { $0 += text } }
    console.show("BAR")
    console.say("line")
    console.show("")
    console.say("last")
    await console.drain()
    let erase = "\r\u{1B}[2K"
    #expect(out.withLock { $0 } == "\(erase)BAR\(erase)line\nBAR\(erase)last\n")
  }

  @Test func `numbers read the same everywhere`() {
    #expect(fixed(0.0123, 4) == "0.0123")
    #expect(fixed(1.999, 2) == "2.00")
    #expect(fixed(-0.001, 2) == "0.00")
    #expect(fixed(12, 0) == "12")
    #expect(clock(59) == "0:59")
    #expect(clock(3661) == "1:01:01")
    #expect(percent(0.945) == "95%")
    #expect(shellQuoted("a b") == "'a b'")
    #expect(shellQuoted("it's") == "'it'\\''s'")
    #expect(shellQuoted("evals/a.yaml") == "evals/a.yaml")
    #expect(shellQuoted("") == "''")
  }
}
