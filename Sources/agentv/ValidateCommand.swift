import ArgumentParser
import Core
import EvalRunner

/// `agentv validate PATHS...`.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Check eval files, targets.yaml and config.yaml.",
    discussion: """
      Nothing is run. Directories stand for the eval files in them.

      Examples:
        agentv validate evals
        agentv validate evals .agentv/targets.yaml --max-warnings 0

      Exit codes: 0 all valid; 1 a file with an error, or more warnings than --max-warnings allows.
      """)

  @Argument(help: "Files, directories or globs.")
  var paths: [String] = []

  @Option(
    name: .customLong("max-warnings"), parsing: .unconditional,
    help: "Fail when there are more warnings than this.")
  var maxWarnings: Int?

  @Option(
    name: .customLong("targets"), help: "targets.yaml, or a directory with one, to look names up.")
  var targetsFile: String?

  @Flag(help: "Print the result as JSON.")
  var json = false

  func run() throws {
    var options = ValidateOptions()
    options.paths = paths.filter { !$0.isEmpty }
    options.maxWarnings = maxWarnings
    options.targetsFile = targetsFile
    options.isJSON = json
    let code = ValidateRun.run(
      options, environment: ProcessEnvironment.current(),
      workingDirectory: FileIO.workingDirectory)
    ProcessEnvironment.exitNow(code)
  }
}
