import ArgumentParser
import Core
import EventLoop
import RunArtifacts
import RunControl

/// `agentv logs RUN`: what a run printed.
struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Print the output of a run that the Studio or --detach started.",
    discussion: """
      The output of such a run is kept in console.log of its directory. What the run wrote to stderr \
      goes to stderr. A job id prints that job only, another RUN all starts of the run. A run that was \
      started in a terminal keeps its output there. With --json one object a line: stream, offset, \
      text.

      Examples:
        agentv logs 2026-05-08T09-34 --tail 20
        agentv logs studio-20260508-093000-k3x9 -f
        agentv logs 2026-05-08T09-34 --stderr

      Exit codes: 0 printed; 1 no such run, or no output kept; 141 nobody read it to its end.
      """)

  @Argument(
    help: "The run: its id, directory, job id, or a unique beginning of an id.",
    completion: RunCompletion.all)
  var run: String

  @Flag(name: [.short, .long], help: "Go on until the run has ended.")
  var follow = false

  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional,
    help: ArgumentHelp("Only the last lines (default: all).", valueName: "lines"))
  var tail: Int?

  @Flag(help: "Only what was written to stdout.")
  var stdout = false

  @Flag(help: "Only what was written to stderr.")
  var stderr = false

  @OptionGroup var options: ControlOptions

  func validate() throws {
    if let tail, tail < 0 { throw ValidationError("--tail must be 0 or more; it is \(tail)") }
  }

  func run() async {
    do throws(RunControlError) {
      let named = try options.finder.find(run)
      let streams = Set(
        OutputStreamName.allCases.filter { stream in
          stdout == stderr || (stream == .stdout) == stdout
        })
      var log = LogTail(named.directory, jobID: named.jobID, streams: streams)
      guard log.exists || follow else {
        throw RunControlError(
          .noOutput, named.directory.runID,
          "no output was kept: it was started in a terminal; its results: agentv watch "
            + ShellWord.quoted(named.directory.runID))
      }
      if let tail { log.skip(toLast: tail) }
      await print(log, named)
    } catch {
      options.fail(error)
    }
    ProcessEnvironment.exitNow(0)
  }

  private func print(_ log: LogTail, _ named: NamedRun) async {
    let printer = await LogPrinter(asJSON: options.json)
    guard follow else {
      var log = log
      var pieces = log.next()
      while !pieces.isEmpty {
        await printer.take(pieces)
        pieces = log.next()
      }
      return await printer.finish()
    }
    let follower = await LogFollower(named.directory, from: log) { printer.take($0) }
    _ = await follower.untilEnd()
    await printer.finish()
  }
}

/// Prints pieces of output.
@LoopActor
private final class LogPrinter {
  private let asJSON: Bool
  private var decoders = [
    OutputStreamName.stdout: OutputDecoder(stream: .stdout, tailLimit: 0),
    OutputStreamName.stderr: OutputDecoder(stream: .stderr, tailLimit: 0),
  ]
  private var end = 0

  init(asJSON: Bool) { self.asJSON = asJSON }

  func take(_ pieces: [LogPiece]) {
    for piece in pieces {
      guard asJSON else {
        let stream: StandardStream = piece.stream == .stdout ? .output : .error
        if !stream.write(piece.bytes) { ProcessEnvironment.exitNow(141) }
        continue
      }
      end = piece.offset + piece.bytes.count
      if let text = decoders[piece.stream]?.decode(piece.bytes, offset: piece.offset) { tell(text) }
    }
  }

  func finish() {
    guard asJSON else { return }
    for stream in OutputStreamName.allCases {
      if let text = decoders[stream]?.finish(at: end) { tell(text) }
    }
  }

  private func tell(_ text: OutputText) { StandardStream.output.print(text.json.text + "\n") }
}
