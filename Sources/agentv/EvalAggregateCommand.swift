import ArgumentParser
import Core
import EvalRunner

/// `agentv eval aggregate RUN_DIR`.
struct EvalAggregateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aggregate",
    abstract: "Make benchmark.json and timing.json of a run anew from its rows.")

  @Argument(help: ArgumentHelp("The run directory, or its index.jsonl.", valueName: "run"))
  var directory: String

  func run() throws {
    ProcessEnvironment.exitNow(
      RunAggregation.run(directory, workingDirectory: FileIO.workingDirectory))
  }
}
