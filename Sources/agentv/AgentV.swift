import ArgumentParser

/// The `agentv` command: parses, calls a module, maps the outcome to an exit code.
@main
struct AgentV: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agentv", abstract: "Run AI-agent evaluations, watch them live, stop and resume.",
    version: "0.1.0", subcommands: [HoldCommand.self])
}
