import Core
import EvalFiles
import EvalRunner
import RunArtifacts
import Wizard

/// The wizard from its first question to the exit code of what it ran.
enum WizardSession {
  /// Longest time of one target call in runs of the wizard, seconds.
  private static let agentTimeoutSeconds = 120.0

  /// Whether a command line of these arguments is for the wizard: it names nothing, and there is a
  /// terminal to ask on.
  static func isWanted(_ arguments: [String]) -> Bool {
    guard arguments.isEmpty || arguments == ["eval", "run"], RawTerminal.isInteractive else {
      return false
    }
    let environment = ProcessEnvironment.current()
    let isCI = environment["CI"].map { !$0.isEmpty && $0 != "false" && $0 != "0" } ?? false
    return environment["TERM"] != "dumb" && !isCI
  }

  /// Asks, runs, remembers.
  /// - Returns: the exit code.
  static func run() async -> Int32 {
    let cwd = FileIO.workingDirectory
    let environment = ProcessEnvironment.current()
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
    let config = ProjectConfig.load(from: cwd, environment: environment)
    let project = WizardProject(cwd: cwd, home: home, patterns: config.evalPatterns)
    switch await WizardScreen.ask(Wizard(project)) {
    case .nothing(let code): return code
    case .resume(let directory):
      var options = EvalOptions()
      options.output = directory
      options.resume = true
      return await evaluate(options, environment, cwd)
    case .run(let config):
      return await run(config, home: home, environment, cwd)
    }
  }

  private static func run(
    _ chosen: LastConfig, home: String?, _ environment: [String: String], _ cwd: String
  ) async -> Int32 {
    var config = chosen
    config.timestamp = Timestamp.now().description
    config.outputDir = nil
    // Before the run as well, so that one that is killed can be repeated.
    if let home { try? config.write(home: home) }
    var options = EvalOptions()
    options.paths = config.evalPaths.map { Path.relative($0, to: cwd) }
    options.targets = [config.target].compactMap(\.self)
    options.workers = config.workers
    options.dryRun = config.dryRun
    if config.cache { options.cache = true }
    options.agentTimeoutSeconds = agentTimeoutSeconds
    let command =
      ["agentv", "eval", "run"] + options.paths
      + options.targets.flatMap { ["--target", $0] } + ["--workers", "\(config.workers)"]
      + (config.dryRun ? ["--dry-run"] : []) + (config.cache ? ["--cache"] : [])
      + ["--agent-timeout", "120"]
    StandardStream.output.write("$ \(command.joined(separator: " "))\n\n")
    var code = await evaluate(options, environment, cwd)
    config.outputDir = LastRun.read(project: cwd)
    if let home { try? config.write(home: home) }
    guard let directory = config.outputDir else { return code }
    while code < 128, case let count = errors(directory, cwd), count > 0 {
      guard await WizardScreen.confirm("Run the \(count) execution error(s) again?") else { break }
      var again = EvalOptions()
      again.output = directory
      again.resume = true
      code = await evaluate(again, environment, cwd)
    }
    return code
  }

  private static func evaluate(
    _ options: EvalOptions, _ environment: [String: String], _ cwd: String
  ) async -> Int32 {
    var options = options
    options.arguments = CommandLine.arguments
    return await EvalRun.run(options, environment: environment, workingDirectory: cwd)
  }

  private static func errors(_ directory: String, _ cwd: String) -> Int {
    let rows = try? RunDirectory(path: directory, project: cwd).read().effectiveRows
    return (rows ?? []).count { $0.executionStatus == .executionError }
  }
}
