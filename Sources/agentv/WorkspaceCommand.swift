import ArgumentParser
import Core
import EvalRunner

/// `agentv workspace`: the pool of workspaces that are kept for later runs.
struct WorkspaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workspace", abstract: "Show or remove workspaces that are kept for later runs.",
    discussion: """
      Examples:
        agentv workspace list
        agentv workspace clean --repo example/app --force

      Exit codes: 0 done; 1 something could not be read or removed.
      """,
    subcommands: [WorkspaceListCommand.self, WorkspaceCleanCommand.self])
}

/// `agentv workspace list`.
struct WorkspaceListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the workspaces of the pool: repositories, slots, size.",
    discussion: """
      Examples:
        agentv workspace list
        agentv workspace list --json

      Exit codes: 0 done; 1 the pool cannot be read.
      """)

  @Flag(help: "Print the list as JSON.")
  var json = false

  func run() throws {
    PoolCommands(
      environment: ProcessEnvironment.current(), workingDirectory: FileIO.workingDirectory
    ).list(isJSON: json)
  }
}

/// `agentv workspace clean`.
struct WorkspaceCleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean", abstract: "Remove the workspaces of the pool that no run uses.",
    discussion: """
      Examples:
        agentv workspace clean
        agentv workspace clean --repo example/app --force

      Exit codes: 0 done; 1 something could not be removed.
      """)

  @Option(help: "Only those with a repository whose URL holds this text.")
  var repo: String?

  @Flag(name: [.short, .long], help: "Do not ask.")
  var force = false

  func run() throws {
    let code = PoolCommands(
      environment: ProcessEnvironment.current(), workingDirectory: FileIO.workingDirectory
    ).clean(repo: repo, isForced: force)
    ProcessEnvironment.exitNow(code)
  }
}
