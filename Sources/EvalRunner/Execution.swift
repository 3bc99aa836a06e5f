// The part of a run that writes: from the lock to the last line.

import Core
import EvalFiles
import EventLoop
import Glibc
import RunArtifacts
import Supervisor

/// Carries out a plan.
struct Execution: Sendable {
  let session: EvalSession
  let point: StartingPoint
  let plan: EvalSession.SessionPlan
  /// Money of the whole run; `nil` when there is no limit.
  private let budget: Budget?

  init(session: EvalSession, point: StartingPoint, plan: EvalSession.SessionPlan) {
    self.session = session
    self.point = point
    self.plan = plan
    budget = plan.options.budgetUSD.map {
      Budget(capUSD: $0, spentUSD: plan.earlier.spentUSD)
    }
  }

  private var console: Console { session.console }
  private var directory: RunDirectory { point.directory }
  private var experiment: String { plan.launch.experiment }

  /// Runs the tests and writes everything.
  /// - Returns: the exit code.
  func run() async throws -> Int32 {
    let limits = RunLimits(
      options: plan.options, budget: budget, earlier: plan.earlier,
      workingDirectory: point.workingDirectory, suites: plan.todo.files.map(\.suite))
    let files = try runs(limits)
    let reporter = ProgressReporter(
      console: console, total: plan.todo.count,
      isMatrix: orderedTargets.count > 1, columns: session.columns)
    let control = RunControl()
    // From here on a signal leaves a run that can be resumed.
    let interrupts = try await Interrupts(control)
    let copied = AnnouncementGate()
    let writer = try RunWriter.open(directory, mode: point.mode) { rows in
      if copied.isOpen { reporter.committed(rows) }
    }
    if point.isResume, writer.existing.count != plan.earlier.count {
      // The plan was made before the lock was ours.
      throw EvalRunError(
        "the run in \"\(directory.path)\" was written by another process meanwhile; try again")
    }
    sweepLeftovers()
    let (directory, startedAt) = (directory, session.startedAt)
    let jobID = session.environment["AGENTV_JOB_ID"]
    control.onDrain { RunDrain.read(directory, jobID: jobID, since: startedAt) }
    var record = try await begin(writer)
    let merged = try await takeOver(writer)
    copied.open()
    console.say("Artifact directory: \(directory.path)")
    session.announceExports(plan.options.exports, in: point.workingDirectory)
    if let budget { console.say("Run budget cap: $\(fixed(budget.capUSD, 2))") }
    if let path = limits.cachePathToShow {
      console.say("Response cache: enabled\(path.isEmpty ? "" : " (\(path))")")
    }

    let scheduler = scheduler(writer, reporter, control)
    let ticker = Task { await tick(reporter) }
    let work = Task { await scheduler.run(files) }
    control.onStop { [console] in
      reporter.stopping()
      if let signal = control.signal {
        console.complain(
          "Stopping (\(SignalName.of(signal))): finished tests are kept; a second signal kills "
            + "the running ones at once.")
      }
      work.cancel()
    }
    await work.value
    ticker.cancel()
    // What a target was let keep does not outlive a stop.
    if control.isStopping { await Supervisor.shared.stopAll() }
    do throws(FileError) { try await writer.flush() } catch { control.fail(error) }
    await writer.tidyTranscript()
    reporter.end()

    record.census = await interrupts.census()
    let outcome = await finish(writer, &record, control, merged: merged)
    let preserved = scheduler.preserved.text
    if !preserved.isEmpty { console.say(preserved) }
    if control.signal == nil, control.failure == nil {
      let rows = await writer.rows.rows
      let sending = Task {
        await session.send(directory, plan.options, variables: plan.variables, rows: rows)
      }
      control.onStop { sending.cancel() }
      await sending.value
    }
    await interrupts.cancel()
    // Killed trees can end the tests, and with them the run, before the second signal's own exit.
    return control.isForced ? 1 : outcome
  }

  /// Brings the summaries of a run up to date whose last row was written before it was killed.
  func closeFinished() async throws {
    guard directory.record()?.completion != .completed,
      directory.lockState() == .free
    else { return }
    let writer = try RunWriter.open(directory, mode: .resume) { _ in }
    var record = try await begin(writer, announces: false)
    record.completion = .completed
    record.finishedAt = .now()
    record.exitCode = 0
    try await writer.end(record, heading, now: .now())
  }
}

// MARK: - Start

extension Execution {
  /// Ends what an earlier start of this run left running when it was killed.
  ///
  /// The lock is ours, so that one is gone. Its guard has done this already, unless it was killed
  /// as well.
  private func sweepLeftovers() {
    guard point.mode == .resume, let earlier = point.record, earlier.completion == .running,
      let startTime = earlier.processStartTime, startTime > 0, let bootID = earlier.bootID
    else { return }
    let writer = ProcessReference(
      pid: earlier.pid, startTime: UInt64(startTime), bootID: bootID)
    let outcome = LeftoverSweep.run(of: writer)
    if outcome.killed > 0 {
      console.say("Ended \(outcome.killed) process(es) that the killed run had left.")
    }
    for process in outcome.remaining {
      console.complain(
        "Warning: process \(process.pid) of the killed run cannot be ended: \(process.command)")
    }
  }
}

extension Execution {
  /// Writes what says that this run exists: run.json, the stub, the last-run pointer.
  private func begin(_ writer: RunWriter, announces: Bool = true) async throws -> RunRecord {
    let now = Timestamp.now()
    var record = RunRecord(
      runID: directory.runID, experiment: experiment, pid: ProcessEnvironment.processID,
      startedAt: now, argv: session.options.arguments, cwd: point.workingDirectory,
      launch: plan.launch, jobID: session.environment["AGENTV_JOB_ID"])
    if point.mode == .resume, let earlier = point.record {
      record.startedAt = earlier.startedAt
      record.resumedAt = now
      record.jobID = record.jobID ?? earlier.jobID
    }
    record.nameWriter()
    record.plannedTestCount = plan.whole.count
    if plan.whole.count <= RunRecord.maximumPlannedListed {
      record.planned = plan.whole.map(\.identity)
    }
    try await writer.begin(record, heading, now: now)
    if announces {
      // A project that cannot be written to (a mounted results directory) loses the pointer only.
      try? LastRun.write(directory.path, project: point.workingDirectory, at: now)
    }
    return record
  }

  private var heading: RunSummary.Heading {
    let files = plan.launch.evalFiles
    return RunSummary.Heading(
      evalFile: files.count == 1 ? Path.absolute(files[0], in: point.workingDirectory) : "",
      experiment: experiment, plannedTestCount: plan.whole.count)
  }

  /// Takes the rows of a retried run over.
  private func takeOver(_ writer: RunWriter) async throws -> Int? {
    guard let old = point.retried else { return nil }
    return try await RetriedRows.copy(plan.earlier, from: old, to: writer)
  }

  private func scheduler(
    _ writer: RunWriter, _ reporter: ProgressReporter, _ control: RunControl
  ) -> Scheduler {
    let whole = plan.whole
    let layout = ArtifactLayout(count: whole.count, earlier: plan.earlier) { place in
      let test = whole[place]
      return ArtifactLayout.Parts(suite: test.suite, testID: test.id, target: test.target)
    }
    let options = plan.options
    return Scheduler(
      executor: TestExecutor(
        threshold: options.threshold,
        caller: TargetCaller(
          retry: RetryPolicy(maxRetries: options.maxRetries ?? EvalOptions.defaultRetries),
          agentTimeout: options.agentTimeoutSeconds.map { .seconds($0) }),
        isDryRun: options.dryRun, experiment: experiment,
        outputMessages: options.outputMessages),
      recorder: TestRecorder(
        writer: writer, layout: layout, positions: plan.positions),
      control: control, reporter: reporter, console: console, isVerbose: options.verbose,
      budget: budget,
      workspaces: options.workspaces.settings(
        environment: session.environment, workingDirectory: point.workingDirectory,
        console: console, isVerbose: options.verbose))
  }

  private func runs(_ limits: RunLimits) throws -> [[TargetRun]] {
    let extra = [
      "AGENTV_EXPERIMENT": experiment, "AGENTV_RUN_TIMESTAMP": Path.name(directory.path),
    ]
    return try plan.todo.files.map {
      try plan.targets.runs(
        of: $0, options: plan.options, existing: plan.earlier.ledger, limits: limits, extra: extra)
    }
  }

  private func tick(_ reporter: ProgressReporter) async {
    guard session.columns != nil else { return }
    while (try? await Task.sleep(for: .milliseconds(500))) != nil { reporter.refresh() }
  }
}

// MARK: - End

extension Execution {
  private func finish(
    _ writer: RunWriter, _ record: inout RunRecord, _ control: RunControl, merged: Int?
  ) async -> Int32 {
    let counted = await writer.rows
    let rows = counted.rows
    let done = plan.whole.count { test in
      let identity = test.identity
      return counted.status(
        for: identity, suite: test.suite,
        resolvedTarget: plan.targets.name(of: identity) ?? identity.target) != nil
    }
    if done == plan.whole.count { control.forgetDrain() }
    RunDrain.clear(directory)
    let threshold = plan.options.threshold ?? plan.todo.files.first?.suite.execution.threshold
    // A run that was stopped or broke is not whole; its documents come with the resume.
    let isWhole = control.signal == nil && control.failure == nil
    let exported =
      isWhole
      ? session.writeExports(
        plan.options.exports, of: directory, in: point.workingDirectory) : ExportOutcome()
    let isOverBudget = budget?.isSpent ?? false
    func exitCode() -> Int32 {
      ExitCode.of(
        rows, threshold: threshold, failOnError: plan.options.failOnError,
        isOverBudget: isOverBudget, signal: control.signal,
        hasFailed: control.failure != nil || control.isForced || exported.failure != nil,
        hasUnusableFiles: plan.hasUnusableFiles)
    }
    var code = exitCode()
    record.finishedAt = .now()
    record.exitCode = Int(code)
    record.signal = control.signal.map(SignalName.of)
    record.stop = StopProvenance.of(
      control, jobID: record.jobID, since: record.resumedAt ?? record.startedAt, in: directory)
    record.completion =
      control.failure != nil ? .failed : done < plan.whole.count ? .interrupted : .completed
    do throws(FileError) {
      try await writer.end(record, heading, now: .now())
    } catch {
      control.fail(error)
      code = exitCode()
      record.exitCode = Int(code)
      record.completion = .failed
      try? await writer.write(record)
    }

    console.say(SummaryText(rows, threshold: threshold, console: console).text)
    let columns = orderedTargets
    if columns.count > 1 { console.say(MatrixTable.text(rows, targets: columns)) }
    sayWhere(rows, merged: merged, exported: exported.line)
    if let failure = exported.failure { console.complain("Error: \(failure)") }
    if plan.hasUnusableFiles {
      console.complain("Some eval files or tests could not be used: see the errors at the start.")
    }
    copyRows(control)
    if let budget, isOverBudget {
      console.say(
        "\n⚠ Run budget exceeded: $\(fixed(budget.spentUSD, 4)) spent of "
          + "$\(fixed(budget.capUSD, 4)) cap")
    }
    if let signal = control.signal {
      sayStopped(signal, done: done)
    } else {
      sayTip(rows)
    }
    if let failure = control.failure {
      let isThere = FileIO.isFile(directory.file(RunFile.index))
      console.complain(
        "Error: \(failure)\n"
          + (isThere
            ? "The \(done) finished test(s) are kept. Resume with:\n  \(resumeCommand)"
            : "The run directory was removed while the run was writing it; its results are gone."))
      return 1
    }
    return code
  }

  /// Writes the copy that the old `--out` asks for.
  private func copyRows(_ control: RunControl) {
    guard let file = session.options.rowsCopy else { return }
    let path = Path.absolute(file, in: session.cwd)
    do throws(FileError) {
      try FileIO.createDirectories(Path.directory(path))
      try FileIO.write(path, try FileIO.read(directory.file(RunFile.index)))
    } catch {
      control.fail(error)
    }
  }

  private var orderedTargets: [String] {
    var seen = Set<String>()
    return plan.whole.lazy.map(\.target).filter { seen.insert($0).inserted }
  }

  private func sayWhere(_ rows: RowLedger.Rows, merged: Int?, exported: String) {
    if let merged {
      console.say("\nMerged \(merged) non-error result(s) from previous output.")
    }
    let path = directory.path
    let isUpdate = point.isResume
    let new = plan.todo.count
    let count = isUpdate ? "\(min(new, rows.count)) new" : "\(rows.count)"
    console.say(
      """

      Artifact workspace \(isUpdate ? "updated" : "written to"): \(path)
        Index: \(directory.file(RunFile.index))
        Per-test artifacts: \(path) (\(count) test directories)
        Timing: \(directory.file(RunFile.timing))
        Benchmark: \(directory.file(RunFile.benchmark))\(exported)

      Results written to: \(directory.file(RunFile.index))
      """)
  }

  private func sayTip(_ rows: RowLedger.Rows) {
    let errors = rows.count { $0.executionStatus == .executionError }
    guard errors > 0, point.skip == .nothing else { return }
    let words =
      session.options.paths + plan.options.targets.flatMap { ["--target", $0] }
      + ["--output", shownPath, "--rerun-failed"]
    console.say(
      """

      Tip: \(errors) execution error(s) detected. Re-run failed tests with:
        agentv eval run \(words.map(shellQuoted).joined(separator: " "))
      """)
  }

  private func sayStopped(_ signal: Int32, done: Int) {
    console.say(
      """

      Run stopped by \(SignalName.of(signal)): \(done) of \(plan.whole.count) tests finished. \
      Resume with:
        \(resumeCommand)
      """)
  }

  /// The launch is stored in the run, so this is the whole command.
  private var resumeCommand: String {
    "agentv eval --output \(shellQuoted(shownPath)) --resume"
  }

  private var shownPath: String {
    Path.isInside(directory.path, session.cwd)
      ? Path.relative(directory.path, to: session.cwd) : directory.path
  }
}
