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
    // The Studio may have many connections; what it starts gets the limit that it was started with.
    if let limit = ProcessEnvironment.current()["AGENTV_OPEN_FILES"].flatMap({ Int($0) }) {
      ProcessEnvironment.setOpenFiles(limit)
    }
    let path = Path.absolute(specFile, in: FileIO.workingDirectory)
    ProcessEnvironment.exitNow(await Holder.run(launchFile: path))
  }
}
