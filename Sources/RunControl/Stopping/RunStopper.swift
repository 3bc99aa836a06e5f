// Stops one run from outside, with its records on disk as the only link to it.

public import Core
public import EventLoop
public import RunArtifacts
import Supervisor

/// Stops a run and reports how that went.
@LoopActor
public final class RunStopper {
  private let directory: RunDirectory
  private let request: StopRequest
  private let monitor: RunMonitor
  private var escalation = StopEscalation<ContinuousClock.Instant>()
  private var process: WatchedProcess?
  private var child: ProcessReference?
  private var job: JobRecord?
  private var runnerReference: ProcessReference?
  private var wasKilled = false
  private var returnsWhenPressed = false
  private var isDraining = false
  private var census: Census?
  private var failure: RunControlError?
  private var waiter: CheckedContinuation<Void, Never>?
  private var nextLook: LoopTimer?
  private lazy var timer = LoopTimer { [weak self] in self?.handle(.deadline) }

  private init(_ directory: RunDirectory, _ request: StopRequest) {
    self.directory = directory
    self.request = request
    monitor = RunMonitor(directory)
  }

  /// Stops a run.
  ///
  /// Idempotent: a run that has ended is reported as it is; one that is being stopped already is
  /// waited for, and gets no second signal unless by force.
  /// - Parameters:
  ///   - directory: the run.
  ///   - request: who, why, whether by force.
  ///   - waits: whether to wait for the end.
  ///   - said: gets a line as soon as the run has been asked.
  /// - Returns: what it came to.
  /// - Throws: `RunControlError` when the run cannot be asked.
  public static func stop(
    _ directory: RunDirectory, _ request: StopRequest, waits: Bool,
    said: @escaping @LoopActor (String) -> Void
  ) async throws(RunControlError) -> StopReport {
    let stopper = RunStopper(directory, request)
    return try await stopper.run(waits: waits, said: said)
  }

  private func run(
    waits: Bool, said: @escaping @LoopActor (String) -> Void
  ) async throws(RunControlError) -> StopReport {
    let run = await look()
    guard run.isLive else { return try await sweepEnded(run) }
    job = run.job
    child = run.job?.child
    let reference = run.holder ?? run.writer
    guard let reference else { throw unreachable(run) }
    runnerReference = reference
    process = WatchedProcess(reference) { [weak self] in self?.runnerEnded() }
    guard process != nil else {
      // It ended between the two looks.
      return try await self.run(waits: waits, said: said)
    }
    if request.mode == .afterCurrent { return try await drain(run, waits: waits, said: said) }
    let runner: RunRunner =
      run.holder == nil ? .writer : .holder(grace: run.job?.stopGrace ?? StopPolicy.runGrace)
    let isSecond =
      run.state == .stopping && !request.force && run.stop?.mode != .afterCurrent
    if isSecond {
      said("\(run.directory.runID) is being stopped already (\(Self.who(run.stop))).")
    } else {
      said("Stopping \(run.directory.runID): \(Self.how(runner, reference, request)).")
    }
    if waits {
      await withCheckedContinuation { continuation in
        waiter = continuation
        begin(runner, asks: !isSecond)
      }
    } else if request.force, runner == .writer {
      // Only its second signal kills.
      returnsWhenPressed = true
      await withCheckedContinuation { continuation in
        waiter = continuation
        begin(runner, asks: true)
      }
    } else if !isSecond {
      begin(runner, asks: true)
      timer.cancel()
    }
    if let failure { throw failure }
    return await report(isStopped: true, isUnderWay: !waits)
  }

  /// Looks at the run; when a holder is on its way to it, once that has come or has ended.
  private func look() async -> ControlledRun {
    while true {
      let (run, isComing) = await read { directory in
        let run = ControlledRun(directory)
        return (run, run.holder == nil && run.writer == nil && run.job?.isComing == true)
      }
      if !isComing { return run }
      await withCheckedContinuation { continuation in
        let timer = LoopTimer { continuation.resume() }
        timer.schedule(after: LaunchLock.lookInterval)
        nextLook = timer
      }
    }
  }

  /// Asks the run to start no further tests, by the file that it looks for.
  private func drain(
    _ run: ControlledRun, waits: Bool, said: @escaping @LoopActor (String) -> Void
  ) async throws(RunControlError) -> StopReport {
    do throws(FileError) {
      // One small file.
      try RunDrain.request(request, in: directory, jobID: run.job?.id)
    } catch {
      throw RunControlError(.unreachable, directory.runID, error.description)
    }
    said("\(run.directory.runID) starts no further tests; the running ones end in their own time.")
    if waits {
      isDraining = true
      await withCheckedContinuation { waiter = $0 }
    }
    return await report(isStopped: true, isUnderWay: !waits)
  }

  private func runnerEnded() {
    if isDraining { finish() } else { handle(.runnerEnded) }
  }

  /// A run that nobody runs any more: what it left may live on.
  private func sweepEnded(_ run: ControlledRun) async throws(RunControlError) -> StopReport {
    let owners = [run.record?.writer, run.job?.child, run.job?.holder].compactMap(\.self)
    let found = await Self.kill(leftBy: Array(Set(owners)))
    let isStopped = found != Census()
    if isStopped { census = found }
    return await report(isStopped: isStopped, isUnderWay: false)
  }

  /// Ends what processes left that are gone; there is nobody any more who could keep a result, so
  /// nothing is asked first.
  private static func kill(leftBy owners: [ProcessReference]) async -> Census {
    await withCheckedContinuation { continuation in
      FileWorker("sweep").run { () -> Census in
        var census = Census()
        for owner in owners where !owner.isAlive {
          let outcome = LeftoverSweep.run(of: owner)
          census.merge(Census(killed: outcome.killed, remaining: outcome.remaining))
        }
        return census
      } then: {
        continuation.resume(returning: $0)
      }
    }
  }

  private func unreachable(_ run: ControlledRun) -> RunControlError {
    if let launcher = run.job?.launcher, run.job?.isBeingLaunched == true {
      return RunControlError(
        .unreachable, directory.runID,
        "it has not begun: it waits for its turn in process \(launcher.pid), "
          + "the Studio; stop it there")
    }
    let pid = run.pid.map { "process \($0)" } ?? "a process"
    return RunControlError(
      .unreachable, directory.runID,
      "\(pid) holds its lock, but it cannot be told from here that this is the run: it was started "
        + "by an older version, in another container or by another user; stop it there")
  }

  private static func who(_ stop: StopRequest?) -> String {
    stop.map { "by \($0.actor) at \($0.requestedAt)" } ?? "by somebody else"
  }

  private static func how(
    _ runner: RunRunner, _ reference: ProcessReference, _ request: StopRequest
  ) -> String {
    let kind = runner == .writer ? "process" : "holder"
    if request.force { return "\(kind) \(reference.pid) kills everything now" }
    let grace: Duration =
      if case .holder(let grace) = runner { grace } else {
        StopEscalation<ContinuousClock.Instant>.writerGrace
      }
    let seconds = Double(grace.milliseconds) / 1000
    return "asked \(kind) \(reference.pid); what does not end in \(trimmed(seconds)) s is killed"
  }

  private static func trimmed(_ seconds: Double) -> String {
    seconds.rounded() == seconds ? "\(Int(seconds))" : "\(seconds)"
  }

  // MARK: - The table's actions

  private func begin(_ runner: RunRunner, asks: Bool) {
    for action in escalation.handle(.begin(runner, force: request.force), now: .now) {
      // A second stop of the same kind only waits.
      if asks || action != .record && action != .signal { perform(action) }
    }
  }

  private func handle(_ event: StopEscalation<ContinuousClock.Instant>.Event) {
    for action in escalation.handle(event, now: .now) { perform(action) }
  }

  private func perform(_ action: StopEscalation<ContinuousClock.Instant>.Action) {
    switch action {
    case .record: record()
    case .signal: signal()
    case .kill: kill()
    case .wake(let instant): timer.schedule(after: ContinuousClock.now.duration(to: instant))
    case .sweep: sweep()
    case .finish: finish()
    }
  }

  /// Without the record the run still stops; only who and why would be missing.
  private func record() {
    let path =
      job.map { "\($0.directory)/stop.json" } ?? directory.file(RunFile.stop)
    // One small file, before the signal that makes the other side read it.
    try? FileIO.replace(path, request.json.pretty() + [0x0A])
  }

  private func signal() {
    guard process?.signal(15) == false else {
      if returnsWhenPressed, escalation.state == .pressed { finish() }
      return
    }
    failure = RunControlError(
      .unreachable, directory.runID,
      "process \(runnerReference?.pid ?? 0) may not be signalled: it runs as another user")
    finish()
  }

  private func kill() {
    wasKilled = true
    process?.signal(9)
    // A holder that is killed leaves its run behind.
    if let child, child != runnerReference {
      WatchedProcess(child, onEnd: {})?.signal(9)
    }
  }

  private func sweep() {
    let owners = [runnerReference, child].compactMap(\.self)
    Task {
      let found = await Self.kill(leftBy: owners)
      if found != Census() { census = found }
      handle(.swept)
    }
  }

  private func finish() {
    timer.cancel()
    waiter?.resume()
    waiter = nil
  }

  // MARK: - Report

  private func read<Value: Sendable>(
    _ body: @escaping @Sendable (RunDirectory) -> Value
  ) async -> Value {
    let directory = directory
    return await withCheckedContinuation { continuation in
      FileWorker("control").run {
        body(directory)
      } then: {
        continuation.resume(returning: $0)
      }
    }
  }

  private func report(isStopped: Bool, isUnderWay: Bool) async -> StopReport {
    let (run, meta) = await read { (ControlledRun($0), try? RunMeta($0)) }
    let end = run.jobEnd
    var all = end?.census ?? (isStopped ? run.record?.census ?? Census() : nil)
    if let census {
      all = all ?? Census()
      all?.merge(census)
    }
    let killed = wasKilled && run.record?.completion == .running
    // A second signal makes `agentv eval` kill its tests and exit with 1, without a word in run.json.
    let pressed = escalation.wasPressed && !killed && run.record?.completion == .running
    let stop = run.stop
    return StopReport(
      runID: directory.runID, runDirectory: directory.path, jobID: run.job?.id,
      isStopped: isStopped, isUnderWay: isUnderWay, state: run.state,
      exitCode: run.exitCode ?? (killed ? 137 : pressed ? 1 : nil),
      signal: end?.signal ?? (killed ? "SIGKILL" : run.isLive ? nil : run.record?.signal),
      reason: end?.reason ?? stop?.reason, actor: end?.actor ?? stop?.actor, census: all,
      completed: meta?.testCount ?? 0, planned: meta?.plannedTestCount)
  }
}
