import ArgumentParser
import Core
import RunControl

/// `agentv ps`: the runs of the project and who runs them.
struct PsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List the runs of the project that are live.",
    discussion: """
      Shows run id, job id, status, tests done of those planned, targets, time since the start, \
      process id, and who started it (terminal, studio, detached). It reads the records on disk, so \
      it works with and without a running Studio.

      Status: starting, running, stopping; with --all also finished, interrupted (can be resumed), \
      failed (never began), unknown.

      Examples:
        agentv ps
        agentv ps --all
        agentv ps --json | jq -r '.runs[].run_id'

      Exit codes: 0 listed, also when there is none; 1 wrong arguments.
      """)

  @OptionGroup var options: ControlOptions

  @Flag(name: [.short, .long], help: "Also runs that have ended.")
  var all = false

  func run() {
    let finder = options.finder
    let runs = all ? finder.directories().map(ControlledRun.init) : finder.live()
    let now = Timestamp.now()
    let lines = runs.map { RunLine($0, now: now) }
    if options.json {
      let document: JSON = [
        "project": .string(finder.project), "runs": .array(lines.map(\.json)),
      ]
      StandardStream.output.print(document.prettyText + "\n")
    } else if lines.isEmpty {
      StandardStream.output.print(all ? "No runs.\n" : "No live runs.\n")
    } else {
      StandardStream.output.print(RunTable.text(lines) + "\n")
    }
  }
}
