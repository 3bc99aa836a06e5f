import ArgumentParser
import Core
import EvalRunner

/// `agentv eval aggregate RUN_DIR`.
struct EvalAggregateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aggregate",
    abstract: "Make benchmark.json and timing.json of a run anew from its rows.",
    discussion: """
      Rows are only read; of several rows of a test the last one counts.

      Examples:
        agentv eval aggregate .agentv/results/runs/default/2026-05-08T09-34-33-123Z
        agentv eval aggregate out/index.jsonl

      Exit codes: 0 written; 1 no such run, or it is being written.
      """)

  @Argument(help: ArgumentHelp("The run directory, or its index.jsonl.", valueName: "run"))
  var directory: String

  func run() throws {
    ProcessEnvironment.exitNow(
      RunAggregation.run(directory, workingDirectory: FileIO.workingDirectory))
  }
}
