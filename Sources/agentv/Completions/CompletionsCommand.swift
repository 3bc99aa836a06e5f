import ArgumentParser
import Core

/// `agentv completions SHELL`.
struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print the completion script of a shell.",
    discussion: """
      Completes commands, options, files, and the ids of runs, targets and eval files of the project.

      Examples:
        agentv completions bash > ~/.local/share/bash-completion/completions/agentv
        agentv completions zsh > ~/.zfunc/_agentv      (with fpath+=~/.zfunc before compinit)
        agentv completions fish > ~/.config/fish/completions/agentv.fish

      Exit codes: 0 printed; 1 unknown shell.
      """)

  /// Shells with completions.
  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish

    var parserShell: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() {
    StandardStream.output.print(
      CompletionScript.text(AgentV.completionScript(for: shell.parserShell), shell: shell))
  }
}
