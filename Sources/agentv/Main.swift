import ArgumentParser
import Core
import Supervisor

/// The entry point: rewrites arguments as upstream does, and gives every wrong command line exit
/// code 1, as upstream does.
@main
enum Main {
  static func main() async {
    // First of all, because a stop may come at once; see there.
    if CommandLine.arguments.dropFirst().first == "hold" { Holder.catchEarlySignals() }
    let arguments = ArgumentRewriting.rewritten(Array(CommandLine.arguments.dropFirst()))
    if ArgumentRewriting.asksForVersion(arguments) {
      StandardStream.output.write(AgentV.version + "\n")
      return
    }
    if WizardSession.isWanted(arguments) {
      ProcessEnvironment.exitNow(await WizardSession.run())
    }
    do {
      var command = try AgentV.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
  }

  private static func end(with error: any Error) -> Never {
    let code = AgentV.exitCode(for: error)
    let message = AgentV.fullMessage(for: error)
    if !message.isEmpty {
      let stream: StandardStream = code.isSuccess ? .output : .error
      stream.write(message + "\n")
    }
    // Codes that a command chose itself stay; a wrong command line has 64 in ArgumentParser.
    ProcessEnvironment.exitNow(code == .validationFailure ? 1 : code.rawValue)
  }
}
