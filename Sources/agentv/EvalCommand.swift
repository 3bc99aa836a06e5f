import ArgumentParser
import Core
import EvalRunner

/// `agentv eval`: the group; `run` is put in when it is left out.
struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Run evaluations.",
    usage: "agentv eval [run] [PATHS...] [OPTIONS]",
    discussion: """
      The options are those of run, which may be left out: agentv eval run --help lists them.

      Examples:
        agentv eval evals
        agentv eval --resume

      Exit codes: those of the subcommand.
      """,
    subcommands: [EvalRunCommand.self, EvalAssertCommand.self, EvalAggregateCommand.self],
    defaultSubcommand: EvalRunCommand.self)
}

/// `agentv eval run PATHS...`.
struct EvalRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run eval files, directories or globs.",
    usage: "agentv eval [run] [PATHS...] [OPTIONS]",
    discussion: """
      Every finished test is on the disk before its line is shown; Ctrl+C stops the rest so that \
      it can be resumed. Without paths on a terminal, agentv and agentv eval ask what to run.

      Examples:
        agentv eval evals --target gpt --workers 5
        agentv eval 'evals/**/*.eval.yaml' --test-id 'sum-*' --threshold 0.8
        agentv eval --resume

      Exit codes: 0 done, also with failed tests; 1 a judged test below --threshold, or nothing \
      could be started; 2 only execution errors; 129, 130, 143 stopped by SIGHUP, SIGINT, SIGTERM.
      """)

  @Argument(
    help: "Eval files, directories or globs; '!GLOB' leaves files out.",
    completion: EvalCompletion.files)
  var paths: [String] = []

  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup(title: "Execution") var execution: ExecutionOptions
  @OptionGroup(title: "Limits") var limits: LimitOptions
  @OptionGroup(title: "Grading") var grading: GradingOptions
  @OptionGroup(title: "Workspaces") var workspaces: WorkspaceOptionGroup
  @OptionGroup(title: "Deprecated") var deprecated: DeprecatedOptions
  @OptionGroup(title: "Results") var results: ResultOptions

  func run() async throws {
    var options = EvalOptions()
    options.paths = paths.filter { !$0.isEmpty }
    options.arguments = CommandLine.arguments
    selection.apply(to: &options)
    execution.apply(to: &options)
    workspaces.apply(to: &options)
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
