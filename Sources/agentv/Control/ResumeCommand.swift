import ArgumentParser
import Core
import EvalRunner
import EventLoop
import RunArtifacts
import RunControl

/// `agentv resume [RUN]`.
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with a run that was stopped or broke.",
    discussion: """
      Runs what has no result yet and what had an execution error, with the launch that the run \
      stored: files, targets, filters, threshold, workers. Without RUN: the last run of the project. \
      The same as agentv eval --resume --output DIR, which also takes options that change the launch.

      RUN is a run id, a run directory, a job id, or the beginning of an id that no other run shares.

      Examples:
        agentv resume
        agentv resume 2026-05-08T09-34 --rerun-failed
        agentv resume 2026-05-08T09-34 --detach && agentv watch

      Exit codes: those of agentv eval; with --detach 0 started or nothing to do, 1 not started.
      """)

  @Argument(help: "The run.", completion: RunCompletion.all)
  var run: String?

  @Flag(
    name: .customLong("rerun-failed"), help: "Also run again what was judged and is not ok.")
  var rerunFailed = false

  @Flag(help: "Run it in the background under a holder; agentv logs, watch and stop reach it.")
  var detach = false

  @OptionGroup var options: ControlOptions

  func validate() throws {
    if options.json, !detach {
      throw ValidationError(
        "--json needs --detach; in the foreground the run prints what agentv eval prints")
    }
  }

  func run() async {
    let directory: RunDirectory
    do throws(RunControlError) {
      directory = try named()
      let state = ControlledRun(directory)
      guard !state.isLive else {
        throw RunControlError(
          .live, directory.runID,
          "it is \(state.state.rawValue) already; watch it with: agentv watch "
            + ShellWord.quoted(directory.runID))
      }
      if detach { try await startDetached(directory, state) }
    } catch {
      self.options.fail(error)
    }
    var options = EvalOptions()
    options.output = directory.path
    options.resume = !rerunFailed
    options.rerunFailed = rerunFailed
    options.arguments = CommandLine.arguments
    let code = await EvalRun.run(
      options, environment: ProcessEnvironment.current(),
      workingDirectory: FileIO.workingDirectory)
    ProcessEnvironment.exitNow(code)
  }

  private func named() throws(RunControlError) -> RunDirectory {
    if let run { return try options.finder.find(run).directory }
    let project = options.finder.project
    guard let last = LastRun.read(project: project) else {
      throw RunControlError(
        .nothing, "", "\"\(project)\" has no last run; name one (agentv ps --all lists them)")
    }
    return RunDirectory(path: last, project: project)
  }

  private func startDetached(
    _ directory: RunDirectory, _ state: ControlledRun
  ) async throws(RunControlError) {
    let executable = FileIO.readLink("/proc/self/exe") ?? CommandLine.arguments[0]
    let cwd = state.record?.cwd ?? options.finder.project
    let started = try await DetachedLaunch.start(
      executable: executable,
      arguments: [
        "eval", "run", "--output=\(directory.path)", rerunFailed ? "--rerun-failed" : "--resume",
      ], directory: directory, workingDirectory: cwd,
      environment: ProcessEnvironment.current())
    let id = ShellWord.quoted(directory.runID)
    let run = started.run
    let code = run.isLive ? 0 : Int32(truncatingIfNeeded: run.jobEnd?.exitCode ?? 1)
    if options.json {
      StandardStream.output.print(RunLine(run, now: .now()).json.prettyText + "\n")
    } else if run.isLive {
      StandardStream.output.print(
        """
        Resumed \(directory.runID) as job \(started.jobID), process \(run.pid ?? 0).
          Watch it with: agentv watch \(id)
          Stop it with: agentv stop \(id)

        """)
    } else {
      StandardStream.output.print("The run has ended already, with exit code \(code):\n")
      var log = LogTail(directory, jobID: started.jobID, streams: [.stdout, .stderr])
      log.skip(toLast: 20)
      for piece in log.next() { StandardStream.output.write(piece.bytes) }
    }
    ProcessEnvironment.exitNow(code)
  }
}
