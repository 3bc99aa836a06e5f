// `agentv hold`: the small process between the Studio and a run. It makes the exit code true
// whoever dies: it owns the run's output, carries out the stop and writes how it ended.

import Core
import CShims
import Glibc
public import EventLoop

/// Holds one run: starts it, keeps its output, stops it when asked, writes the end record.
///
/// SIGTERM and SIGINT mean stop, as `stop.json` in the job directory says; SIGHUP means nothing, so
/// the run survives the server and its terminal. What the holder leaves are files, because it has
/// to outlive everybody who could ask.
@LoopActor
public final class Holder {
  /// Exit code when the holder itself cannot do its work, as env(1) and `docker run` use it.
  public nonisolated static let ownFailureCode: Int32 = 125

  /// Exit code of a holder that found its job held by another one; it has done nothing.
  public static let takenCode: Int32 = 75

  private let launch: LaunchRecord
  private let files: JobFiles
  private var console: Console
  private var process: SupervisedProcess?
  private var stop: StopRequest?
  private var signals: [SignalSource] = []

  /// What starts a holder: an own session, and the stop signals blocked until it can handle them,
  /// so that a stop right after the start is not lost.
  ///
  /// - Parameters:
  ///   - executable: the `agentv` binary.
  ///   - launchFile: absolute path of `launch.json`; its directory is the job directory.
  ///   - environment: the run's environment; the holder adds the cookie.
  ///   - lock: descriptor of a lock that the holder is to hold from its first moment to its last, as
  ///     its standard input; `nil` for none. Nothing that it starts inherits it.
  /// - Returns: the spec for `Supervisor.start`.
  public nonisolated static func spec(
    executable: String, launchFile: String, environment: [String: String], lock: Int32? = nil
  ) -> ProcessSpec {
    ProcessSpec(
      executable: executable, arguments: ["hold", "--spec", launchFile], environment: environment,
      isolation: .session, standardInput: lock.map { .descriptor($0) } ?? .null, output: .null,
      blockedSignals: [SIGTERM, SIGINT, SIGHUP])
  }

  /// Catches what the spec blocked, from the first line of `main` on.
  ///
  /// Not left to `run`: Dispatch parks the main thread in sigsuspend(2) with every signal let
  /// through, so one that was blocked until then would end the process.
  public nonisolated static func catchEarlySignals() {
    signal(SIGHUP, SIG_IGN)
    let bits = [SIGTERM, SIGINT].reduce(UInt64(0)) { $0 | 1 << UInt64($1 - 1) }
    agentv_note_signals(bits)
    _ = agentv_unblock_signals(bits | 1 << UInt64(SIGHUP - 1))
  }

  /// Runs the job of a launch record to its end.
  ///
  /// - Parameter launchFile: path of `launch.json`.
  /// - Returns: the exit code for the holder: the run's own, 128 + n when it was killed by signal n,
  ///   127 or 126 when it could not be started, 125 when the holder itself failed.
  public static func run(launchFile: String) async -> Int32 {
    let directory = Path.directory(launchFile)
    let holder: Holder
    do {
      let launch = try LaunchRecord.read(launchFile)
      let files = JobFiles(directory: directory, runDirectory: launch.runDirectory)
      holder = try Holder(launch: launch, files: files)
    } catch {
      let message = "agentv hold: cannot start the run: \(error)"
      StandardStream.error.write(message + "\n")
      let end = EndOfRun(exitCode: Int(ownFailureCode), error: message)
      try? JobFiles(directory: directory, runDirectory: directory).writeEnd(end)
      return ownFailureCode
    }
    return await holder.run()
  }

  private init(launch: LaunchRecord, files: JobFiles) throws {
    self.launch = launch
    self.files = files
    console = try Console(log: files.console, segments: files.segments)
  }

  private func run() async -> Int32 {
    let startedAt = Timestamp.now()
    Supervisor.shared.becomeSubreaper()
    let early = catchSignals()
    do {
      guard try files.claim(startedAt: startedAt) else { return Self.takenCode }
      if let early { return end(stoppedBefore: early) }
      let process = try Supervisor.shared.start(spec())
      self.process = process
      try? files.writeHolder(
        child: (process.pid, process.startTime), startedAt: startedAt)
      return end(await process.result())
    } catch let error as SupervisorError {
      return end(failure: error.description, code: error.shellCode)
    } catch {
      return end(failure: String(describing: error), code: Int(Self.ownFailureCode))
    }
  }

  private func spec() -> ProcessSpec {
    var environment = ProcessEnvironment.current()
    for (name, value) in launch.environmentAdditions { environment[name] = value }
    environment[CensusReport.variable] = files.censusReport
    return ProcessSpec(
      executable: launch.command[0], arguments: Array(launch.command.dropFirst()),
      environment: environment, workingDirectory: launch.workingDirectory, isolation: .session,
      output: .deliver { [weak self] stream, bytes in self?.console.append(stream, bytes) },
      cookie: [("AGENTV_JOB_ID", launch.jobID)])
  }

  // MARK: - Stop

  /// Takes the signals over from `catchEarlySignals`.
  ///
  /// Returns the stop signal that came before, if any: then nothing is started.
  private func catchSignals() -> Int32? {
    for number in [SIGTERM, SIGINT] {
      if let source = try? SignalSource(number, { [weak self] in self?.stop(by: number) }) {
        signals.append(source)
      }
    }
    let early = agentv_noted_signal()
    return early == 0 ? nil : early
  }

  private func stop(by number: Int32) {
    let request = readRequest()
    if stop == nil { stop = request }
    guard let process else { return }
    if request.force {
      stop?.force = true
      process.kill()
    } else {
      // The run has its own grace for its children, so only it is asked, and with the signal that
      // came: it tells them apart in its exit code, 130 and 143.
      process.stop(StopPolicy(signal: number, target: .leader, grace: launch.stopGrace))
    }
  }

  private func readRequest() -> StopRequest {
    files.stopRequest()
      ?? StopRequest(reason: nil, actor: "signal", force: false, requestedAt: .now())
  }

  // MARK: - End

  private func end(_ result: ProcessResult) -> Int32 {
    console.finish()
    return write(
      EndOfRun(
        exitCode: result.exit.shellCode, signal: result.exit.signalName, stopped: result.stopped,
        stop: stop, duration: result.duration, census: census(result),
        consoleBytes: console.writtenBytes, consoleCutBytes: console.cutBytes,
        usage: (result.userTime, result.systemTime, result.maxResidentBytes)))
  }

  /// Our own census, corrected by what the run says of its trees.
  private func census(_ result: ProcessResult) -> Census {
    let reported = CensusReport.read(files.censusReport)
    try? FileIO.remove(files.censusReport)
    return Census(
      CensusReport.merge(process?.ended ?? [], reported: reported),
      remaining: result.census.remaining)
  }

  private func end(stoppedBefore signal: Int32) -> Int32 {
    let exit = ExitStatus.signaled(signal)
    return write(
      EndOfRun(
        exitCode: exit.shellCode, signal: exit.signalName, stopped: true, stop: readRequest()))
  }

  private func end(failure: String, code: Int) -> Int32 {
    console.append(.stderr, Array("agentv hold: \(failure)\n".utf8))
    console.finish()
    return write(
      EndOfRun(
        exitCode: code, stopped: false, stop: stop, consoleBytes: console.writtenBytes,
        consoleCutBytes: console.cutBytes, error: failure))
  }

  private func write(_ end: EndOfRun) -> Int32 {
    do {
      try files.writeEnd(end)
    } catch {
      // The exit code still reaches a server that lives.
      StandardStream.error.write("agentv hold: \(error)\n")
    }
    return Int32(truncatingIfNeeded: end.exitCode)
  }
}
