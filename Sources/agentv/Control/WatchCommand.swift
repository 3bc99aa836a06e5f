import ArgumentParser
import Core
import RunControl

/// `agentv watch [RUN]`: follows a run until its end.
struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow a run live until its end.",
    discussion: """
      Prints each test as it finishes, and the summary at the end. Without RUN: the only live run. \
      Ctrl+C ends the watching and leaves the run alone. With --json one object a line: begun, row, \
      progress, status, end.

      RUN is a run id, a run directory, a job id, or the beginning of an id that no other run shares.

      Examples:
        agentv watch
        agentv watch 2026-05-08T09-34
        agentv watch studio-20260508-093000-k3x9 --json

      Exit codes: that of the run; 1 when it cannot be told or no such run exists; 130 after Ctrl+C.
      """)

  @Argument(help: "The run.", completion: RunCompletion.all)
  var run: String?

  @OptionGroup var options: ControlOptions

  func run() async {
    let directory: NamedRun
    do {
      directory = try run.map { try options.finder.find($0) } ?? options.onlyLive("watch")
    } catch let error as RunControlError {
      options.fail(error)
    } catch {
      options.fail(RunControlError(.unknown, run ?? "", "\(error)"))
    }
    ProcessEnvironment.exitNow(
      await WatchPrinter.watch(directory.directory, asJSON: options.json))
  }
}
