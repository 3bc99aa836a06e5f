import ArgumentParser
import Core
import Supervisor

/// `agentv guard`: ends the processes of a run that was killed.
///
/// Started by `agentv eval` only.
struct GuardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guard", abstract: "End what a killed run has left.", shouldDisplay: false)

  @Option(help: "The mark of the run's processes.")
  var mark: String

  func run() { ProcessEnvironment.exitNow(TreeGuard.run(mark: mark)) }
}
