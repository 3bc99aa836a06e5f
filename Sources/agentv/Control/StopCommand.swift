import ArgumentParser
import Core
import EventLoop
import RunControl

/// `agentv stop RUN... | --all`.
struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop runs so that they can be resumed.",
    discussion: """
      Asks the process that runs each run, waits until it has ended and nothing that it started is \
      alive, and prints exit code, what the stop took, and how to resume. Finished tests are kept. \
      Works without a Studio: the records on disk say whom to ask, and only a process whose pid, \
      start time and lock agree with them is signalled. Stopping twice changes nothing. When the \
      process of a run is gone but programs that it started live on, those are ended.

      RUN is a run id, a run directory, a job id, or the beginning of an id that no other run shares.

      Examples:
        agentv stop 2026-05-08T09-34
        agentv stop --all --reason "machine goes down"
        agentv stop 2026-05-08T09-34 --after-current
        agentv stop studio-20260508-093000-k3x9 --force

      Exit codes: 0 every named run is at its end (also when it was before), or with --no-wait has \
      been asked; 1 a run is unknown or could not be asked; 3 something of a run is still alive.
      """)

  /// Exit code when a run, or something that it started, lives on.
  static let leftoverCode: Int32 = 3
  /// Longest reason kept, as the HTTP API has it.
  static let maximumReason = 500

  @Argument(help: "The runs to stop.", completion: RunCompletion.live)
  var runs: [String] = []

  @Flag(name: [.short, .long], help: "Stop all live runs of the project.")
  var all = false

  @Flag(help: "Kill everything at once instead of asking first.")
  var force = false

  @Flag(
    name: .customLong("after-current"),
    help: "Start no further tests and let the running ones end; no signal is sent.")
  var afterCurrent = false

  @Option(help: ArgumentHelp("Why; kept in the run, up to 500 characters.", valueName: "text"))
  var reason: String?

  @Flag(name: .customLong("no-wait"), help: "Ask, and do not wait for the end.")
  var noWait = false

  @OptionGroup var options: ControlOptions

  func validate() throws {
    if runs.isEmpty, !all {
      throw ValidationError("name the runs to stop, or use --all (agentv ps lists them)")
    }
    if !runs.isEmpty, all { throw ValidationError("name runs or use --all, not both") }
    if force, afterCurrent {
      throw ValidationError(
        "--force kills the running tests and --after-current lets them end: choose one")
    }
    if let reason, reason.count > Self.maximumReason {
      throw ValidationError(
        "--reason must not be longer than \(Self.maximumReason) characters; it has \(reason.count)")
    }
  }

  func run() async {
    let finder = options.finder
    var named: [NamedRun] = []
    var errors: [RunControlError] = []
    if all {
      named = finder.live().map { NamedRun(directory: $0.directory) }
    } else {
      for name in runs {
        do throws(RunControlError) {
          let run = try finder.find(name)
          if !named.contains(run) { named.append(run) }
        } catch {
          errors.append(error)
        }
      }
    }
    let (reports, failures) = await stop(named)
    errors += failures
    finish(reports, errors)
  }

  private func stop(_ named: [NamedRun]) async -> ([StopReport], [RunControlError]) {
    let text = reason.map { String($0.drop { $0 == " " }) }
    let request = StopRequest(
      reason: text?.isEmpty == false ? text : nil, actor: "cli",
      mode: afterCurrent ? .afterCurrent : force ? .force : .now, requestedAt: .now())
    let waits = !noWait
    let isQuiet = options.json
    return await withTaskGroup(of: Result<StopReport, RunControlError>.self) { group in
      for run in named {
        group.addTask {
          do throws(RunControlError) {
            return .success(
              try await RunStopper.stop(run.directory, request, waits: waits) { line in
                if !isQuiet { StandardStream.output.print(line + "\n") }
              })
          } catch {
            return .failure(error)
          }
        }
      }
      var reports: [StopReport] = []
      var failures: [RunControlError] = []
      for await result in group {
        switch result {
        case .success(let report):
          reports.append(report)
          if !isQuiet { StandardStream.output.print(RunTable.printableLines(report.text) + "\n") }
        case .failure(let error): failures.append(error)
        }
      }
      return (reports, failures)
    }
  }

  private func finish(_ reports: [StopReport], _ errors: [RunControlError]) -> Never {
    if options.json {
      let document: JSON = [
        "runs": .array(reports.sorted { $0.runID < $1.runID }.map(\.json)),
        "errors": .array(errors.map(\.json)),
      ]
      StandardStream.output.print(document.prettyText + "\n")
    } else if all, reports.isEmpty, errors.isEmpty {
      StandardStream.output.print("No live runs.\n")
    }
    for error in errors { StandardStream.error.write("Error: \(error)\n") }
    if !errors.isEmpty { ProcessEnvironment.exitNow(1) }
    ProcessEnvironment.exitNow(reports.allSatisfy(\.isClean) ? 0 : Self.leftoverCode)
  }
}
