import ArgumentParser
import Core
import RunArtifacts
import RunControl

/// What every command that controls runs takes.
struct ControlOptions: ParsableArguments {
  @Option(
    name: [.short, .customLong("dir")],
    help: ArgumentHelp(
      "The project's directory (default: the nearest one upwards with .agentv/results/runs).",
      valueName: "dir"), completion: .directory)
  var directory: String?

  @Flag(help: "Print JSON instead of text.")
  var json = false

  /// The finder of the project's runs.
  var finder: RunFinder {
    let cwd = FileIO.workingDirectory
    let project =
      directory.map { Path.absolute($0, in: cwd) } ?? ProjectRoot.find(from: cwd)
    return RunFinder(project: project, workingDirectory: cwd)
  }

  /// Says why nothing was done, for people on stderr and with --json also as an object on stdout,
  /// and ends with exit code 1.
  func fail(_ error: RunControlError) -> Never {
    if json {
      StandardStream.output.write(error.json.text + "\n")
    }
    StandardStream.error.write("Error: \(error)\n")
    ProcessEnvironment.exitNow(1)
  }

  /// The only live run, when no run was named.
  /// - Parameter verb: what is to be done with it, for the message.
  /// - Returns: the run.
  /// - Throws: `RunControlError` when none or several are live.
  func onlyLive(_ verb: String) throws(RunControlError) -> NamedRun {
    let live = finder.live()
    if live.count == 1, let run = live.first { return NamedRun(directory: run.directory) }
    guard live.isEmpty else {
      let ids = live.map(\.directory.runID).joined(separator: ", ")
      throw RunControlError(
        .ambiguous, "", "\(live.count) runs are live; name the one to \(verb): \(ids)")
    }
    throw RunControlError(
      .nothing, "",
      "no run of \"\(finder.project)\" is live; name one to \(verb) (agentv ps --all lists them)")
  }
}

extension RunControlError {
  /// The error as commands print it with --json.
  var json: JSON { ["error": .string(description), "code": .string(code.rawValue)] }
}

extension StandardStream {
  /// Writes, and ends the command as a closed pipe ends others (128 + SIGPIPE) when nobody reads.
  func print(_ text: String) {
    if !write(text) { ProcessEnvironment.exitNow(141) }
  }
}
