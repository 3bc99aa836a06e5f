import ArgumentParser
import Core
import Supervisor

/// `agentv hold`: stands between the Studio and one run.
///
/// Started by the Studio only.
struct HoldCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Hold one run for the Studio.", shouldDisplay: false)

  @Option(name: .customLong("spec"), help: "The launch record of the job.")
  var specFile: String

  func run() async {
    let path = Path.absolute(specFile, in: FileIO.workingDirectory)
    ProcessEnvironment.exitNow(await Holder.run(launchFile: path))
  }
}
