import Core
import EvalRunner
import EventLoop
import RunArtifacts
import RunControl

/// Prints what a watched run does: lines and a live line for people, or one JSON object a line.
@LoopActor
final class WatchPrinter {
  private static let interrupt: Int32 = 2

  private let directory: RunDirectory
  private let asJSON: Bool
  private let hasLiveLine: Bool
  private let hasColor: Bool
  private var text: RunText
  private var watch: RunWatch?
  private var done = 0
  private var isStopping = false
  private var live = ""
  private var startedAt: Timestamp?

  private init(_ directory: RunDirectory, asJSON: Bool) {
    self.directory = directory
    self.asJSON = asJSON
    let terminal = TerminalTraits.current()
    hasColor = terminal.hasColor
    hasLiveLine = terminal.hasLiveLine && !asJSON
    text = RunText(hasColor: terminal.hasColor, isMatrix: false)
  }

  /// Watches a run to its end.
  /// - Returns: the exit code.
  static func watch(_ directory: RunDirectory, asJSON: Bool) async -> Int32 {
    let printer = WatchPrinter(directory, asJSON: asJSON)
    let watch = RunWatch(directory) { printer.take($0) }
    printer.watch = watch
    let interrupt = try? SignalSource(interrupt) { printer.interrupted() }
    let run = await watch.untilEnd()
    interrupt?.cancel()
    return printer.end(run, watch)
  }

  private func interrupted() {
    clear()
    StandardStream.error.write(
      "\nNo longer watching; the run goes on. Stop it with: agentv stop "
        + "\(ShellWord.quoted(directory.runID))\n")
    ProcessEnvironment.exitNow(128 + Self.interrupt)
  }

  private func take(_ news: WatchNews) {
    switch news {
    case .begun(let run, let rows): begin(run, rows)
    case .rows(let rows): tell(rows)
    case .progress: progress()
    case .state(let run): state(run)
    }
  }

  private func begin(_ run: ControlledRun, _ rows: [ResultRow]) {
    let targets = Set((run.record?.planned ?? []).map(\.target)).union(
      run.record?.launch.targets ?? [])
    text = RunText(hasColor: hasColor, isMatrix: targets.count > 1)
    startedAt = run.startedAt
    isStopping = run.state == .stopping
    if asJSON {
      line(["event": "begun", "run": RunLine(run, now: .now()).json])
      for row in rows { self.row(row) }
      return
    }
    if run.isLive {
      let pid = run.pid.map { ", process \($0)" } ?? ""
      say("Watching \(directory.runID) (\(run.state.rawValue)\(pid)); Ctrl+C leaves it alone.")
    }
    let unlisted = (watch?.progress.completed ?? 0) - rows.count
    if unlisted > 0, run.isLive {
      done = unlisted
      say("\(unlisted) tests have finished before.")
    }
    tell(rows)
    if run.isLive { progress() }
  }

  private func tell(_ rows: [ResultRow]) {
    for row in rows {
      done += 1
      if asJSON {
        self.row(row)
      } else {
        say(text.line(Self.printable(row), done: done, total: max(planned, done)))
      }
    }
  }

  /// The row without what would steer a terminal.
  private static func printable(_ row: ResultRow) -> ResultRow {
    var row = row
    row.testID = RunTable.printable(row.testID)
    row.target = RunTable.printable(row.target)
    row.requestedTarget = row.requestedTarget.map(RunTable.printable)
    row.error = row.error.map(RunTable.printableLines)
    return row
  }

  private var planned: Int { watch?.progress.planned ?? 0 }

  private func progress() {
    guard let watch else { return }
    if asJSON {
      var object: JSONObject = ["event": "progress", "run_id": .string(directory.runID)]
      for (name, value) in watch.progress.json.object ?? [:] { object[name] = value }
      return line(.object(object))
    }
    show(liveLine(watch.progress))
  }

  private func state(_ run: ControlledRun) {
    isStopping = run.state == .stopping
    if asJSON {
      line(["event": "status", "run": RunLine(run, now: .now()).json])
    } else if isStopping {
      let who = run.stop.map { " (by \($0.actor)\($0.reason.map { ": \($0)" } ?? ""))" } ?? ""
      say("Stopping\(RunTable.printable(who)) …")
    }
  }

  private func end(_ run: ControlledRun, _ watch: RunWatch) -> Int32 {
    clear()
    let code = run.exitCode
    if asJSON {
      line(["event": "end", "run": RunLine(run, now: .now()).json])
    } else {
      say(text.summary(watch.rows.map(Self.printable), threshold: run.record?.launch.threshold))
      let tests = watch.progress.planned.map { "\(watch.progress.completed) of \($0)" }
      let signal = (run.jobEnd?.signal ?? run.record?.signal).map { ", \($0)" } ?? ""
      say(
        "\nRun \(directory.runID) is \(run.state.rawValue): "
          + "\(tests ?? "\(watch.progress.completed)") tests, "
          + (code.map { "exit code \($0)" } ?? "exit code unknown") + signal + ".")
      if run.state == .interrupted {
        say("Resume with: agentv resume \(ShellWord.quoted(directory.runID))")
      }
    }
    return Int32(truncatingIfNeeded: code ?? 1)
  }

  // MARK: - Output

  private func line(_ json: JSON) { StandardStream.output.print(json.text + "\n") }

  private func row(_ row: ResultRow) {
    var object: JSONObject = ["event": "row", "run_id": .string(directory.runID)]
    for (name, value) in row.event.object ?? [:] { object[name] = value }
    line(.object(object))
  }

  private func say(_ text: String) {
    StandardStream.output.print(hasLiveLine ? "\r\u{1B}[2K\(text)\n\(live)" : text + "\n")
  }

  private func show(_ line: String) {
    guard hasLiveLine, line != live else { return }
    live = line
    StandardStream.output.print("\r\u{1B}[2K\(line)")
  }

  private func clear() { show("") }

  private func liveLine(_ progress: RunProgress) -> String {
    let elapsed = startedAt.map {
      Double(Timestamp.now().millisecondsSinceEpoch - $0.millisecondsSinceEpoch) / 1000
    }
    return text.liveLine(
      done: progress.completed, ok: progress.ok, total: progress.planned ?? progress.completed,
      costUSD: progress.costUSD, running: progress.inFlight.map(\.identity.testID),
      elapsedSeconds: elapsed ?? 0, isStopping: isStopping,
      columns: StandardStream.output.columns ?? 80)
  }
}
