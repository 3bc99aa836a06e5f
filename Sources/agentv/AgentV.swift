import ArgumentParser

/// The `agentv` command: parses, calls a module, maps the outcome to an exit code.
struct AgentV: AsyncParsableCommand {
  /// Version of this build.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "agentv", abstract: "Run AI-agent evaluations, watch them live, stop and resume.",
    version: version,
    subcommands: [
      EvalCommand.self, ValidateCommand.self, WorkspaceCommand.self, StudioCommand.self,
      PsCommand.self, WatchCommand.self, LogsCommand.self, StopCommand.self, ResumeCommand.self,
      ResultsCommand.self, InspectCommand.self, CompareCommand.self, TrendCommand.self,
      ConvertCommand.self, TrimCommand.self, ImportCommand.self, InitCommand.self,
      CreateCommand.self, CompletionsCommand.self, HoldCommand.self, GuardCommand.self,
    ])
}
