import ArgumentParser
import Core
import EvalRunner

/// `agentv eval`: the group; `run` is put in when it is left out.
struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Run evaluations.",
    usage: "agentv eval [run] [PATHS...] [OPTIONS]",
    subcommands: [EvalRunCommand.self, EvalAssertCommand.self, EvalAggregateCommand.self],
    defaultSubcommand: EvalRunCommand.self)
}

/// `agentv eval run PATHS...`.
struct EvalRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run eval files, directories or globs.",
    usage: "agentv eval [run] [PATHS...] [OPTIONS]",
    discussion: """
      A stopped run goes on with: agentv eval --resume
      Exit codes: 0 done, 1 below the threshold or an error, 2 only execution errors, \
      129/130/143 stopped by SIGHUP/SIGINT/SIGTERM.
      """)

  @Argument(help: "Eval files, directories or globs; '!GLOB' leaves files out.")
  var paths: [String] = []

  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Execution") var execution: ExecutionOptions
  @OptionGroup(title: "Limits") var limits: LimitOptions
  @OptionGroup(title: "Grading") var grading: GradingOptions
  @OptionGroup(title: "Deprecated") var deprecated: DeprecatedOptions
  @OptionGroup(title: "Results") var results: ResultOptions

  func run() async throws {
    var options = EvalOptions()
    options.paths = paths.filter { !$0.isEmpty }
    options.arguments = CommandLine.arguments
    selection.apply(to: &options)
    execution.apply(to: &options)
    limits.apply(to: &options)
    grading.apply(to: &options)
    results.apply(to: &options)
    deprecated.apply(to: &options)
    let code = await EvalRun.run(
      options, environment: ProcessEnvironment.current(),
      workingDirectory: FileIO.workingDirectory)
    ProcessEnvironment.exitNow(code)
  }
}
